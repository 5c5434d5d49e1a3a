"""The typed client of the OMS: the only way in for the bot, the actions and the console."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from backend.schemas import inventory as stock
from backend.schemas.approval import ApproveOrder, RejectOrder
from backend.schemas.calendar import CalendarAnswer, SpecialDayAnswer, SpecialDayFacts, Week
from backend.schemas.carts import Cart, CartChange, CartChanges, CheckoutChoice, Confirmation, ShortageChoice
from backend.schemas.catalog import Category, LineToResolve, ResolveAnswer, ResolveRequest, SearchAnswer, Variant
from backend.schemas.claims import Claim, NewClaim
from backend.schemas.customers import (
    Address,
    ContactPreferences,
    Customer,
    CustomerChange,
    Identity,
    IdentityResolved,
    NewAddress,
    PreferencesChange,
)
from backend.schemas.fulfillment import (
    CollectOrder,
    Fulfillment,
    FulfillmentPage,
    PackOrder,
    PackParcel,
    Pick,
    PickList,
    PickOrder,
    ResetPickup,
    ResolveShortage,
    ShipOrder,
    Shortage,
    Shortages,
    StartPicking,
)
from backend.schemas.inventory import StockAnswer
from backend.schemas.mail import Mail, MailPage
from backend.schemas.orders import (
    CancelOrder,
    ChangeOrder,
    Order,
    OrderChangePreview,
    OrderPage,
    PlaceOrder,
    Repeated,
    StaffOrder,
)
from backend.schemas.shipping import (
    CarrierAnswer,
    NewRate,
    NewTrackingEvent,
    RateAnswer,
    RateChange,
    StaffShipment,
    Tracking,
    ZoneAnswer,
    ZoneFacts,
)
from backend.schemas.shop import Shop
from backend.schemas.staff import SignIn, StaffSession
from backend.schemas.suggestions import CuratedPair, MaybeSuggestion, Pair, Suggestion, SuggestionReport
from kernel import tls
from kernel.errors import Unavailable, from_problem

__all__ = ["BackendClient", "BackendUnavailable", "ContactPreferences"]

TIMEOUT = httpx.Timeout(10.0, connect=2.0)
Model = TypeVar("Model", bound=BaseModel)


class BackendUnavailable(Unavailable):
    """The OMS cannot be reached, or answered something that is not its language: the outcome is unknown."""

    code, title = "backend_unavailable", "The order system does not answer"


class BackendClient:
    """Calls the OMS at `base_url` with the authority of `token`.

    Every mutation takes `key`, the name of the logical act: repeating a call with the same key never repeats the act.

    Raises: the `kernel.errors` class of the refusal, with its `code` and `params`; BackendUnavailable.
    """

    def __init__(self, base_url: str, token: str = "", transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/") + "/",
            transport=transport,
            timeout=TIMEOUT,
            # The OMS is a neighbour: a proxy meant for the world outside has no business between us.
            trust_env=False,
            verify=tls.context(),
        )
        self._token = token

    def with_token(self, token: str) -> Self:
        """The same connections, with someone else's authority. Close only the original."""
        other = object.__new__(type(self))
        other._http, other._token = self._http, token
        return other

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # shop and catalog

    async def shop(self) -> Shop:
        return await self._get(Shop, "shop")

    async def search(self, query: str, limit: int = 10) -> SearchAnswer:
        return await self._get(SearchAnswer, "catalog/search", q=query, limit=limit)

    async def variant(self, sku: str) -> Variant:
        return await self._get(Variant, f"catalog/variants/{_segment(sku)}")

    async def categories(self) -> list[Category]:
        return await self._list(Category, "catalog/categories")

    async def category_variants(self, code: str) -> list[Variant]:
        return await self._list(Variant, f"catalog/categories/{_segment(code)}/variants")

    async def resolve(self, lines: Sequence[LineToResolve], language: str) -> ResolveAnswer:
        """What the customer's words for products mean. Changes nothing."""
        body = ResolveRequest.model_validate({"lines": list(lines), "language": language})
        return await self._send(ResolveAnswer, "POST", "catalog/resolve", body)

    # customers

    async def resolve_identity(self, channel: str, external_id: str) -> IdentityResolved:
        """The customer behind a channel identity, made on first sight. Needs a service token."""
        body = Identity(channel=channel, external_id=external_id)
        key = f"identity:{channel}:{external_id}"
        return await self._send(IdentityResolved, "PUT", "customers/identities", body, key=key)

    async def me(self) -> Customer:
        return await self._get(Customer, "customers/me")

    async def change_me(self, name: str | None = None, *, email: str | None = None, key: str) -> Customer:
        return await self._send(Customer, "PATCH", "customers/me", CustomerChange(name=name, email=email), key=key)

    async def addresses(self) -> list[Address]:
        return await self._list(Address, "customers/me/addresses")

    async def add_address(self, text: str, *, key: str) -> Address:
        return await self._send(Address, "POST", "customers/me/addresses", NewAddress(text=text), key=key)

    async def preferences(self) -> ContactPreferences:
        return await self._get(ContactPreferences, "customers/me/preferences")

    async def change_preferences(
        self, *, order_updates: bool | None = None, marketing: bool | None = None, key: str
    ) -> ContactPreferences:
        """What I want to hear of; what is not said stays as it is."""
        body = PreferencesChange(order_updates=order_updates, marketing=marketing)
        return await self._send(ContactPreferences, "PUT", "customers/me/preferences", body, key=key)

    async def preferences_of(self, customer_id: str) -> ContactPreferences:
        """What a customer wants to hear of. Needs a service token."""
        return await self._get(ContactPreferences, f"customers/{_segment(customer_id)}/preferences")

    # cart

    async def cart(self) -> Cart:
        return await self._get(Cart, "cart")

    async def change_cart(self, changes: Sequence[CartChange], *, key: str) -> Cart:
        """All of the changes or none of them."""
        return await self._send(Cart, "POST", "cart/changes", CartChanges(changes=list(changes)), key=key)

    async def choose_checkout(
        self,
        *,
        address_id: str | None = None,
        address_text: str | None = None,
        payment_method: str | None = None,
        pickup_location: str | None = None,
        key: str,
    ) -> Cart:
        body = CheckoutChoice(
            address_id=address_id,
            address_text=address_text,
            payment_method=payment_method,
            pickup_location=pickup_location,
        )
        return await self._send(Cart, "PUT", "cart/checkout", body, key=key)

    async def resolve_cart_shortage(
        self,
        sku: str,
        choice: Literal["wait", "drop", "substitute", "reduce"],
        substitute_sku: str | None = None,
        *,
        key: str,
    ) -> Cart:
        """One of the choices that came with the refusal `out_of_stock`."""
        body = ShortageChoice(sku=sku, choice=choice, substitute_sku=substitute_sku)
        return await self._send(Cart, "PUT", "cart/shortages", body, key=key)

    async def confirm_cart(self, *, key: str) -> Confirmation:
        """A confirmation to show the customer: it stands for this very content."""
        return await self._send(Confirmation, "POST", "cart/confirmation", None, key=key)

    # orders

    async def place_order(self, confirmation: str) -> Order:
        """Place what was confirmed. A repeat gives the same order."""
        key = f"order:place:{confirmation}"
        return await self._send(Order, "POST", "orders", PlaceOrder(confirmation=confirmation), key=key)

    async def orders(self, limit: int = 10) -> list[Order]:
        """The customer's orders, newest first."""
        return await self._list(Order, "orders", limit=limit)

    async def order(self, number: str) -> Order:
        return await self._get(Order, f"orders/{_segment(number)}")

    async def cancel_order(self, number: str, reason: str | None = None, *, key: str) -> Order:
        return await self._send(Order, "POST", f"orders/{_segment(number)}/cancel", CancelOrder(reason=reason), key=key)

    async def repeat_order(self, number: str = "latest", *, key: str) -> Repeated:
        """Put the lines of an order into the cart again."""
        return await self._send(Repeated, "POST", f"orders/{_segment(number)}/repeat", None, key=key)

    # suggestions

    async def suggest(self, *, key: str) -> Suggestion | None:
        """What goes well with the open cart: at most one offer a cart, None if there is nothing to offer."""
        return (await self._send(MaybeSuggestion, "POST", "suggestions", None, key=key)).root

    async def accept_suggestion(self, suggestion_id: str, *, key: str) -> Cart:
        """Put one usual unit of it into the cart."""
        return await self._send(Cart, "POST", f"suggestions/{_segment(suggestion_id)}/accept", None, key=key)

    async def decline_suggestion(self, suggestion_id: str, *, key: str) -> Cart:
        """Not this: it is never offered to the customer again."""
        return await self._send(Cart, "POST", f"suggestions/{_segment(suggestion_id)}/decline", None, key=key)

    async def pairs(self, sku: str | None = None, source: str | None = None) -> list[Pair]:
        return await self._list(Pair, "staff/suggestions", sku=sku, source=source)

    async def curate_pair(self, sku: str, suggested_sku: str, score: int, *, key: str) -> Pair:
        path = f"staff/suggestions/{_segment(sku)}/{_segment(suggested_sku)}"
        return await self._send(Pair, "PUT", path, CuratedPair(score=score), key=key)

    async def withdraw_pair(self, sku: str, suggested_sku: str, *, key: str) -> Pair:
        path = f"staff/suggestions/{_segment(sku)}/{_segment(suggested_sku)}"
        return await self._send(Pair, "DELETE", path, None, key=key)

    async def suggestion_report(self, days: int = 30) -> SuggestionReport:
        return await self._get(SuggestionReport, "staff/suggestions/report", days=days)

    async def shortages(self, number: str) -> list[Shortage]:
        """What the customer has to decide."""
        return (await self._get(Shortages, f"orders/{_segment(number)}/shortages")).shortages

    async def resolve_shortage(
        self, number: str, shortage: str, resolution: str, substitute_sku: str | None = None, *, key: str
    ) -> Order:
        """`resolution` is wait, substitute or drop."""
        body = ResolveShortage.model_validate({"resolution": resolution, "substitute_sku": substitute_sku})
        path = f"orders/{_segment(number)}/shortages/{_segment(shortage)}"
        return await self._send(Order, "POST", path, body, key=key)

    # fulfillment

    async def fulfillments(
        self, *, location: str | None = None, status: Sequence[str] = (), cursor: str | None = None
    ) -> FulfillmentPage:
        """The queue, the oldest first."""
        given = {"location": location, "status": list(status) or None, "cursor": cursor}
        return await self._get(FulfillmentPage, "staff/fulfillments", **given)

    async def fulfillment(self, number: str) -> Fulfillment:
        return await self._get(Fulfillment, f"staff/fulfillments/{_segment(number)}")

    async def pick_list(self, *numbers: str) -> PickList:
        """One walk for all of them."""
        return await self._get(PickList, "staff/fulfillments/pick-list", number=list(numbers))

    async def start_picking(self, number: str, version: int, *, key: str) -> Fulfillment:
        return await self._fulfil(number, "start", StartPicking(version=version), key)

    async def pick_order(self, number: str, version: int, picks: Sequence[Pick], *, key: str) -> Fulfillment:
        return await self._fulfil(number, "picks", PickOrder(version=version, picks=list(picks)), key)

    async def pack_order(self, number: str, version: int, parcels: Sequence[PackParcel], *, key: str) -> Fulfillment:
        return await self._fulfil(number, "parcels", PackOrder(version=version, parcels=list(parcels)), key)

    async def ship_order(
        self,
        number: str,
        version: int,
        carrier: str,
        *,
        shipment: str | None = None,
        tracking_number: str | None = None,
        tracking_url: str | None = None,
        key: str,
    ) -> Fulfillment:
        body = ShipOrder(
            version=version,
            shipment=shipment,
            carrier=carrier,
            tracking_number=tracking_number,
            tracking_url=tracking_url,
        )
        return await self._fulfil(number, "ship", body, key)

    async def collect_order(self, number: str, code: str, *, key: str) -> Fulfillment:
        return await self._fulfil(number, "collect", CollectOrder(code=code), key)

    async def reset_pickup(self, number: str, version: int, *, key: str) -> Fulfillment:
        return await self._fulfil(number, "collect/reset", ResetPickup(version=version), key)

    async def staff_resolve_shortage(
        self, number: str, shortage: str, resolution: str, substitute_sku: str | None = None, *, key: str
    ) -> Order:
        body = ResolveShortage.model_validate({"resolution": resolution, "substitute_sku": substitute_sku})
        path = f"staff/orders/{_segment(number)}/shortages/{_segment(shortage)}"
        return await self._send(Order, "POST", path, body, key=key)

    async def staff_cancel_order(self, number: str, reason: str | None = None, *, key: str) -> Order:
        path = f"staff/orders/{_segment(number)}/cancel"
        return await self._send(Order, "POST", path, CancelOrder(reason=reason), key=key)

    async def _fulfil(self, number: str, step: str, body: BaseModel, key: str) -> Fulfillment:
        return await self._send(Fulfillment, "POST", f"staff/fulfillments/{_segment(number)}/{step}", body, key=key)

    async def open_claim(self, number: str, note: str | None = None, *, key: str) -> Claim:
        """Say that something is wrong with an order."""
        return await self._send(Claim, "POST", f"orders/{_segment(number)}/claims", NewClaim(note=note), key=key)

    # staff

    async def sign_in(self, email: str, password: str) -> StaffSession:
        return await self._send(StaffSession, "POST", "staff/sessions", SignIn(email=email, password=password))

    async def propose_order_change(self, number: str, change: ChangeOrder, *, key: str) -> OrderChangePreview:
        """What the customer's order would become; `apply_order_change` does it."""
        return await self._send(OrderChangePreview, "POST", f"orders/{_segment(number)}/changes", change, key=key)

    async def apply_order_change(self, number: str, confirmation: str, *, key: str) -> Order:
        path = f"orders/{_segment(number)}/changes/{_segment(confirmation)}"
        return await self._send(Order, "POST", path, None, key=key)

    async def approve_order(self, number: str, decision: ApproveOrder, *, key: str) -> Order:
        return await self._send(Order, "POST", f"staff/orders/{_segment(number)}/approve", decision, key=key)

    async def reject_order(self, number: str, decision: RejectOrder, *, key: str) -> Order:
        return await self._send(Order, "POST", f"staff/orders/{_segment(number)}/reject", decision, key=key)

    async def staff_orders(self, status: str | None = None, cursor: str | None = None) -> OrderPage:
        return await self._get(OrderPage, "staff/orders", status=status, cursor=cursor)

    async def staff_order(self, number: str) -> StaffOrder:
        return await self._get(StaffOrder, f"staff/orders/{_segment(number)}")

    # stock, for staff

    async def staff_stock(
        self, sku: str | None = None, location: str | None = None, cursor: str | None = None
    ) -> StockAnswer:
        return await self._get(StockAnswer, "staff/stock", sku=sku, location=location, cursor=cursor)

    async def stock_moves(
        self, sku: str | None = None, location: str | None = None, cursor: str | None = None
    ) -> stock.StockMoves:
        return await self._get(stock.StockMoves, "staff/stock/moves", sku=sku, location=location, cursor=cursor)

    async def receive_stock(self, receipt: stock.StockReceipt, *, key: str) -> stock.StockReceived:
        return await self._send(stock.StockReceived, "POST", "staff/stock/receipts", receipt, key=key)

    async def incoming_stock(self, sku: str | None = None) -> list[stock.Incoming]:
        return await self._list(stock.Incoming, "staff/stock/incoming", sku=sku)

    async def announce_incoming(self, incoming: stock.NewIncoming, *, key: str) -> stock.Incoming:
        return await self._send(stock.Incoming, "POST", "staff/stock/incoming", incoming, key=key)

    async def transfer_stock(self, transfer: stock.StockTransfer, *, key: str) -> StockAnswer:
        return await self._send(StockAnswer, "POST", "staff/stock/transfers", transfer, key=key)

    async def adjust_stock(self, adjustment: stock.StockAdjustment, *, key: str) -> StockAnswer:
        return await self._send(StockAnswer, "POST", "staff/stock/adjustments", adjustment, key=key)

    async def count_stock(self, count: stock.NewStockCount, *, key: str) -> stock.StockCount:
        return await self._send(stock.StockCount, "POST", "staff/stock/counts", count, key=key)

    async def stock_thresholds(self, *, only_low: bool = False) -> list[stock.Threshold]:
        return await self._list(stock.Threshold, "staff/stock/thresholds", low=only_low)

    async def set_stock_threshold(self, threshold: stock.NewThreshold, *, key: str) -> stock.Threshold:
        return await self._send(stock.Threshold, "PUT", "staff/stock/thresholds", threshold, key=key)

    async def forget_stock_threshold(self, location: str, sku: str, *, key: str) -> stock.Threshold:
        path = f"staff/stock/thresholds/{_segment(location)}/{_segment(sku)}"
        return await self._send(stock.Threshold, "DELETE", path, None, key=key)

    async def stock_locations(self) -> list[stock.Location]:
        return await self._list(stock.Location, "staff/stock/locations")

    async def open_location(self, location: stock.NewLocation, *, key: str) -> stock.Location:
        return await self._send(stock.Location, "POST", "staff/stock/locations", location, key=key)

    async def change_location(self, code: str, change: stock.LocationChange, *, key: str) -> stock.Location:
        return await self._send(stock.Location, "PATCH", f"staff/stock/locations/{_segment(code)}", change, key=key)

    async def stock_bins(self, location: str) -> list[stock.Bin]:
        return await self._list(stock.Bin, f"staff/stock/locations/{_segment(location)}/bins")

    async def put_up_bin(self, location: str, shelf: stock.NewBin, *, key: str) -> stock.Bin:
        return await self._send(stock.Bin, "POST", f"staff/stock/locations/{_segment(location)}/bins", shelf, key=key)

    async def change_bin(self, location: str, code: str, change: stock.BinChange, *, key: str) -> stock.Bin:
        path = f"staff/stock/locations/{_segment(location)}/bins/{_segment(code)}"
        return await self._send(stock.Bin, "PATCH", path, change, key=key)

    # shipping and calendar, for staff

    async def staff_shipment(self, number: str) -> StaffShipment:
        return await self._get(StaffShipment, f"staff/shipments/{_segment(number)}")

    async def enter_tracking_event(self, number: str, event: NewTrackingEvent, *, key: str) -> StaffShipment:
        return await self._send(StaffShipment, "POST", f"staff/shipments/{_segment(number)}/events", event, key=key)

    async def carriers(self) -> list[CarrierAnswer]:
        return await self._list(CarrierAnswer, "staff/shipping/carriers")

    async def zones(self) -> list[ZoneAnswer]:
        return await self._list(ZoneAnswer, "staff/shipping/zones")

    async def put_zone(self, code: str, facts: ZoneFacts, *, key: str) -> ZoneAnswer:
        return await self._send(ZoneAnswer, "PUT", f"staff/shipping/zones/{_segment(code)}", facts, key=key)

    async def remove_zone(self, code: str, *, key: str) -> ZoneAnswer:
        return await self._send(ZoneAnswer, "DELETE", f"staff/shipping/zones/{_segment(code)}", None, key=key)

    async def rates(self) -> list[RateAnswer]:
        return await self._list(RateAnswer, "staff/shipping/rates")

    async def add_rate(self, rate: NewRate, *, key: str) -> RateAnswer:
        return await self._send(RateAnswer, "POST", "staff/shipping/rates", rate, key=key)

    async def change_rate(self, rate_id: str, price_minor: int, *, key: str) -> RateAnswer:
        body = RateChange(price_minor=price_minor)
        return await self._send(RateAnswer, "PATCH", f"staff/shipping/rates/{_segment(rate_id)}", body, key=key)

    async def remove_rate(self, rate_id: str, *, key: str) -> RateAnswer:
        return await self._send(RateAnswer, "DELETE", f"staff/shipping/rates/{_segment(rate_id)}", None, key=key)

    async def calendar(self) -> CalendarAnswer:
        return await self._get(CalendarAnswer, "staff/calendar")

    async def set_week(self, week: Week, *, key: str) -> CalendarAnswer:
        return await self._send(CalendarAnswer, "PUT", "staff/calendar/week", week, key=key)

    async def set_special_day(self, on_date: date, facts: SpecialDayFacts, *, key: str) -> SpecialDayAnswer:
        path = f"staff/calendar/special-days/{on_date.isoformat()}"
        return await self._send(SpecialDayAnswer, "PUT", path, facts, key=key)

    async def clear_special_day(self, on_date: date, *, key: str) -> SpecialDayAnswer:
        path = f"staff/calendar/special-days/{on_date.isoformat()}"
        return await self._send(SpecialDayAnswer, "DELETE", path, None, key=key)

    # tracking

    async def tracking(self, token: str) -> Tracking:
        """What a tracking link shows. Needs no authority but the link's own token."""
        return await self._get(Tracking, f"tracking/{_segment(token)}")

    async def staff_mails(self, status: str | None = None, cursor: str | None = None) -> MailPage:
        return await self._get(MailPage, "staff/mail", status=status, cursor=cursor)

    async def staff_mail(self, mail_id: str) -> Mail:
        return await self._get(Mail, f"staff/mail/{_segment(mail_id)}")

    # the wire

    async def _get(self, model: type[Model], path: str, **params: Any) -> Model:
        return _parse(model, await self._call("GET", path, params=params))

    async def _list(self, model: type[Model], path: str, **params: Any) -> list[Model]:
        answer = await self._call("GET", path, params=params)
        if not isinstance(answer, list):
            raise BackendUnavailable("the answer is not a list")
        return [_parse(model, item) for item in answer]

    async def _send(
        self, model: type[Model], method: str, path: str, body: BaseModel | None, *, key: str | None = None
    ) -> Model:
        json = body.model_dump(mode="json", exclude_none=True) if body is not None else None
        return _parse(model, await self._call(method, path, json=json, key=key))

    async def _call(
        self, method: str, path: str, *, params: dict[str, Any] | None = None, json: Any = None, key: str | None = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if key is not None:
            headers["Idempotency-Key"] = _header_safe(key)
        given = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            response = await self._http.request(method, path, params=given, json=json, headers=headers)
            answer = response.json()
        except (httpx.TransportError, ValueError) as error:
            raise BackendUnavailable(type(error).__name__) from error
        if response.is_success:
            return answer
        if not isinstance(answer, dict) or "code" not in answer:
            raise BackendUnavailable(f"HTTP {response.status_code} without a problem")
        raise from_problem(answer, response.status_code)


def _segment(text: str) -> str:
    """One path segment, whatever someone typed into it."""
    return quote(text, safe="") or "-"


def _header_safe(key: str) -> str:
    """Idempotency keys are visible ASCII; anything else is percent-encoded."""
    return quote(key, safe=":/.-_~+=@,;!*()[]")


def _parse(model: type[Model], answer: Any) -> Model:
    try:
        return model.model_validate(answer)
    except ValueError as error:
        raise BackendUnavailable(f"the answer is not a {model.__name__}") from error
