"""Print the label of a return: what a customer puts on the parcel, or shows at a drop-off point or a counter."""

from __future__ import annotations

from pathlib import Path

from babel.dates import format_date
from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.customers import service as customers
from backend.invoicing.pdf import typeset
from backend.orders import service as orders
from backend.returns import service as returns
from backend.returns.errors import ReturnStepIllegal
from backend.returns.models import Return
from backend.returns.service import FullReturn
from backend.workflows.places_to_leave import places_to_leave

_TEMPLATE = Path(returns.__file__).with_name("label.typ")
# Once it is accepted, and as long as something may come.
# What a sheet has room for; what is more is in the return, and in the chat.
LINES_SHOWN, POINTS_SHOWN = 6, 3
PRINTED = ("accepted", "in_transit", "partly_received")
_WORDS = {
    "es": {
        "title": "Devolución",
        "order": "Pedido {order}",
        "more": "… y {count} más",
        "send_by": " A más tardar el {day}.",
        "pickup": "La recogemos en tu dirección. Pega esta hoja al paquete.",
        "drop_off": "Pega esta hoja al paquete y entrégalo en un punto de recolección, o muestra el código.",
        "store": "Tráela a la tienda y muestra el código.",
    },
    "en": {
        "title": "Return",
        "order": "Order {order}",
        "more": "… and {count} more",
        "send_by": " By {day}.",
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
    if not is_printed(rma):
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
        "lines": _lines(session, full, language, words["more"]),
        "way": words[rma.way] + _until(rma, language, words["send_by"]),
        "points": _points(session, rma, language),
    }
    return typeset(page, rma.requested_at, _TEMPLATE)


def is_printed(rma: Return) -> bool:
    """Is there a label of it now?"""
    return rma.status in PRINTED and rma.way in _WORDS["es"]


def _until(rma: Return, language: str, said: str) -> str:
    """The day by which it is to be sent; what is fetched has another."""
    if rma.send_by is None or rma.way == "pickup":
        return ""
    return said.format(day=format_date(rma.send_by, "d MMMM" if language == "en" else "d 'de' MMMM", locale=language))


def _points(session: Session, rma: Return, language: str) -> list[dict[str, str]]:
    points = places_to_leave(session, rma)[:POINTS_SHOWN]
    return [
        {
            "name": point.name,
            "address": point.address,
            "hours": point.hours_es if language == "es" else point.hours_en,
        }
        for point in points
    ]


def _lines(session: Session, full: FullReturn, language: str, more: str) -> list[str]:
    agreed = orders.lines(session, [line.order_line_id for line in full.lines])
    names = {line.id: agreed[line.order_line_id] for line in full.lines}
    shown = [
        f"{line.quantity} × {names[line.id].name if language == 'es' else names[line.id].name_en}"
        for line in full.lines[:LINES_SHOWN]
    ]
    left = len(full.lines) - len(shown)
    return [*shown, more.format(count=left)] if left else shown
