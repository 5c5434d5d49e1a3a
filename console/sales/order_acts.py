"""What may be done with one order, each act with its reason, and done once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.approval import HoldBackOrder
from backend.schemas.carts import CartChange
from backend.schemas.orders import ChangeOrder, StaffOrder
from backend.schemas.payments import NewRefund
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.orders.routes import order_page
from console.payments.amounts import typed_minor
from console.sales.holds import decide_order
from console.sales.quantities import typed_quantity
from kernel.errors import ComandaError, Conflict, Forbidden, Invalid, NotFound

MAX_NOTE = 300
Act = Callable[[Request, BackendClient, FormData], Awaitable[str | Response]]


class _Missing(Exception):
    """What the act needs was not typed, or cannot be read: said beside it, nothing is sent."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def _do(name: str, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        form = await sent(request)
        number = request.path_params["number"]
        async with desk_of(request).oms(request) as oms:
            try:
                done = await act(request, oms, form)
            except _Missing as missing:
                return await order_page(request, oms, number, 422, act=name, problem=missing.problem, form=form)
            except (Conflict, Forbidden, Invalid, NotFound) as refusal:
                problem = said(request, refusal)
                return await order_page(request, oms, number, refusal.status, act=name, problem=problem, form=form)
        if isinstance(done, Response):
            return done
        return RedirectResponse(f"{root_of(request)}/orders/{number}?did={done}", 303)

    return handle


def said(request: Request, refusal: ComandaError) -> str:
    words = words_of(request)
    otherwise = words.forbidden_act if isinstance(refusal, Forbidden) else words.refused_otherwise
    text = str(words.order_refused.get(refusal.code, otherwise))
    return text.format(sku=refusal.params.get("sku", ""))


async def _approve(request: Request, oms: BackendClient, form: FormData) -> str:
    note = typed(form, "note", MAX_NOTE)
    await decide_order(oms, request.path_params["number"], "approve", _version(form), note, key_of(form))
    return "approve"


async def _reject(request: Request, oms: BackendClient, form: FormData) -> str:
    note = _note(request, form, words_of(request).why_for_customer)
    await decide_order(oms, request.path_params["number"], "reject", _version(form), note, key_of(form))
    return "reject"


async def _hold(request: Request, oms: BackendClient, form: FormData) -> str:
    note = _note(request, form, words_of(request).why_for_team)
    decision = HoldBackOrder(version=_version(form), note=note)
    await oms.hold_back_order(request.path_params["number"], decision, key=key_of(form))
    return "hold"


async def _cancel(request: Request, oms: BackendClient, form: FormData) -> str:
    note = _note(request, form, words_of(request).why_for_customer)
    await oms.staff_cancel_order(request.path_params["number"], note, key=key_of(form))
    return "cancel"


async def _send_link(request: Request, oms: BackendClient, form: FormData) -> str:
    await oms.send_payment_link(request.path_params["number"], key=key_of(form))
    return "link"


async def _send_document(request: Request, oms: BackendClient, form: FormData) -> str:
    await oms.send_invoice(typed(form, "document", 24), key=key_of(form))
    return "document"


async def _accept_return(request: Request, oms: BackendClient, form: FormData) -> str:
    await oms.accept_return(typed(form, "rma", 40), key=key_of(form))
    return "return_accept"


async def _reject_return(request: Request, oms: BackendClient, form: FormData) -> str:
    reason = _note(request, form, words_of(request).why_for_customer)
    await oms.reject_return(typed(form, "rma", 40), reason, key=key_of(form))
    return "return_reject"


async def _refund(request: Request, oms: BackendClient, form: FormData) -> str:
    words, language = words_of(request), desk_of(request).language(request)
    paid = (await oms.order_payments(request.path_params["number"])).payments
    payment = next((each for each in paid if each.number == typed(form, "payment", 20)), None)
    if payment is None:
        raise _Missing(words.payment_missing)
    currency = payment.captured.currency
    amount_minor = typed_minor(typed(form, "amount", 30), currency, language)
    if amount_minor is None:
        raise _Missing(words.amount_unreadable)
    reason = _note(request, form, words.why_for_customer)
    wanted = NewRefund(amount_minor=amount_minor, currency=currency, reason=reason)
    made = await oms.refund(payment.number, wanted, key=key_of(form))
    return "refund_waits" if made.status == "requested" else "refund"


async def _propose(request: Request, oms: BackendClient, form: FormData) -> Response:
    """What it would become, to be looked at before it is so."""
    order = await oms.staff_order(request.path_params["number"])
    change = _wanted(request, order, form)
    preview = await oms.staff_propose_order_change(order.number, change, key=key_of(form))
    return await desk_of(request).page(request, "sales/change.html", order=order, preview=preview)


async def _apply(request: Request, oms: BackendClient, form: FormData) -> str:
    confirmation = typed(form, "confirmation", 100)
    await oms.staff_apply_order_change(request.path_params["number"], confirmation, key=key_of(form))
    return "change"


def _wanted(request: Request, order: StaffOrder, form: FormData) -> ChangeOrder:
    changes = []
    for place, line in enumerate(order.lines):
        said = typed(form, f"line-{place}", 20)
        if said in ("", "0"):
            changes.append(CartChange(op="remove", sku=line.sku))
            continue
        quantity = _quantity(request, said)
        if quantity != line.quantity:
            changes.append(CartChange(op="set", sku=line.sku, quantity=quantity, unit=line.unit))
    if sku := typed(form, "new_sku", 40):
        changes.append(CartChange(op="add", sku=sku.upper(), quantity=_quantity(request, typed(form, "new_count", 20))))
    address = typed(form, "address")
    moved = address if address and address != order.address else None
    if not changes and moved is None:
        raise _Missing(words_of(request).order_refused["nothing_to_change"])
    return ChangeOrder(changes=changes, address_text=moved)


def _quantity(request: Request, text: str) -> str:
    quantity = typed_quantity(text or "1", desk_of(request).language(request))
    if quantity is None:
        raise _Missing(words_of(request).quantity_unreadable)
    return quantity


def _note(request: Request, form: FormData, problem: str) -> str:
    note = typed(form, "note", MAX_NOTE)
    if not note:
        raise _Missing(problem)
    return note


def _version(form: FormData) -> int:
    return whole(form, "version", 1) or 1


_ACTS: dict[str, Act] = {
    "approve": _approve,
    "reject": _reject,
    "hold": _hold,
    "cancel": _cancel,
    "payment-link": _send_link,
    "document": _send_document,
    "return/accept": _accept_return,
    "return/reject": _reject_return,
    "refund": _refund,
    "change": _propose,
    "change/confirm": _apply,
}
routes = [
    Route(f"/orders/{{number}}/{name}", _do(name.partition("/")[0], act), methods=["POST"])
    for name, act in _ACTS.items()
]
