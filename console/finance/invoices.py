"""Invoices and notes: all of them, and one with its lines, files and proofs, to correct."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.invoices import CreditedLine, InvoiceAnswer, InvoiceKind, NewCreditNote, NewDebitNote
from backend.schemas.payments import WriteOff
from console.acts import key_of, sent, texts
from console.desk import desk_of, root_of, words_of
from console.finance.forms import MOST_TYPED, blank, day, done_or_waits, said
from console.payments.amounts import typed_minor
from kernel.errors import Conflict, Forbidden, Invalid, NotFound

KINDS = get_args(InvoiceKind)
FIELDS = ("lines", "amount", "tax_class", "reason", "page")
MAX_NUMBER, MAX_DAY = 24, 10


async def show_list(request: Request) -> Response:
    desk, words = desk_of(request), words_of(request)
    kind = request.query_params.get("kind", "")
    about = request.query_params.get("about", "").strip().upper()[:MAX_NUMBER]
    found, cursor, problem = [], None, ""
    typed = {name: request.query_params.get(name, "")[:MAX_DAY] for name in ("since", "until")}
    try:
        days = {name: day(text) for name, text in typed.items()}
    except ValueError:
        days, problem = {}, words.day_unreadable
    async with desk.oms(request) as oms:
        if about and not about.startswith("PED"):
            try:
                document = await oms.invoice(about)
            except NotFound:
                problem = words.document_not_found
            else:
                return RedirectResponse(f"{root_of(request)}/finance/invoices/{document.number}", 303)
        try:
            page = await oms.invoices(
                request.query_params.get("cursor"),
                kind=kind if kind in KINDS else None,
                order=about if about.startswith("PED") else None,
                **days,
            )
            found, cursor = page.invoices, page.next_cursor
        except NotFound:
            problem = words.document_not_found
    return await desk.page(
        request,
        "finance/invoices.html",
        (422 if not days else 404) if problem else 200,
        invoices=found,
        next_cursor=cursor,
        kinds=KINDS,
        kind=kind,
        about=about,
        typed=typed,
        problem=problem,
    )


async def show(request: Request) -> Response:
    return await _page(request)


async def show_file(request: Request) -> Response:
    """The PDF or the XML, handed through as the OMS keeps it."""
    async with desk_of(request).oms(request) as oms:
        content, media_type, disposition = await oms.invoice_file(
            request.path_params["number"], request.path_params["form"]
        )
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


async def credit(request: Request) -> Response:
    """So many units of each line; what is left empty stays billed."""
    words, form, number = words_of(request), texts(await sent(request)), request.path_params["number"]
    lines = []
    for name, text in form.items():
        if name.startswith("line-") and text:
            if not text.isdecimal() or not 0 < int(text) <= 10_000_000:
                return await _page(request, 422, "credit", form, {name: words.units_unreadable})
            lines.append(CreditedLine(position=int(name.removeprefix("line-")), base_quantity=int(text)))
    is_with_delivery = bool(form["with_delivery"])
    if not lines and not is_with_delivery:
        return await _page(request, 422, "credit", form, {"lines": words.nothing_to_credit})
    if not form["reason"]:
        return await _page(request, 422, "credit", form, {"credit-reason": words.reason_needed})
    note = NewCreditNote(lines=lines, with_delivery=is_with_delivery, reason=form["reason"][:MOST_TYPED])
    async with desk_of(request).oms(request) as oms:
        try:
            made = await oms.credit_invoice(number, note, key=key_of(form))
        except (Conflict, Invalid, Forbidden) as refusal:
            return await _page(request, refusal.status, "credit", form, {"lines": said(request, refusal)})
    return done_or_waits(request, made, f"/finance/invoices/{getattr(made, 'number', number)}")


async def debit(request: Request) -> Response:
    desk, words, form, number = (
        desk_of(request),
        words_of(request),
        texts(await sent(request)),
        request.path_params["number"],
    )
    async with desk.oms(request) as oms:
        currency = (await oms.invoice(number)).total.currency
        minor = typed_minor(form["amount"], currency, desk.language(request))
        if minor is None:
            return await _page(request, 422, "debit", form, {"amount": words.amount_unreadable})
        if not form["reason"]:
            return await _page(request, 422, "debit", form, {"debit-reason": words.reason_needed})
        note = NewDebitNote(amount_minor=minor, tax_class=form["tax_class"] or "-", reason=form["reason"][:MOST_TYPED])
        try:
            made = await oms.debit_invoice(number, note, key=key_of(form))
        except (Conflict, Invalid, Forbidden) as refusal:
            return await _page(request, refusal.status, "debit", form, {"amount": said(request, refusal)})
    return done_or_waits(request, made, f"/finance/invoices/{getattr(made, 'number', number)}")


async def write_off(request: Request) -> Response:
    desk, words, form, number = (
        desk_of(request),
        words_of(request),
        texts(await sent(request)),
        request.path_params["number"],
    )
    async with desk.oms(request) as oms:
        currency = (await oms.invoice(number)).total.currency
        minor = typed_minor(form["off"], currency, desk.language(request))
        if minor is None:
            return await _page(request, 422, "off", form, {"off": words.amount_unreadable})
        if not form["reason"]:
            return await _page(request, 422, "off", form, {"off-reason": words.reason_needed})
        given = WriteOff(amount_minor=minor, reason=form["reason"][:MOST_TYPED])
        try:
            made = await oms.write_off_invoice(number, given, key=key_of(form))
        except (Conflict, Invalid, Forbidden) as refusal:
            return await _page(request, refusal.status, "off", form, {"off": said(request, refusal)})
    return done_or_waits(request, made, f"/finance/invoices/{number}")


async def enter_answer(request: Request) -> Response:
    """What the customer says of it: accepted, or rejected with a reason; or: submit it again."""
    words, form, number = words_of(request), texts(await sent(request)), request.path_params["number"]
    async with desk_of(request).oms(request) as oms:
        try:
            if form["step"] == "submit":
                await oms.submit_invoice_again(number, key=key_of(form))
            elif form["step"] == "rejected" and not form["reason"]:
                return await _page(request, 422, "answer", form, {"answer": words.reason_needed})
            else:
                answer = InvoiceAnswer.model_validate({"answer": form["step"], "reason": form["reason"] or None})
                await oms.enter_invoice_answer(number, answer, key=key_of(form))
        except (Conflict, Invalid, Forbidden) as refusal:
            return await _page(request, refusal.status, "answer", form, {"answer": said(request, refusal)})
    return RedirectResponse(f"{root_of(request)}/finance/invoices/{number}", 303)


async def _page(
    request: Request,
    status: int = 200,
    open_form: str = "",
    form: Mapping[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    desk, number = desk_of(request), request.path_params["number"]
    async with desk.oms(request) as oms:
        invoice = await oms.invoice(number)
        delivery = await oms.invoice_delivery(number)
        related = (await oms.invoices(order=invoice.order_number)).invoices
    open_now: Any = next((each.open for each in related if each.number == invoice.number), None)
    return await desk.page(
        request,
        "finance/invoice.html",
        status,
        invoice=invoice,
        delivery=delivery,
        related=[each for each in related if each.number != invoice.number],
        open=open_now,
        open_form=open_form,
        typed=blank(form),
        problems=blank(problems),
    )


routes = [
    Route("/finance", show_list),
    Route("/finance/invoices", show_list),
    Route("/finance/invoices/{number}", show),
    Route("/finance/invoices/{number}/files/{form}", show_file),
    Route("/finance/invoices/{number}/credit", credit, methods=["POST"]),
    Route("/finance/invoices/{number}/debit", debit, methods=["POST"]),
    Route("/finance/invoices/{number}/write-off", write_off, methods=["POST"]),
    Route("/finance/invoices/{number}/answer", enter_answer, methods=["POST"]),
]
