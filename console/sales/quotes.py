"""Orders that someone of the shop puts together for a customer: placed for them at once, or sent to be accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.catalog import Variant
from backend.schemas.customers import NewCaller, StaffCustomer
from backend.schemas.quotes import (
    ChangeQuote,
    GiveDiscount,
    NewQuote,
    PlaceQuote,
    Quote,
    QuoteFacts,
    SendQuote,
    WantedLine,
)
from backend.schemas.staff import PendingAct
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.orders.names import customers_of
from console.payments.amounts import typed_minor
from console.sales.quantities import typed_quantity
from kernel.errors import ComandaError, Conflict, Forbidden, Invalid, NotFound
from kernel.quantities import unit_for

STATUSES = ("drafted", "sent", "accepted", "placed", "withdrawn")
MAKERS = frozenset({"agent", "sales", "admin"})
FOUND_AT_MOST, MAX_NAME, MAX_PHONE, MAX_LINES = 8, 120, 30, 100
VALID_DAYS, MOST_DAYS = 3, 90


class _Mistyped(Exception):
    """What was typed is not what the field is for: said above the form, nothing is saved."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the form, with what the OMS knows of it if it was saved."""

    sku: str
    unit: str | None
    quantity: str
    name: str
    unit_name: str
    total: Any = None


# who it is for


async def show_new(request: Request) -> Response:
    """Find who calls, by number or name; or note someone new."""
    return await _new_page(request, request.query_params.get("q", "").strip()[:MAX_NAME])


async def note_caller(request: Request) -> Response:
    words = words_of(request)
    form = await sent(request)
    phone = typed(form, "phone", MAX_PHONE)
    name, email = typed(form, "name", MAX_NAME) or None, typed(form, "email", 200) or None
    async with desk_of(request).oms(request) as oms:
        try:
            caller = NewCaller(phone=phone, name=name, email=email)
        except ValueError:
            return await _new_page(request, "", 422, problem=words.caller_unreadable, form=form)
        try:
            customer = await oms.note_caller(caller, key=f"{key_of(form)}:caller")
            quote = await oms.draft_quote(NewQuote(customer_id=customer.id), key=key_of(form))
        except (Conflict, Invalid) as refusal:
            return await _new_page(request, "", refusal.status, problem=_why(request, refusal), form=form)
    return _to(request, quote.number)


async def draft(request: Request) -> Response:
    """An empty one, for a customer who is known."""
    form = await sent(request)
    async with desk_of(request).oms(request) as oms:
        quote = await oms.draft_quote(NewQuote(customer_id=typed(form, "customer_id", 36)), key=key_of(form))
    return _to(request, quote.number)


async def _new_page(
    request: Request, q: str, status: int = 200, *, problem: str = "", form: Mapping[str, Any] | None = None
) -> Response:
    desk = desk_of(request)
    if not desk.staff(request).roles & MAKERS:
        raise Forbidden()
    async with desk.oms(request) as oms:
        found: list[StaffCustomer] = (await oms.staff_customers(q)).customers[:FOUND_AT_MOST] if q else []
    return await desk.page(request, "sales/new.html", status, q=q, found=found, problem=problem, typed=form or {})


# what it is


async def show_list(request: Request) -> Response:
    desk = desk_of(request)
    status = request.query_params.get("status", "")
    status = status if status in STATUSES else ""
    async with desk.oms(request) as oms:
        page = await oms.staff_quotes([status] if status else [], request.query_params.get("cursor"))
        names = await customers_of(oms, [each.customer_id for each in page.quotes])
    return await desk.page(
        request,
        "sales/quotes.html",
        quotes=page.quotes,
        names=names,
        status=status,
        statuses=STATUSES,
        next_cursor=page.next_cursor,
    )


async def show(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        quote = await oms.staff_quote(request.path_params["number"])
        return await _page(request, oms, quote, did=request.query_params.get("did", ""))


async def step(request: Request) -> Response:
    """One form with several buttons: whatever is pressed, what was typed is saved or stays."""
    form = await sent(request)
    pressed = typed(form, "step", 60)
    async with desk_of(request).oms(request) as oms:
        quote = await oms.staff_quote(request.path_params["number"])
        try:
            return await _step(request, oms, quote, pressed, form)
        except _Mistyped as mistake:
            return await _page(request, oms, quote, 422, problem=mistake.problem, form=form)
        except (Conflict, Invalid, NotFound) as refusal:
            now = await oms.staff_quote(quote.number)
            return await _page(request, oms, now, refusal.status, problem=_why(request, refusal), form=form)


async def _step(request: Request, oms: BackendClient, quote: Quote, pressed: str, form: FormData) -> Response:
    version, key = whole(form, "version", 1) or 1, key_of(form)
    if pressed == "withdraw":
        await oms.withdraw_quote(quote.number, version, key=key)
        return _to(request, quote.number, "withdrawn")
    if pressed == "search":
        return await _page(request, oms, quote, form=form)
    if pressed == "undiscount":
        await oms.take_discount_off(quote.number, version, key=key)
        return _to(request, quote.number, "undiscounted")
    what, _, sku = pressed.partition(":")
    facts = _facts(request, form, sku if what == "add" else None)
    if what == "discount":
        return await _discount(request, oms, quote, version, facts, form)
    if what not in ("place", "send"):
        await _save(oms, quote, version, facts, key)
        return _to(request, quote.number, "saved")
    if quote.status == "drafted" and _is_other(quote, facts):
        # What the customer was told is another price, maybe: it is looked at before it is agreed.
        await _save(oms, quote, version, facts, key)
        return _to(request, quote.number, "check")
    if what == "send":
        days = whole(form, "valid_days", 1)
        if days is None or days > MOST_DAYS:
            raise _Mistyped(words_of(request).days_unreadable)
        await oms.send_quote(quote.number, SendQuote(version=version, valid_days=days), key=key)
        return _to(request, quote.number, "sent")
    said = PlaceQuote(version=version, confirmation=typed(form, "confirmation", 100) or "-")
    order = await oms.place_quote(quote.number, said, key=key)
    return RedirectResponse(f"{root_of(request)}/orders/{order.number}?did=placed", 303)


async def _discount(
    request: Request, oms: BackendClient, quote: Quote, version: int, facts: QuoteFacts, form: FormData
) -> Response:
    """Take an amount off what is typed; above the member's limit it waits for a second person."""
    words, language = words_of(request), desk_of(request).language(request)
    amount = typed_minor(typed(form, "discount", 24), quote.quoted_total.currency, language)
    reason = typed(form, "discount_reason")
    if amount is None:
        raise _Mistyped(words.amount_unreadable)
    if not reason:
        raise _Mistyped(words.discount_why)
    if _is_other(quote, facts):
        await _save(oms, quote, version, facts, f"{key_of(form)}:lines")
        version += 1
    given = GiveDiscount(version=version, amount_minor=amount, reason=reason)
    made = await oms.give_discount(quote.number, given, key=key_of(form))
    return _to(request, quote.number, "discount_waits" if isinstance(made, PendingAct) else "discounted")


async def _save(oms: BackendClient, quote: Quote, version: int, facts: QuoteFacts, key: str) -> None:
    changed = ChangeQuote.model_validate(facts.model_dump() | {"version": version})
    await oms.change_quote(quote.number, changed, key=key)


def _facts(request: Request, form: FormData, more: str | None) -> QuoteFacts:
    lines = [
        WantedLine(sku=line.sku, quantity=_quantity(request, line.quantity), unit=line.unit)
        for line in _lines_of(form)
        if line.quantity not in ("", "0")
    ]
    if more:
        lines.append(WantedLine(sku=more, quantity="1"))
    way = typed(form, "way", 20)
    return QuoteFacts(
        lines=lines,
        address_text=(typed(form, "address") or None) if way == "delivery" else None,
        pickup_location=way if way not in ("", "delivery") else None,
        payment_method=typed(form, "payment_method", 40) or None,
    )


def _lines_of(form: FormData) -> list[_Line]:
    skus, units = form.getlist("sku")[:MAX_LINES], form.getlist("unit")
    names, unit_names, quantities = form.getlist("name"), form.getlist("unit_name"), form.getlist("quantity")
    return [
        _Line(str(sku)[:40], str(unit)[:40] or None, str(quantity).strip()[:20], str(name), str(unit_name))
        for sku, unit, quantity, name, unit_name in zip(skus, units, quantities, names, unit_names, strict=False)
    ]


def _quantity(request: Request, text: str) -> str:
    quantity = typed_quantity(text, desk_of(request).language(request))
    if quantity is None:
        raise _Mistyped(words_of(request).quantity_unreadable)
    return quantity


def _is_other(quote: Quote, facts: QuoteFacts) -> bool:
    """Whether the form says something else than what was saved."""
    saved = [(line.sku, line.quantity, line.unit) for line in quote.cart.lines]
    checkout = quote.cart.checkout
    address = None if checkout.pickup_location else checkout.address
    return (saved, address, checkout.pickup_location, checkout.payment_method) != (
        [(line.sku, line.quantity, line.unit) for line in facts.lines],
        facts.address_text,
        facts.pickup_location,
        facts.payment_method,
    )


def _why(request: Request, refusal: ComandaError) -> str:
    desk, words = desk_of(request), words_of(request)
    text = str(words.quote_refused.get(refusal.code, words.refused_otherwise))
    params = refusal.params
    was, now = (desk.minor(request, params.get(name), params.get("currency")) for name in ("was_minor", "total_minor"))
    return text.format(name=params.get("name") or params.get("sku", ""), was=was, now=now)


def _to(request: Request, number: str, did: str = "") -> Response:
    address = f"{root_of(request)}/sales/quotes/{number}"
    return RedirectResponse(f"{address}?did={did}" if did else address, 303)


async def _page(
    request: Request,
    oms: BackendClient,
    quote: Quote,
    status: int = 200,
    *,
    problem: str = "",
    form: FormData | None = None,
    did: str = "",
) -> Response:
    desk = desk_of(request)
    language = desk.language(request)
    q = typed(form, "q", MAX_NAME) if form is not None else ""
    shop, places, customer = await asyncio.gather(
        oms.shop(), oms.stock_locations(), oms.staff_customer(quote.customer_id)
    )
    found: Sequence[Variant] = (await oms.search(q, FOUND_AT_MOST)).matches if q else ()
    saved = [
        _Line(line.sku, line.unit, _shown(line.quantity, language), getattr(line.names, language),
              getattr(line.unit_name, language), line.total)
        for line in quote.cart.lines
    ]  # fmt: skip
    return await desk.page(
        request,
        "sales/quote.html",
        status,
        quote=quote,
        customer=customer,
        lines=_lines_of(form) if form is not None and "sku" in form else saved,
        # What is no number is said of several.
        unit_of=lambda line: unit_for(typed_quantity(line.quantity, language) or 0, line.unit_name, language),
        methods=shop.payment_methods,
        places=[place for place in places if place.is_pickup],
        q=q,
        found=found,
        problem=problem,
        typed=form or {},
        did=did,
        valid_days=VALID_DAYS,
        may_make=bool(desk.staff(request).roles & MAKERS),
    )


def _shown(quantity: str, language: str) -> str:
    return quantity.replace(".", ",") if language == "es" else quantity


routes = [
    Route("/sales/new", show_new),
    Route("/sales/callers", note_caller, methods=["POST"]),
    Route("/sales/quotes", show_list),
    Route("/sales/quotes", draft, methods=["POST"]),
    Route("/sales/quotes/{number}", show),
    Route("/sales/quotes/{number}", step, methods=["POST"]),
]
