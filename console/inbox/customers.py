"""Who a customer is, as the inbox shows it: what they are called in lists, and the card beside their conversation."""

from __future__ import annotations

import time
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from backend.schemas.customer_cards import CustomerName
from console.desk import desk_of
from console.sales.quotes import MAKERS
from kernel.errors import ComandaError, Forbidden, NotFound, Unavailable

# People are seldom renamed, and a list is drawn anew with every message.
FRESH_S = 60.0
KEPT_MOST = 5_000


class Names:
    """What customers are called, remembered for a while. Who cannot be asked for is shown without a name."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, CustomerName]] = {}

    async def of(self, request: Request, customer_ids: Iterable[str | None]) -> dict[str, CustomerName]:
        now = time.monotonic()
        wanted = {each for each in customer_ids if each}
        missing = [each for each in wanted if each not in self._known or self._known[each][0] < now]
        if missing:
            if len(self._known) > KEPT_MOST:
                self._known.clear()
            try:
                async with desk_of(request).oms(request) as oms:
                    for name in await oms.customer_names(missing[:100]):
                        self._known[name.customer_id] = (now + FRESH_S, name)
            except ComandaError:
                pass
        return {each: self._known[each][1] for each in wanted if each in self._known}


def names_of(request: Request) -> Names:
    state = request.app.state
    if not hasattr(state, "customer_names"):
        state.customer_names = Names()
    names: Names = state.customer_names
    return names


async def found(request: Request, query: str) -> list[str]:
    """The customers who are called so, or have that number or order."""
    try:
        async with desk_of(request).oms(request) as oms:
            return [each.customer_id for each in await oms.customer_names(query=query)]
    except ComandaError:
        return []


async def facts(request: Request, customer_id: str) -> dict[str, str]:
    """What canned replies may say of a customer."""
    desk = desk_of(request)
    try:
        async with desk.oms(request) as oms:
            card = await oms.customer_card(customer_id)
    except ComandaError:
        return {}
    said = {"customer.name": card.name or ""}
    if card.orders:
        latest = card.orders[0]
        said |= {"order.number": latest.number, "order.total": desk.money(request, latest.total)}
    return said


async def show_card(request: Request) -> Response:
    """Beside a conversation: what its customer has with the shop. What cannot be had is said in its place."""
    desk, conversation_id = desk_of(request), request.path_params["conversation_id"]
    async with desk.bot(request) as bot:
        conversation = await bot.conversation(conversation_id)
    card, why_not = None, ""
    if conversation.customer_id:
        try:
            async with desk.oms(request) as oms:
                card = await oms.customer_card(conversation.customer_id)
        except Forbidden:
            why_not = "forbidden"
        except NotFound:
            pass
        except ComandaError:
            why_not = "unavailable"
    shown = {
        "conversation": conversation,
        "card": card,
        "why_not": why_not,
        "may_sell": bool(desk.staff(request).roles & MAKERS),
    }
    return HTMLResponse(await desk.render(request, "_card.html", **shown))


async def show_summary(request: Request) -> Response:
    """What was talked about and what is open; nothing, where the bot cannot say."""
    desk = desk_of(request)
    async with desk.bot(request) as bot:
        try:
            context = await bot.context(request.path_params["conversation_id"])
        except Unavailable:
            return HTMLResponse("")
    return HTMLResponse(await desk.render(request, "_summary.html", context=context))


routes = [
    Route("/conversations/{conversation_id}/summary", show_summary),
    Route("/conversations/{conversation_id}/card", show_card),
]
