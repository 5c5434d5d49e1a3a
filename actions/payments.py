"""Questions about paying. In much of Latin America "cancelar" is to pay a bill as well as to cancel an order."""

from __future__ import annotations

from actions import receivables, wording
from actions.payment_proofs import says_paid
from actions.questions import Answer, Chosen, Kind, Narrowed, Option, Question, question_kind
from actions.skills import SKILLS, skill
from actions.turn import Turn
from actions.which_order import order_number
from actions.words import fold


@skill("payment_info")
async def payment_info(turn: Turn) -> None:
    if not await receivables.takes_promise(turn):
        await explain(turn)


@skill("pay_start")
async def pay_start(turn: Turn) -> None:
    """How to pay; when "cancelar" may also mean to cancel an order that still can be, ask which.

    "Te pago el viernes" is a promise.
    """
    if await receivables.takes_promise(turn):
        return
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
    await _pay(turn)


async def _pay(turn: Turn) -> None:
    """A link for what is due of the order that was named, or of the newest one that is not paid; else how to pay."""
    number = order_number(turn.message)
    orders = [await turn.oms.order(number)] if number else await turn.oms.orders()
    shop = await turn.shop()
    unpaid = [order for order in orders if order.due.amount_minor > 0 and order.status != "cancelled"]
    if unpaid and says_paid(turn.message.text):
        due = wording.money(unpaid[0].due, shop, turn.language)
        person = turn.button("button_person", "human_request")
        turn.say("payment_not_seen", number=unpaid[0].number, amount=due, buttons=[person])
        turn.ask("proof_photo", order_number=unpaid[0].number)
        return
    if not shop.takes_online_payments or not (unpaid or number):
        await explain(turn)
        return
    if not unpaid:
        turn.say("nothing_to_pay", number=number)
        return
    order = unpaid[0]
    link = await turn.oms.payment_link(order.number, key=turn.key("pay"))
    amount = wording.money(link.amount, shop, turn.language)
    if link.url is None:
        # It is made after this, and told as soon as it is there.
        turn.say("payment_link_soon", number=order.number, amount=amount)
    else:
        turn.say("payment_link", number=order.number, amount=amount, url=link.url)


async def explain(turn: Turn) -> None:
    """The ways of paying that this customer has; of another one that was named, that it is none of them."""
    offered = await turn.oms.payment_methods()
    named = turn.message.text_entity("payment_method")
    if named and named not in {method.code for method in offered}:
        turn.say("payment_not_offered")
        if await tell_of_order(turn):
            return
    methods = "\n".join(f"• {wording.words(method.name, turn.language)}" for method in offered)
    turn.say("payment_info", methods=methods)


async def tell_of_order(turn: Turn) -> bool:
    """How the order that is not paid yet is to be paid: a way named after it was placed changes nothing by itself."""
    unpaid = [each for each in await turn.oms.orders() if each.due.amount_minor > 0 and each.status != "cancelled"]
    if not unpaid:
        return False
    order, shop = unpaid[0], await turn.shop()
    turn.say(
        "payment_of_order",
        number=order.number,
        payment_method=wording.payment_name(shop.payment_methods, order.payment_method, turn.language),
        amount=wording.money(order.due, shop, turn.language),
        buttons=[turn.button("button_person", "human_request")],
    )
    return True


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
                await _pay(turn)
            case Narrowed():
                turn.misunderstood()
                turn.questions.append(question)
            case _:
                turn.say("order_left_alone")
