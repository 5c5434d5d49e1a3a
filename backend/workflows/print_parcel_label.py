"""Print the label of a parcel: who it is for and where it goes, and a code that a scanner reads."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.customers import service as customers
from backend.fulfillment import service as fulfillment
from backend.invoicing.pdf import typeset
from backend.orders import service as orders
from backend.shipping import service as shipping
from backend.shipping.carriers import carrier_of

_TEMPLATE = Path(shipping.__file__).with_name("label.typ")
_WORDS = {
    "es": {
        "from": "Remite",
        "to": "Entregar a",
        "pickup": "Recoge en la tienda",
        "order": "Pedido {order}",
        "tracking": "Guía {number}",
        "customer": "Cliente",
    },
    "en": {
        "from": "From",
        "to": "Deliver to",
        "pickup": "Collected at the shop",
        "order": "Order {order}",
        "tracking": "Tracking {number}",
        "customer": "Customer",
    },
}
_GRAMS_PER_KG = 1000


def print_parcel_label(session: Session, number: str) -> bytes:
    """The label as a PDF, in the shop's language; the QR says the carrier's number, or the parcel's until it has one.

    Raises: ShipmentNotFound.
    """
    shipment = shipping.find(session, number)
    seller = shop(session)
    order = orders.by_id(session, shipment.order_id).order
    is_pickup = fulfillment.by_id(session, shipment.fulfillment_id).fulfillment.kind == "pickup"
    language = seller.locale[:2] if seller.locale[:2] in _WORDS else "es"
    words = _WORDS[language]
    facts = [words["order"].format(order=order.number)]
    if shipment.carrier:
        facts.append(carrier_of(shipment.carrier).name)
    if shipment.tracking_number and shipment.tracking_number != shipment.number:
        facts.append(words["tracking"].format(number=shipment.tracking_number))
    if shipment.weight_g:
        facts.append(f"{shipment.weight_g / _GRAMS_PER_KG:.2f} kg")
    page = {
        "language": language,
        "shop": seller.name,
        "address": seller.address,
        "from": words["from"],
        "to": words["pickup"] if is_pickup else words["to"],
        "recipient": customers.buyer(session, order.customer_id).name or words["customer"],
        "destination": order.address,
        "number": shipment.number,
        "code": shipment.tracking_number or shipment.number,
        "facts": facts,
    }
    return typeset(page, shipment.packed_at, _TEMPLATE)
