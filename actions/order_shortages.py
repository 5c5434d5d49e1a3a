"""What was not on the shelf while an order was picked: wait, something else, or without it. The bot asks first."""

from __future__ import annotations

import json
from typing import Any

from actions.message import Message
from actions.questions import Answer, Chosen, Kind, Narrowed, Question, question_kind
from actions.shortages import read_shortage_choice
from actions.skills import skill
from actions.turn import Turn
from actions.which_order import order_number
from kernel.errors import ComandaError

SHORTAGE = "order_shortage"
CHOICES = frozenset({"wait", "substitute", "drop"})
# Decided meanwhile, by another button or by a person.
_STALE = frozenset({"shortage_resolved", "shortage_not_found", "not_a_substitute"})


@skill("shortage_resolve")
async def shortage_resolve(turn: Turn) -> None:
    """A button under the bot's own question (bot/notices/words.py)."""
    number, shortage = order_number(turn.message), turn.message.text_entity("shortage")
    choice = turn.message.text_entity("choice")
    if not number or not shortage or choice not in CHOICES:
        turn.say("choice_stale")
        return
    turn.questions = [
        question
        for question in turn.questions
        if question.kind != SHORTAGE or question.context.get("shortage") != shortage
    ]
    await _resolve(turn, number, shortage, {"choice": choice, "sku": turn.message.text_entity("sku")})


async def _resolve(turn: Turn, number: str, shortage: str, chosen: dict[str, Any]) -> None:
    try:
        await turn.oms.resolve_shortage(
            number, shortage, chosen["choice"], chosen.get("sku"), key=turn.key("shortage_resolve")
        )
    except ComandaError as refusal:
        if refusal.code not in _STALE:
            raise
        turn.say("choice_stale")
        return
    turn.say(f"shortage_done_{chosen['choice']}", number=number)


@question_kind(SHORTAGE)
class MissingOnTheShelf(Kind):
    """Options are what the OMS takes, as JSON: `{"choice": "substitute", "sku": …}`."""

    def read(self, message: Message, question: Question) -> Answer | None:
        return read_shortage_choice(message, question)

    async def ask(self, turn: Turn, question: Question) -> None:
        context = question.context
        name = context.get("name_en") if turn.language == "en" else context.get("name")
        turn.say("shortage_ask", number=context["order_number"], name=str(name or ""), buttons=turn.choices(question))

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(option):
                context = question.context
                await _resolve(turn, context["order_number"], context["shortage"], json.loads(option.value))
            case Narrowed(options) if len(options) < len(question.options):
                turn.questions.append(Question(SHORTAGE, options, question.context))
            case _:
                turn.misunderstood()
                turn.questions.append(question)
