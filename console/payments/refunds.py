"""Refunds: what waits for a decision, and what a person has to pay out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.payments import PaidOut, RejectRefund
from console.acts import key_of, sent
from console.desk import desk_of, root_of, words_of
from kernel.errors import Conflict, Forbidden, Invalid

STATUSES = ("requested", "approved", "sent", "unknown", "succeeded", "failed", "rejected")
STEPS = ("approve", "reject", "bank", "cash")
MAX_REFERENCE, MAX_REASON = 80, 300


async def show_list(request: Request) -> Response:
    return await _page(request)


async def show_receipt(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        content = await oms.refund_receipt(request.path_params["number"])
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": "inline"})


async def decide(request: Request) -> Response:
    """Approve, reject or pay out one refund; what is refused is said beside it, and what was typed stays."""
    desk, words, number = desk_of(request), words_of(request), request.path_params["number"]
    form = await sent(request)
    step, note = str(form.get("step", "")), str(form.get("note", "")).strip()
    key = key_of(form)
    if step not in STEPS:
        return await _page(request, 422, at=number, problem=words.refused_otherwise, typed=note)
    if step == "reject" and not note:
        return await _page(request, 422, at=number, problem=words.note_missing, typed=note)
    async with desk.oms(request) as oms:
        try:
            await _do(oms, number, step, note, key)
        except (Forbidden, Conflict, Invalid) as refusal:
            if isinstance(refusal, Forbidden) and refusal.code not in words.refused:
                raise  # not their desk at all: a page of its own says so
            problem = words.refused.get(refusal.code, words.refused_otherwise)
            return await _page(request, refusal.status, at=number, problem=problem, typed=note)
    return RedirectResponse(f"{root_of(request)}/payments/refunds?status={_status(request)}", 303)


async def _do(oms: BackendClient, number: str, step: str, note: str, key: str) -> None:
    match step:
        case "approve":
            await oms.approve_refund(number, key=key)
        case "reject":
            await oms.reject_refund(number, RejectRefund(reason=note[:MAX_REASON]), key=key)
        case "cash" | "bank":
            paid = PaidOut.model_validate({"out_of": step, "reference": note[:MAX_REFERENCE] or None})
            await oms.pay_out_refund(number, paid, key=key)


async def _page(
    request: Request, http_status: int = 200, *, at: str = "", problem: str = "", typed: str = ""
) -> Response:
    desk, status = desk_of(request), _status(request)
    async with desk.oms(request) as oms:
        page = await oms.refunds(status, request.query_params.get("cursor"))
    return await desk.page(
        request,
        "refunds.html",
        http_status,
        refunds=page.refunds,
        next_cursor=page.next_cursor,
        status=status,
        statuses=STATUSES,
        at_refund=at,
        problem=problem,
        typed=typed,
    )


def _status(request: Request) -> str:
    status = request.query_params.get("status", "")
    return status if status in STATUSES else "requested"


routes = [
    Route("/payments/refunds", show_list),
    Route("/payments/refunds/{number}", decide, methods=["POST"]),
    Route("/payments/refunds/{number}/receipt", show_receipt),
]
