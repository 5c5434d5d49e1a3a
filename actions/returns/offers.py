"""What is offered at each step of a return, and its summary: every day, place and amount is the OMS's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from actions import wording
from actions.questions import Option, Question
from actions.returns.draft import WAYS, Draft, name_of
from actions.returns.instead import among
from actions.returns.standing import slot
from actions.turn import Turn
from backend.schemas.returns import DropOffPoint, ReturnQuote

AFTERNOON = "12:00"


async def options(turn: Turn, draft: Draft, step: str) -> list[Option]:
    match step:
        case "line":
            return [Option(line.line, name_of(line, turn.language), line.name) for line in draft.free]
        case "reason":
            return [Option(reason.code, wording.words(reason.name, turn.language)) for reason in draft.found.reasons]
        case "wish":
            return _spoken(turn, "wish", draft.wishes)
        case "way":
            return _spoken(turn, "way", WAYS)
        case "instead":
            return among(draft)
        case "point":
            points = await turn.oms.drop_off_points()
            return [Option(each.code, each.name, each.address) for each in points]
        case "slot":
            return await _slots(turn, draft)
        case "confirm" if draft.is_more_left:
            return [Option("more", turn.text("return_more"), turn.text("return_also_more"))]
    return []


async def notes(turn: Turn, step: str) -> dict[str, str]:
    """What is said beside an option: where the place is, and when it is open."""
    points = await turn.oms.drop_off_points() if step == "point" else []
    return {each.code: f"{each.address} ({wording.words(each.hours, turn.language)})" for each in points}


def _spoken(turn: Turn, step: str, values: list[str] | tuple[str, ...]) -> list[Option]:
    return [Option(value, turn.text(f"return_{step}_{value}"), turn.text(f"return_also_{value}")) for value in values]


async def _slots(turn: Turn, draft: Draft) -> list[Option]:
    offered = (await turn.oms.quote_return(draft.facts["number"], draft.request())).pickup_slots
    return [
        Option(
            f"{each.on.isoformat()} {each.slot}",
            # A row of a list on WhatsApp has room for 24 characters.
            f"{wording.short_day(each.on, turn.language)}, {each.slot.replace('-', '–')}",
            " ".join(
                (
                    slot(turn, each.on, each.slot),
                    turn.text("return_also_morning" if each.slot < AFTERNOON else "return_also_afternoon"),
                )
            ),
        )
        for each in offered
    ]


def say_points(turn: Turn, points: Sequence[DropOffPoint]) -> None:
    """Where it may be left, if the shop names any place."""
    if points:
        listed = [f"• {each.name}, {each.address} ({wording.words(each.hours, turn.language)})" for each in points]
        turn.say("return_points", points="\n".join(listed))


async def say_summary(turn: Turn, draft: Draft, question: Question) -> None:
    """What will be asked for, with what it comes to."""
    facts = draft.facts
    quote = await turn.oms.quote_return(facts["number"], draft.request())
    way = turn.text(f"return_way_{facts['way']}" if quote.needs_goods else "return_way_none")
    if facts.get("point") and quote.needs_goods:
        points = await turn.oms.drop_off_points()
        way = f"{way}, {next(each.name for each in points if each.code == facts['point'])}"
    if facts.get("slot") and quote.needs_goods:
        way = f"{way}, {_slot(turn, draft)}"
    wish = turn.text(f"return_wish_{facts['wish']}")
    if facts["wish"] == "exchange":
        wish = turn.text("return_wish_instead", what=facts["instead"]["title"])
    turn.say(
        "return_confirm",
        number=facts["number"],
        goods=_goods(turn, draft),
        wish=wish,
        way=way,
        sums=await _sums(turn, quote),
        buttons=[
            turn.button("button_return_yes", "affirm", question=question.id),
            *turn.choices(question),
            turn.button("button_no", "deny", question=question.id),
        ],
    )


def _goods(turn: Turn, draft: Draft) -> str:
    goods = draft.goods()
    key = "return_goods" if len(goods) == 1 else "return_goods_of_several"
    return "\n".join(
        turn.text(
            key,
            what=f"{count} × {name_of(line, turn.language)}",
            reason=wording.words(reason.name, turn.language) if reason else "",
        )
        for line, count, reason in goods
    )


def _slot(turn: Turn, draft: Draft) -> str:
    on, hours = draft.facts["slot"]
    return slot(turn, date.fromisoformat(on), hours)


async def _sums(turn: Turn, quote: ReturnQuote) -> str:
    shop = await turn.shop()
    lines = []
    if quote.charged.amount_minor:
        lines.append(turn.text("return_charged", amount=wording.money(quote.charged, shop, turn.language)))
    if quote.exchange is not None:
        more = quote.exchange.amount_minor - quote.value.amount_minor + quote.charged.amount_minor
        key = "return_costs_more" if more > 0 else "return_costs_less" if more < 0 else "return_costs_same"
        amount = quote.exchange.model_copy(update={"amount_minor": abs(more)})
        lines.append(turn.text(key, amount=wording.money(amount, shop, turn.language)))
    return "".join(f"\n• {line}" for line in lines)
