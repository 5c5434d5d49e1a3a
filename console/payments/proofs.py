"""Payment proofs: the queue of pictures that customers sent, and one beside what it is to be compared with."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.payment_proofs import ApproveProof, RejectProof, StaffPaymentProof
from console.acts import key_of, new_act, sent
from console.desk import LivePart, desk_of, root_of, words_of
from console.payments.amounts import to_type, typed_minor
from kernel.errors import ComandaError, Conflict, Invalid

STATUSES = ("open", "approved", "rejected")
REASONS = ("unreadable", "not_received", "wrong_amount", "wrong_account", "other")
LIST_EVERY_S = 10
MAX_REFERENCE, MAX_NOTE = 80, 300


async def show_list(request: Request) -> Response:
    desk = desk_of(request)
    status, cursor = _status(request), request.query_params.get("cursor")
    async with desk.oms(request) as oms:
        page = await oms.payment_proofs(status, cursor)
    render_list = desk.still if cursor else desk.live
    return await desk.page(
        request,
        "proofs.html",
        list=await render_list(request, _part(request), "_proofs.html", proofs=page.proofs),
        status=status,
        statuses=STATUSES,
        next_cursor=page.next_cursor,
    )


async def refresh_list(request: Request) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        page = await oms.payment_proofs(_status(request))
    return await desk.refresh(request, _part(request), "_proofs.html", proofs=page.proofs)


async def show(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        proof = await oms.payment_proof(request.path_params["number"])
    return await _page(request, proof)


async def approve(request: Request) -> Response:
    """The money came: recorded as a payment of the order. What is typed wrong stays in its field."""
    desk, words = desk_of(request), words_of(request)
    form = await sent(request)
    amount, reference = str(form.get("amount", "")).strip(), str(form.get("reference", "")).strip()
    typed = {"amount": amount, "reference": reference, "may_exceed": "may_exceed" in form}
    async with desk.oms(request) as oms:
        proof = await oms.payment_proof(request.path_params["number"])
        minor = typed_minor(amount, proof.due.currency, desk.language(request))
        if minor is None:
            return await _page(request, proof, 422, problems={"amount": words.amount_unreadable}, typed=typed)
        found = ApproveProof(
            amount_minor=minor,
            currency=proof.due.currency,
            reference=reference[:MAX_REFERENCE] or None,
            may_exceed=bool(typed["may_exceed"]),
        )
        try:
            await oms.approve_payment_proof(proof.number, found, key=key_of(form))
        except (Conflict, Invalid) as refusal:
            return await _refused(request, proof, refusal, typed)
    return RedirectResponse(f"{root_of(request)}/payments", 303)


async def reject(request: Request) -> Response:
    """No payment: the customer is told why."""
    desk, words = desk_of(request), words_of(request)
    form = await sent(request)
    reason, note = str(form.get("reason", "")), str(form.get("note", "")).strip()
    typed = {"reason": reason, "note": note}
    async with desk.oms(request) as oms:
        proof = await oms.payment_proof(request.path_params["number"])
        if reason not in REASONS:
            return await _page(request, proof, 422, problems={"reason": words.reason_missing}, typed=typed)
        if (reason == "other") != bool(note):
            problem = words.note_missing if reason == "other" else words.note_for_other
            return await _page(request, proof, 422, problems={"note": problem}, typed=typed)
        why = RejectProof.model_validate({"reason": reason, "note": note[:MAX_NOTE] or None})
        try:
            await oms.reject_payment_proof(proof.number, why, key=key_of(form))
        except (Conflict, Invalid) as refusal:
            return await _refused(request, proof, refusal, typed)
    return RedirectResponse(f"{root_of(request)}/payments", 303)


async def _refused(
    request: Request, proof: StaffPaymentProof, refusal: ComandaError, typed: Mapping[str, object]
) -> Response:
    words = words_of(request)
    problem = words.refused.get(refusal.code, words.refused_otherwise)
    field = "amount" if refusal.code == "payment_proof_exceeds_due" else "page"
    return await _page(request, proof, refusal.status, problems={field: problem}, typed=typed)


async def _page(
    request: Request,
    proof: StaffPaymentProof,
    status: int = 200,
    *,
    problems: dict[str, str] | None = None,
    typed: Mapping[str, object] | None = None,
) -> Response:
    language = desk_of(request).language(request)
    said = proof.amount or proof.due
    fresh = {
        "amount": to_type(said.amount_minor, said.currency, language) if said.currency == proof.due.currency else "",
        "reference": proof.reference or "",
        "may_exceed": False,
        "reason": "",
        "note": "",
    }
    return await desk_of(request).page(
        request,
        "proof.html",
        status,
        proof=proof,
        reasons=REASONS,
        act=new_act(),
        problems=dict.fromkeys(("page", "amount", "reason", "note"), "") | (problems or {}),
        typed={**fresh, **(typed or {})},
    )


def _status(request: Request) -> str:
    status = request.query_params.get("status", "")
    return status if status in STATUSES else "open"


def _part(request: Request) -> LivePart:
    return LivePart("proofs", "/payments/list", LIST_EVERY_S, {"status": _status(request)})


routes = [
    Route("/payments", show_list),
    Route("/payments/list", refresh_list),
    Route("/payments/proofs/{number}", show),
    Route("/payments/proofs/{number}/approve", approve, methods=["POST"]),
    Route("/payments/proofs/{number}/reject", reject, methods=["POST"]),
]
