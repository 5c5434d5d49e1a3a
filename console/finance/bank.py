"""The bank: statements come in, and lines that explain themselves to nobody are matched or set aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.banking import (
    MAX_CONTENT,
    BankAccountFacts,
    BankLineState,
    MatchBankLine,
    NewStatement,
    StatementFormat,
)
from console.acts import key_of, sent, texts
from console.desk import desk_of, root_of, words_of
from console.finance.forms import MOST_TYPED, blank, said
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.tables import decoded

STATES = get_args(BankLineState)
FORMAT = ("date", "description", "amount", "credit", "debit", "reference", "delimiter", "decimal", "date_format")


async def show(request: Request) -> Response:
    return await _page(request)


async def import_file(request: Request) -> Response:
    """The whole file or nothing of it; one that came before adds nothing."""
    words, form = words_of(request), texts(await sent(request))
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _page(request, 422, problems={"file": words.file_missing}, values=form)
    content = await file.read(MAX_CONTENT + 1)
    if len(content) > MAX_CONTENT:
        return await _page(request, 413, problems={"file": words.file_too_large}, values=form)
    text = decoded(content)
    if not text.strip():
        return await _page(request, 422, problems={"file": words.file_missing}, values=form)
    statement = NewStatement(account=form["account"] or "-", file_name=file.filename[:200], content=text)
    async with desk_of(request).oms(request) as oms:
        try:
            await oms.import_statement(statement, key=key_of(form))
        except (Conflict, Invalid, Forbidden, NotFound) as refusal:
            problem = said(request, refusal)
            if refusal.code == "statement_unreadable" and refusal.params.get("row"):
                problem = words.statement_unreadable_at.format(row=refusal.params["row"])
            return await _page(request, refusal.status, problems={"file": problem}, values=form)
    return RedirectResponse(f"{root_of(request)}/finance/bank?done=imported", 303)


async def decide(request: Request) -> Response:
    """A line is a payment we know (`PAG-…`), pays an order (`PED-…`), or is none of a customer's."""
    words, form, line_id = words_of(request), texts(await sent(request)), request.path_params["line_id"]
    number = form["number"].upper()[:20]
    async with desk_of(request).oms(request) as oms:
        try:
            if form["step"] == "ignore":
                if not form["note"]:
                    return await _page(request, 422, line_id, {"line": words.reason_needed}, form)
                await oms.ignore_bank_line(line_id, form["note"][:MOST_TYPED], key=key_of(form))
            else:
                if not number:
                    return await _page(request, 422, line_id, {"line": words.number_missing}, form)
                match = MatchBankLine(payment=number) if number.startswith("PAG") else MatchBankLine(order=number)
                await oms.match_bank_line(line_id, match, key=key_of(form))
        except (Conflict, Invalid, Forbidden, NotFound) as refusal:
            return await _page(request, refusal.status, line_id, {"line": said(request, refusal)}, form)
    return RedirectResponse(f"{root_of(request)}/finance/bank", 303)


async def set_account(request: Request) -> Response:
    """A bank account, and how its bank writes a statement."""
    words, form = words_of(request), texts(await sent(request))
    try:
        written = StatementFormat.model_validate({name: form[name] or None for name in FORMAT if form[name]})
        facts = BankAccountFacts(name=form["name"], csv_format=written)
    except ValidationError:
        return await _page(request, 422, problems={"account": words.bank_account_unreadable}, values=form)
    async with desk_of(request).oms(request) as oms:
        try:
            await oms.set_bank_account(form["code"].lower() or "-", facts, key=key_of(form))
        except (Conflict, Invalid, Forbidden) as refusal:
            return await _page(request, refusal.status, problems={"account": said(request, refusal)}, values=form)
    return RedirectResponse(f"{root_of(request)}/finance/bank", 303)


async def _page(
    request: Request,
    status: int = 200,
    at: str = "",
    problems: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> Response:
    desk, state = desk_of(request), request.query_params.get("state", "")
    state = state if state in STATES else "open"
    async with desk.oms(request) as oms:
        page = await oms.bank_lines(state, request.query_params.get("cursor"))
        accounts = await oms.bank_accounts()
        statements = await oms.bank_statements()
    return await desk.page(
        request,
        "finance/bank.html",
        status,
        lines=page.lines,
        next_cursor=page.next_cursor,
        accounts=accounts,
        statements=statements,
        state=state,
        states_of=STATES,
        at_line=at,
        is_done=request.query_params.get("done") == "imported",
        problems=blank(problems),
        typed=blank(values),
    )


routes = [
    Route("/finance/bank", show),
    Route("/finance/bank/statements", import_file, methods=["POST"]),
    Route("/finance/bank/accounts", set_account, methods=["POST"]),
    Route("/finance/bank/lines/{line_id}", decide, methods=["POST"]),
]
