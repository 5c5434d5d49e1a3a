"""The one offer of an order: said beside the summary, taken with one tap, never asked again after a no."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions import wording
from actions.message import Message
from actions.questions import Said
from actions.skills import skill
from actions.turn import Button, Turn, payload
from actions.words import fold
from kernel.errors import ComandaError

TAKE, LEAVE = "suggestion_take", "suggestion_leave"
ANSWERS = frozenset({TAKE, LEAVE})
# Nothing but these words: "agrégale 2 leches" is a wish of its own, and a plain yes confirms the order.
_TAKE = re.compile(
    r"(?:(?:si|dale|bueno|ok|vale|listo|yes|sure|ok) )?(?:porfa |por favor |please )?"
    r"(?:agreg(?:alo|ala|uelo|uela|amelo|amela|uemelo)|anad(?:elo|ela)|suma(?:lo|la)|pon(?:lo|la|melo|mela)|"
    r"add (?:it|that)(?: too)?|include it)(?: tambien| too)?(?: porfa| por favor| please)?"
)
_LEAVE = re.compile(
    r"no (?:muchas )?gracias|no (?:lo|la) (?:agregues?|quiero)|no thank(?:s| you)|don t add (?:it|that)|sin es[oae]"
)


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer that stands; its `buttons` belong under the summary, for only the newest message's can be pressed."""

    id: str
    buttons: tuple[Button, ...]


async def offer(turn: Turn) -> Offered | None:
    """Say what goes well with the cart, if there is anything and it was not said before."""
    try:
        suggested = await turn.oms.suggest(key=turn.key("suggest"))
        if suggested is None:
            return None
        because = next(line for line in (await turn.oms.cart()).lines if line.sku == suggested.because)
    except ComandaError as refusal:
        # An offer is never worth the order.
        if refusal.status >= 500:
            return None
        raise
    name = wording.words(suggested.names, turn.language)
    if suggested.id != turn.suggestion:
        turn.suggestion = suggested.id
        turn.say(
            "suggestion_offer",
            because=wording.words(because.names, turn.language),
            name=name,
            price=wording.money(suggested.price, await turn.shop(), turn.language),
        )
    return Offered(
        suggested.id,
        (
            Button(turn.text("button_add", name=name), payload("suggestion_answer", offer=suggested.id, ok=True)),
            turn.button("button_no_offer", "suggestion_answer", offer=suggested.id, ok=False),
        ),
    )


def read(message: Message, offered: str | None) -> Said | None:
    """Words at the summary that mean the offer and not the order."""
    if offered is None or message.is_button:
        return None
    said = fold(message.text)
    if _TAKE.fullmatch(said):
        return Said(TAKE)
    return Said(LEAVE) if _LEAVE.fullmatch(said) else None


@skill("suggestion_answer")
async def suggestion_answer(turn: Turn) -> None:
    """The buttons under the offer; the question that was open stays open."""
    await answer(turn, turn.message.text_entity("offer") or "", is_wanted=turn.message.first("ok") is True)


async def answer(turn: Turn, suggestion_id: str, *, is_wanted: bool) -> None:
    """Put it into the cart, or never offer it again."""
    try:
        if not is_wanted:
            await turn.oms.decline_suggestion(suggestion_id, key=turn.key("suggestion"))
            turn.say("suggestion_declined")
            return
        before = {line.sku for line in (await turn.oms.cart()).lines}
        cart = await turn.oms.accept_suggestion(suggestion_id, key=turn.key("suggestion"))
    except ComandaError as refusal:
        if refusal.code not in ("suggestion_not_found", "suggestion_over", "out_of_stock", "cart_full"):
            raise
        turn.say("suggestion_over")
        return
    added = [line for line in cart.lines if line.sku not in before] or cart.lines[-1:]
    turn.focus_sku = added[0].sku
    turn.say("suggestion_added", name=wording.words(added[0].names, turn.language))
