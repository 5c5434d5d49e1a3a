"""The typed client of the OMS: the only way in for the bot, the actions and the console; a file for each noun."""

from __future__ import annotations

from backend.client.books import BookCalls
from backend.client.carts import CartCalls
from backend.client.catalog import CatalogCalls
from backend.client.consents import ConsentCalls
from backend.client.customers import CustomerCalls
from backend.client.data_requests import DataRequestCalls
from backend.client.desk import DeskCalls
from backend.client.discounts import DiscountCalls
from backend.client.fulfillment import FulfillmentCalls
from backend.client.identities import IdentityCalls
from backend.client.insights import InsightCalls
from backend.client.invoices import InvoiceCalls
from backend.client.orders import OrderCalls
from backend.client.partners import PartnerCalls
from backend.client.payment_proofs import PaymentProofCalls
from backend.client.payments import PaymentCalls
from backend.client.picking import PickingCalls
from backend.client.quotes import QuoteCalls
from backend.client.receivables import ReceivableCalls
from backend.client.returns import ReturnCalls
from backend.client.shipping import ShippingCalls
from backend.client.staff import StaffCalls
from backend.client.stock import StockCalls
from backend.client.suggestions import SuggestionCalls
from backend.client.webhooks import WebhookCalls
from backend.client.wire import BackendUnavailable
from backend.schemas.customers import ContactPreferences, IdentityKnown

__all__ = ["BackendClient", "BackendUnavailable", "ContactPreferences", "IdentityKnown"]


class BackendClient(
    CatalogCalls,
    CustomerCalls,
    IdentityCalls,
    ConsentCalls,
    CartCalls,
    OrderCalls,
    InvoiceCalls,
    BookCalls,
    ReceivableCalls,
    SuggestionCalls,
    DeskCalls,
    DataRequestCalls,
    DiscountCalls,
    StaffCalls,
    FulfillmentCalls,
    PickingCalls,
    StockCalls,
    PartnerCalls,
    WebhookCalls,
    ShippingCalls,
    PaymentCalls,
    ReturnCalls,
    PaymentProofCalls,
    QuoteCalls,
    InsightCalls,
):
    """Calls the OMS at `base_url` with the authority of `token`.

    Every mutation takes `key`, the name of the logical act: repeating a call with the same key never repeats the act.

    Raises: the `kernel.errors` class of the refusal, with its `code` and `params`; BackendUnavailable.
    """
