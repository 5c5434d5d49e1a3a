"""What is wished for and is not there, but announced: wait for it, or something else instead?"""

from __future__ import annotations

import json
from typing import Any

from actions import variants, wording
from actions.message import Message
from actions.questions import Answer, Chosen, Kind, Narrowed, Question, question_kind
from actions.shortages import read_shortage_choice
from actions.turn import Turn
from backend.schemas.carts import CartChange


@question_kind("short_to_add")
class WaitForIt(Kind):
    """There is not so much of it now, and more is announced: wait, something else, or what there is?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        return read_shortage_choice(message, question)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            "short_to_add",
            name=question.context["name"],
            choices=wording.numbered(question.options, {}),
            buttons=[*turn.choices(question), turn.button("button_none", "deny", question=question.id)],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(option):
                change = _chosen(question, json.loads(option.value))
                await variants.put(turn, variants.instead(change, question.context.get("replaces")))
            case Narrowed(options):
                if len(options) == len(question.options):
                    turn.misunderstood()
                turn.ask("short_to_add", options, **question.context)
            case _:
                turn.say("variant_declined", text=question.context["name"])
                variants.ask_for_more(turn)


def _chosen(question: Question, chosen: dict[str, Any]) -> CartChange:
    """The wish again: with patience, for the substitute, or for what there is of it."""
    wished = CartChange(**question.context["change"])
    match chosen["choice"]:
        case "wait":
            return wished.model_copy(update={"may_wait": True})
        case "substitute":
            return wished.model_copy(update={"sku": chosen["sku"]})
        case _:
            return wished.model_copy(update={"op": "set", "quantity": question.context["left"]})
