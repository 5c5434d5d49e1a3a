"""How the customer's returns stand, and by which day the next step is taken and the money is back."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from actions import wording
from actions.message import Message
from actions.turn import Button, Turn
from backend.schemas.base import Money
from backend.schemas.returns import Return

LISTED = 4
CANCELLABLE = ("requested", "accepted")
_OVER = ("rejected", "resolved", "cancelled")
_NUMBER = re.compile(r"\brma\s*-?\s*(\d{3,9})\b", re.IGNORECASE)


def return_number(message: Message) -> str | None:
    """RMA-10001, from a button or as it is written."""
    pressed = message.text_entity("return_number")
    found = _NUMBER.search(message.text) if not message.is_button else None
    return pressed or (f"RMA-{found[1]}" if found else None)


def day(turn: Turn, on: date | None) -> str:
    return wording.full_day(on, turn.language) if on else ""


def slot(turn: Turn, on: date, hours: str | None) -> str:
    """ "jueves 3 de diciembre, de 09:00 a 12:00"."""
    if not hours:
        return day(turn, on)
    begin, _, end = hours.partition("-")
    return turn.text("return_slot", day=day(turn, on), begin=begin, end=end)


async def tell_returns(turn: Turn, returns: Sequence[Return], repaid: Collection[str] = ()) -> None:
    """Those that are not over first; of the orders that are `repaid` no day of the money is told any more."""
    shown = sorted(returns, key=lambda each: each.status in _OVER)[:LISTED]
    lines = [await _line(turn, each, is_repaid=each.order_number in repaid) for each in shown]
    turn.say("returns", returns="\n".join(lines), buttons=_buttons(turn, shown))
    if len(shown) == 1:
        say_label(turn, shown[0])


def say_label(turn: Turn, each: Return) -> None:
    """Its label, as a document, where there is one."""
    if each.label_url:
        turn.say("return_label", number=each.number, url=each.label_url)
        turn.enclose(f"{each.number}.pdf", f"{each.label_url}/pdf")


async def _line(turn: Turn, each: Return, *, is_repaid: bool) -> str:
    shop = await turn.shop()
    parts = [turn.text(f"return_status_{each.status}")]
    if each.rejected_because:
        parts.append(turn.text("return_because", reason=each.rejected_because))
    if each.pickup_on and each.status == "accepted":
        parts.append(turn.text("return_fetched_on", slot=slot(turn, each.pickup_on, each.pickup_slot)))
    elif on := _next_day(each):
        parts.append(turn.text("return_until", day=day(turn, on)))
    if owed_less := _owed_less(each):
        parts.append(turn.text("return_owed_less", amount=wording.money(owed_less, shop, turn.language)))
    if each.money_by and not is_repaid:
        parts.append(turn.text("return_money_by", day=day(turn, each.money_by)))
    return turn.text(
        "return_line",
        number=each.number,
        order=each.order_number,
        what=", ".join(f"{line.quantity} × {wording.words(line.names, turn.language)}" for line in each.lines),
        status=" ".join(parts),
        value=wording.money(each.given_back if each.given_back.amount_minor else each.value, shop, turn.language),
    )


def _owed_less(each: Return) -> Money | None:
    """What of a settled return was never paid, and is owed no more."""
    less = each.credited.amount_minor - each.charged.amount_minor - each.given_back.amount_minor
    return Money.of(less, each.value.currency) if less > 0 else None


def _next_day(each: Return) -> date | None:
    days = {"requested": each.answer_by, "accepted": each.send_by, "received": each.inspect_by}
    return days.get(each.status)


def _buttons(turn: Turn, shown: Sequence[Return]) -> list[Button]:
    """What may be done about the only one."""
    if turn.questions or len(shown) != 1:
        return []
    [each] = shown
    if each.status in CANCELLABLE and each.settled_at is None:
        return [turn.button("button_cancel_return", "return_cancel", return_number=each.number)]
    if each.status == "rejected":
        return [turn.button("button_appeal", "return_appeal", return_number=each.number)]
    return []
