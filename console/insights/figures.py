"""The page of figures: a span of days, from the chat to the money, and its tables as CSV."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.schemas.base import Money
from backend.schemas.insights import SalesInsights
from bot.client import InsightsView
from console.desk import Desk, desk_of, words_of
from console.insights.charts import Bar, bars
from kernel.errors import NotFound
from kernel.money import plain_amount
from kernel.tables import write_table

SPANS = (7, 30, 90)
BY_DEFAULT, MOST = 30, 366
_AMOUNT = ("total", "currency")


@dataclass(frozen=True, slots=True)
class Span:
    since: date
    through: date

    @property
    def days(self) -> int:
        return (self.through - self.since).days + 1

    @classmethod
    async def of(cls, request: Request, desk: Desk) -> Span:
        """What the address asks for, as far as it can be read: never longer than a year, never turned round."""
        today = await desk.today(request)
        through = _day(request.query_params.get("through")) or today
        since = _day(request.query_params.get("since")) or through - timedelta(days=BY_DEFAULT - 1)
        return cls(since, min(max(since, through), since + timedelta(days=MOST - 1)))


async def show(request: Request) -> Response:
    desk = desk_of(request)
    span = await Span.of(request, desk)
    sales, chats = await _look(request, desk, span)
    today, words = await desk.today(request), words_of(request)
    return await desk.page(
        request,
        "insights/figures.html",
        span=span,
        spans=[(days, today - timedelta(days=days - 1), today) for days in SPANS],
        sales=sales,
        chats=chats,
        funnel=_funnel(words.funnel, sales, chats),
        handoffs=bars([(words.handoff_reason.get(why, why), n, str(n)) for why, n in chats.handoffs.items()]),
        channels=bars([(words.channel.get(each, each), n, str(n)) for each, n in chats.channels.items()]),
        days=_days(request, desk, sales),
    )


async def export(request: Request) -> Response:
    """One of the page's tables, for a spreadsheet."""
    desk = desk_of(request)
    span, name = await Span.of(request, desk), request.path_params["table"]
    async with desk.oms(request) as oms:
        sales = await oms.sales_insights(span.since, span.through)
    if name == "days":
        rows: list[tuple[object, ...]] = [("day", "orders", *_AMOUNT)]
        rows += [(day.on.isoformat(), day.orders, *_amount(day.total)) for day in sales.days]
    elif name == "products":
        language = desk.language(request)
        rows = [("sku", "name", "quantity", *_AMOUNT)]
        rows += [
            (each.sku, getattr(each.name, language), each.quantity, *_amount(each.total)) for each in sales.products
        ]
    else:
        raise NotFound(name)
    file = f"{name}-{span.since}-{span.through}.csv"
    return Response(
        "\ufeff" + write_table(rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )


def _amount(total: Money) -> tuple[str, str]:
    return plain_amount(total.amount_minor, total.currency), total.currency


async def _look(request: Request, desk: Desk, span: Span) -> tuple[SalesInsights, InsightsView]:
    async with desk.oms(request) as oms, desk.bot(request) as bot:
        zone = ZoneInfo((await oms.shop()).time_zone)
        begins = datetime.combine(span.since, time(), zone)
        ends = datetime.combine(span.through + timedelta(days=1), time(), zone)
        return await asyncio.gather(oms.sales_insights(span.since, span.through), bot.insights(begins, ends))


def _funnel(words: dict[str, str], sales: SalesInsights, chats: InsightsView) -> list[Bar]:
    steps = {"conversations": chats.conversations, "by_chat": sales.funnel.by_chat, "placed": sales.funnel.placed}
    steps |= {name: getattr(sales.funnel, name) for name in ("shipped", "delivered", "invoiced", "paid")}
    return bars([(words[name], number, str(number)) for name, number in steps.items()])


def _days(request: Request, desk: Desk, sales: SalesInsights) -> list[Bar]:
    return bars(
        [
            (day.on.isoformat(), day.total.amount_minor, f"{day.orders} · {desk.money(request, day.total)}")
            for day in sales.days
        ]
    )


def _day(given: str | None) -> date | None:
    try:
        found = date.fromisoformat(given or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


routes = [Route("/insights", show), Route("/insights/{table}.csv", export)]
