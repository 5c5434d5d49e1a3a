"""How an order will be paid."""

from __future__ import annotations

from actions import payments, receivables, wording
from actions.checkout.leading import begin
from actions.message import Message
from actions.questions import Answer, Chosen, Narrowed, No, Option, Question, read_choice
from actions.skills import skill
from actions.turn import Turn


@skill("payment_choose")
async def payment_choose(turn: Turn) -> None:
    """A way of paying without having been asked."""
    cart = await turn.oms.cart()
    # "Te consigno el lunes": what is owed.
    if cart.is_empty and await receivables.takes_promise(turn):
        return
    method = turn.message.text_entity("payment_method")
    is_offered = method in {offered.code for offered in await turn.oms.payment_methods()}
    if cart.is_empty and (is_offered or not method):
        if not (method and await payments.tell_of_order(turn)):
            turn.say("payment_kept_for_order")
    elif cart.is_empty:
        await payments.explain(turn)
    elif is_offered:
        await turn.oms.choose_checkout(payment_method=method, key=turn.key("payment"))
        begin(turn)
    else:
        if method:
            turn.say("payment_not_offered")
        begin(turn, step="payment")


async def ask_payment(turn: Turn) -> None:
    options = [
        Option(method.code, wording.words(method.name, turn.language), f"{method.name.es} {method.name.en}")
        for method in await turn.oms.payment_methods()
    ]
    turn.ask("checkout", options, step="payment")
    question = turn.questions[-1]
    turn.say("payment_which", choices=wording.numbered(options, {}), buttons=turn.choices(question))


def read_payment(message: Message, question: Question) -> Answer | None:
    method = message.text_entity("payment_method")
    if method:
        option = next((option for option in question.options if option.value == method), None)
        return Chosen(option) if option else Narrowed(question.options)
    return read_choice(message, question.options)


async def take_payment(turn: Turn, question: Question, answer: Answer) -> None:
    match answer:
        case Chosen(option):
            await turn.oms.choose_checkout(payment_method=option.value, key=turn.key("payment"))
            begin(turn)
        case No():
            turn.say("checkout_paused")
        case _:
            turn.say("payment_not_offered")
            begin(turn, step="payment")
