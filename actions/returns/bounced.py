"""A parcel that could not be delivered: sent again, or the money. The bot asks first."""

from __future__ import annotations

import re

from actions.message import Message
from actions.questions import Answer, Chosen, Kind, Narrowed, Question, question_kind, read_choice
from actions.returns import heard
from actions.returns.standing import return_number
from actions.skills import say_refusal, skill
from actions.turn import Turn
from actions.words import fold
from backend.schemas.returns import ChooseForParcel, ParcelWish
from kernel.errors import ComandaError

BOUNCED = "parcel_bounced"
WISHES: dict[str, ParcelWish] = {each: each for each in ("replacement", "refund", "store_credit")}
_AGAIN = re.compile(
    r"\b(?:otra vez|de nuevo|nuevamente|again|re ?e?nvi\w*|resend)\b|\b(?:e?nvi|mand)\w*(?:lo|la|los|las)\b"
)
_NO_MORE = re.compile(r"\b(?:ya no|no) l[oa]s? (?:quiero|necesito)\b|\b(?:don ?t|do not) (?:want|need)\b|\bcancel\w*")


@skill("parcel_choose")
async def parcel_choose(turn: Turn) -> None:
    """A button under the bot's own question (bot/notices/words.py)."""
    number, wish = return_number(turn.message), WISHES.get(turn.message.text_entity("choice") or "")
    if not number or not wish:
        turn.say("choice_stale")
        return
    turn.questions = [
        each for each in turn.questions if each.kind != BOUNCED or each.context.get("return_number") != number
    ]
    await _choose(turn, number, wish)


async def _choose(turn: Turn, number: str, wish: ParcelWish) -> None:
    try:
        made = await turn.oms.choose_for_parcel(number, ChooseForParcel(wish=wish), key=turn.key("parcel_choose"))
    except ComandaError as refusal:
        if refusal.status >= 500:
            raise
        # It was settled meanwhile.
        say_refusal(turn, refusal)
        return
    said = wish if wish != "refund" or made.money_by else "no_more"
    turn.say(f"parcel_done_{said}", number=made.order_number)


@question_kind(BOUNCED)
class SentAgain(Kind):
    """Options are what the OMS takes; "mándalo otra vez" and "ya no lo quiero" are among the answers."""

    def read(self, message: Message, question: Question) -> Answer | None:
        if not message.is_button and "?" not in message.text:
            said = fold(message.text)
            wish = "refund" if _NO_MORE.search(said) else "replacement" if _AGAIN.search(said) else None
            wish = wish or heard.wish(message.text)
            named = next((option for option in question.options if option.value == wish), None)
            if named:
                return Chosen(named)
        return read_choice(message, question.options)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say("parcel_ask", number=question.context["order_number"], buttons=turn.choices(question))

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(option):
                await _choose(turn, question.context["return_number"], WISHES[option.value])
            case Narrowed():
                turn.misunderstood()
                turn.questions.append(question)
            case _:
                turn.say("parcel_looked_at", number=question.context["order_number"])
                turn.hand_off("parcel_bounced")
