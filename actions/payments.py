"""Questions about paying. In much of Latin America "cancelar" is to pay a bill as well as to cancel an order."""

from __future__ import annotations

from actions import wording
from actions.orders import order_number
from actions.questions import Answer, Chosen, Kind, Narrowed, Option, Question, question_kind
from actions.skills import SKILLS, skill
from actions.turn import Turn
from actions.words import fold


@skill("payment_info")
async def payment_info(turn: Turn) -> None:
    await _explain(turn)


@skill("pay_start")
async def pay_start(turn: Turn) -> None:
    """How to pay; when "cancelar" may also mean to cancel an order that still can be, ask which."""
    words = fold(turn.message.text).split()
    may_mean_cancel = any(word.startswith("cancel") for word in words) and not turn.message.is_button
    if may_mean_cancel and order_number(turn.message) is None:
        orders = await turn.oms.orders()
        if any(order.can_cancel for order in orders):
            options = [
                Option("pay", turn.text("pay_or_cancel_pay"), "pagar pago pay cuenta bill"),
                Option("cancel", turn.text("pay_or_cancel_cancel"), "anular anularlo pedido order"),
            ]
            turn.ask("pay_or_cancel", options)
            return
    await _explain(turn)


async def _explain(turn: Turn) -> None:
    shop = await turn.shop()
    methods = "\n".join(f"• {wording.words(method.name, turn.language)}" for method in shop.payment_methods)
    turn.say("payment_info", methods=methods)


@question_kind("pay_or_cancel")
class PayOrCancel(Kind):
    """Do you want to pay, or to cancel an order?"""

    async def ask(self, turn: Turn, question: Question) -> None:
        choices = wording.numbered(question.options, {})
        turn.say("pay_or_cancel", choices=choices, buttons=turn.choices(question))

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(Option(value="cancel")):
                await SKILLS["order_cancel"](turn)
            case Chosen():
                await _explain(turn)
            case Narrowed():
                turn.misunderstood()
                turn.questions.append(question)
            case _:
                turn.say("order_left_alone")
