"""Print the label of a return: what a customer puts on the parcel, or shows at a drop-off point or a counter."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.customers import service as customers
from backend.invoicing.pdf import typeset
from backend.orders import service as orders
from backend.returns import service as returns
from backend.returns.errors import ReturnStepIllegal
from backend.returns.service import FullReturn

_TEMPLATE = Path(returns.__file__).with_name("label.typ")
# Once it is accepted, and as long as something may come.
PRINTED = ("accepted", "in_transit", "partly_received")
_WORDS = {
    "es": {
        "title": "Devolución",
        "order": "Pedido {order}",
        "pickup": "La recogemos en tu dirección. Pega esta hoja al paquete.",
        "drop_off": "Pega esta hoja al paquete y entrégalo en un punto de recolección, o muestra el código.",
        "store": "Tráela a la tienda y muestra el código.",
    },
    "en": {
        "title": "Return",
        "order": "Order {order}",
        "pickup": "We fetch it at your address. Stick this sheet on the parcel.",
        "drop_off": "Stick this sheet on the parcel and leave it at a drop-off point, or show the code.",
        "store": "Bring it to the shop and show the code.",
    },
}


def print_return_label(session: Session, number: str, *, customer_id: str | None = None) -> bytes:
    """The label as a PDF, in its customer's language; the QR says the return's number. The same return, the same bytes.

    Raises: ReturnNotFound, ReturnStepIllegal as long as it is not accepted, and when nothing is awaited of it.
    """
    full = returns.full(session, returns.find(session, number, customer_id=customer_id))
    rma = full.rma
    if rma.status not in PRINTED or rma.way not in _WORDS["es"]:
        raise ReturnStepIllegal(number=rma.number, status=rma.status, step="label")
    seller, buyer = shop(session), customers.buyer(session, rma.customer_id)
    language = buyer.language if buyer.language in _WORDS else "es"
    words = _WORDS[language]
    page = {
        "language": language,
        "shop": seller.name,
        "address": seller.address,
        "title": words["title"],
        "number": rma.number,
        "code": rma.number,
        "order": words["order"].format(order=orders.by_id(session, rma.order_id).order.number),
        "lines": _lines(session, full, language),
        "way": words[rma.way],
    }
    return typeset(page, rma.requested_at, _TEMPLATE)


def _lines(session: Session, full: FullReturn, language: str) -> list[str]:
    agreed = orders.lines(session, [line.order_line_id for line in full.lines])
    names = {line.id: agreed[line.order_line_id] for line in full.lines}
    return [
        f"{line.quantity} × {names[line.id].name if language == 'es' else names[line.id].name_en}"
        for line in full.lines
    ]
