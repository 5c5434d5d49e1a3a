"""The books: balances, the journal, an entry by hand, and closing a day or a month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.invoices import CloseBooks, NewEntry
from console.acts import key_of, sent, texts
from console.desk import desk_of, root_of, words_of
from console.finance.forms import MOST_TYPED, blank, day, done_or_waits, said
from console.payments.amounts import typed_minor
from kernel.errors import Conflict, Forbidden, Invalid, NotFound

SIDES = 4


async def show(request: Request) -> Response:
    return await _page(request)


async def show_journal(request: Request) -> Response:
    return await _journal(request)


async def save_journal(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        content = await oms.journal_file()
    headers = {"Content-Disposition": 'attachment; filename="journal.beancount"'}
    return Response(content, media_type="text/plain; charset=utf-8", headers=headers)


async def close(request: Request) -> Response:
    """Nothing is booked any more on a day up to that one; there is no way back."""
    words, form = words_of(request), texts(await sent(request))
    try:
        through = day(form["through_on"])
    except ValueError:
        through = None
    if through is None:
        return await _page(request, 422, form, {"through_on": words.day_unreadable})
    if not form["sure"]:
        return await _page(request, 422, form, {"sure": words.close_be_sure})
    async with desk_of(request).oms(request) as oms:
        try:
            await oms.close_books(CloseBooks.model_validate({"through_on": through}), key=key_of(form))
        except (Conflict, Invalid, Forbidden) as refusal:
            return await _page(request, refusal.status, form, {"through_on": said(request, refusal)})
    return RedirectResponse(f"{root_of(request)}/finance/books?done=closed", 303)


async def post(request: Request) -> Response:
    """Up to four sides, each a debit or a credit; what is typed wrong is named."""
    desk, words, form = desk_of(request), words_of(request), texts(await sent(request))
    postings: list[dict[str, Any]] = []
    async with desk.oms(request) as oms:
        currency = (await oms.shop()).currency
        for index in range(SIDES):
            account = form[f"account-{index}"]
            for side in ("debit", "credit"):
                name = f"{side}-{index}"
                if not form[name]:
                    continue
                minor = typed_minor(form[name], currency, desk.language(request))
                if minor is None or not account:
                    problem = words.amount_unreadable if minor is None else words.account_missing
                    return await _page(request, 422, form, {name: problem})
                postings.append({"account": account, f"{side}_minor": minor})
        try:
            entry = NewEntry.model_validate(
                {
                    "occurred_on": day(form["occurred_on"]),
                    "currency": currency,
                    "note": form["note"][:MOST_TYPED],
                    "postings": postings,
                }
            )
        except ValidationError as refusal:
            where = str(refusal.errors()[0]["loc"][0])
            name = where if where in ("occurred_on", "note") else "entry"
            return await _page(request, 422, form, {name: words.entry_field[name]})
        except ValueError:
            return await _page(request, 422, form, {"occurred_on": words.day_unreadable})
        try:
            made = await oms.post_entry(entry, key=key_of(form))
        except (Conflict, Invalid, Forbidden) as refused:
            return await _page(request, refused.status, form, {"entry": said(request, refused)})
    return done_or_waits(request, made, "/finance/books/journal")


async def reverse(request: Request) -> Response:
    words, form, entry_id = words_of(request), texts(await sent(request)), request.path_params["entry_id"]
    if not form["note"]:
        return await _journal(request, 422, entry_id, words.reason_needed)
    async with desk_of(request).oms(request) as oms:
        try:
            await oms.reverse_entry(entry_id, form["note"][:MOST_TYPED], key=key_of(form))
        except (Conflict, Invalid, Forbidden, NotFound) as refusal:
            return await _journal(request, refusal.status, entry_id, said(request, refusal), form["note"])
    return RedirectResponse(f"{root_of(request)}/finance/books/journal", 303)


async def _page(
    request: Request, status: int = 200, form: Mapping[str, str] | None = None, problems: dict[str, str] | None = None
) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        balances = await oms.trial_balance()
        accounts = await oms.accounts()
        closed = await oms.books_closed()
    return await desk.page(
        request,
        "finance/books.html",
        status,
        balances=balances,
        accounts=accounts,
        closed_through=closed.closed_through,
        sides=range(SIDES),
        typed=blank(form),
        problems=blank(problems),
        is_done=request.query_params.get("done") == "closed",
    )


async def _journal(request: Request, status: int = 200, at: str = "", problem: str = "", note: str = "") -> Response:
    desk = desk_of(request)
    subject = request.query_params.get("subject", "").strip().upper()[:40]
    async with desk.oms(request) as oms:
        page = await oms.journal(subject or None, request.query_params.get("cursor"))
        accounts = {each.code: each.name for each in await oms.accounts()}
    return await desk.page(
        request,
        "finance/journal.html",
        status,
        entries=page.entries,
        next_cursor=page.next_cursor,
        accounts=accounts,
        subject=subject,
        at_entry=at,
        problem=problem,
        typed=note,
    )


routes = [
    Route("/finance/books", show),
    Route("/finance/books/journal", show_journal),
    Route("/finance/books/journal.beancount", save_journal),
    Route("/finance/books/close", close, methods=["POST"]),
    Route("/finance/books/entries", post, methods=["POST"]),
    Route("/finance/books/entries/{entry_id}/reverse", reverse, methods=["POST"]),
]
