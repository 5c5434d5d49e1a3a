"""What is short: in the cart before it is ordered, and on the shelf while an order is picked. The customer chooses."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from actions import wording
from actions.message import Message
from actions.questions import (
    Answer,
    Chosen,
    Kind,
    Narrowed,
    No,
    Option,
    Question,
    question_kind,
    read_choice,
)
from actions.turn import Turn
from actions.words import covers, fold, tokens
from backend.schemas.base import Money
from kernel import quantities
from kernel.errors import ComandaError

# What a choice is called when it is not named by its title; a negated word is none ("no lo quites").
_WORDS = {
    "wait": re.compile(r"\b(esper\w*|aguant\w*|(?:i ll |i can )?wait\w*)\b"),
    "reduce": re.compile(
        r"\b(lo que (?:hay|haya|tengan?|queda)|l[ao]s que (?:hay|haya|tengan?|queda\w*)|"
        r"what(?:ever)? (?:there is|you have|is left|s left))\b"
    ),
    "substitute": re.compile(
        r"\b(la otra|el otro|otr[oa]|cambi\w*|re?e?mpla[zc]\w*|sustit\w*|the other|another|swap|substitut\w*|"
        r"replace\w*|instead)\b"
    ),
    "drop": re.compile(
        r"\b(quit\w*|sacal[oa]|sac[ao]r?l[oa]|elimin\w*|borr\w*|sin (?:es[oae]|el|la)|no (?:lo|la) (?:quiero|mandes?)|"
        r"drop|remove|leave (?:it|that) out|without|skip|forget it|olvidal[oa])\b"
    ),
}
# What may stand around it; with any other word the message is about something else ("quita el pan del pedido").
_AROUND = re.compile(
    r"\b(?:(?:e?nvia|manda)(?:me|melo|mela|lo|la)?|me l[oa]s?|que|hasta|cuando|lleg(?:a|ue|uen)|haya|hay|mas|dia|pues|"
    r"for|can|would|could|rather|send|fine|good|until|till|when|comes?|arrives?|day|out|lets?|let s)\b"
)
_NEGATED = re.compile(
    r"\b(?:no|don t|do not) (?:\w+ ){0,2}(?:quit\w*|esper\w*|cambi\w*|wait|remove|drop|swap|replace)\b(?: mas\b)?"
)


def read_shortage_choice(message: Message, question: Question) -> Answer | None:
    """A button, a number, an ordinal, a name, or "espero", "mándame la otra", "quítalo"."""
    if not message.is_button and "?" not in message.text:
        said = fold(message.text)
        meant = _NEGATED.sub(" ", said)
        for choice, words in _WORDS.items():
            options = [option for option in question.options if json.loads(option.value)["choice"] == choice]
            if words.search(meant) and options and _is_all(words.sub(" ", meant), question):
                return _among(message, options)
        if meant != said:
            # "No quiero esperar" says what is not meant, and nothing else.
            return No()
    return read_choice(message, question.options)


def _is_all(rest: str, question: Question) -> bool:
    """Besides its choice, does a message name nothing but what is short and what is offered instead?"""
    rest = _AROUND.sub(" ", rest)
    named = [str(question.context.get(each) or "") for each in ("name", "name_en")]
    titles = (f"{option.title} {option.also}" for option in question.options)
    return not tokens(rest) or covers(rest, " ".join((*named, *titles)))


def _among(message: Message, meant: list[Option]) -> Answer:
    """One of the options of a choice; of several substitutes the one that is named."""
    if len(meant) == 1:
        return Chosen(meant[0])
    named = read_choice(message, meant)
    return named if isinstance(named, Chosen) else Narrowed(tuple(meant))


async def ask_in_cart(turn: Turn, refusal: ComandaError) -> bool:
    """Open the question what to do about a line that is short; False if the refusal offers nothing."""
    choices = refusal.params.get("choices")
    if not isinstance(choices, dict):
        return False
    options = [*await what_else(turn, choices), _option(turn, {"choice": "drop"})]
    sku = str(refusal.params["sku"])
    names = {line.sku: wording.words(line.names, turn.language) for line in (await turn.oms.cart()).lines}
    turn.withdraw("cart_short", "checkout", "more")
    turn.ask("cart_short", options, sku=sku, name=names.get(sku, str(refusal.params.get("name", sku))))
    return True


async def what_else(turn: Turn, choices: dict[str, Any]) -> list[Option]:
    """What a refusal for want of stock offers: the day to wait for, substitutes, what there is."""
    shop = await turn.shop()
    options = []
    if choices.get("wait"):
        on = date.fromisoformat(choices["wait"]["promised_on"])
        options.append(_option(turn, {"choice": "wait"}, day=wording.day(on, shop, turn.language)))
    for other in choices.get("substitutes") or ():
        name = other["name_en"] if turn.language == "en" else other["name"]
        price = wording.money(Money(**other["price"]), shop, turn.language)
        chosen = {"choice": "substitute", "sku": other["sku"]}
        options.append(_option(turn, chosen, also=f"{other['name']} {other['name_en']}", name=name, price=price))
    if choices.get("reduce"):
        quantity = quantities.number(choices["reduce"], turn.language)
        options.append(_option(turn, {"choice": "reduce"}, quantity=quantity))
    return options


def _option(turn: Turn, chosen: dict[str, str], also: str = "", **params: object) -> Option:
    return Option(json.dumps(chosen), turn.text(f"short_{chosen['choice']}", **params), also)


async def say_in_cart(turn: Turn, question: Question) -> None:
    turn.say(
        "cart_short",
        name=question.context["name"],
        choices=wording.numbered(question.options, {}),
        buttons=turn.choices(question),
    )


@question_kind("cart_short")
class ShortInCart(Kind):
    """There is less of it than is in the cart: wait, something else, what there is, or without it?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        return read_shortage_choice(message, question)

    async def ask(self, turn: Turn, question: Question) -> None:
        await say_in_cart(turn, question)

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(option):
                await _choose(turn, question.context["sku"], json.loads(option.value))
            case Narrowed(options):
                if len(options) == len(question.options):
                    turn.misunderstood()
                turn.ask("cart_short", options, **question.context)
            case No():
                turn.say("checkout_paused")
            case _:
                turn.misunderstood()
                turn.questions.append(question)


async def _choose(turn: Turn, sku: str, chosen: dict[str, Any]) -> None:
    """Tell the OMS, then back to the summary."""
    try:
        await turn.oms.resolve_cart_shortage(sku, chosen["choice"], chosen.get("sku"), key=turn.key("cart_short"))
    except ComandaError as refusal:
        if refusal.code == "out_of_stock" and await ask_in_cart(turn, refusal):
            return
        if refusal.code not in ("out_of_stock", "not_in_cart", "not_a_substitute"):
            raise
        turn.say("choice_stale")
    else:
        turn.say(f"short_done_{chosen['choice']}")
    turn.withdraw("checkout", "more")
    turn.ask("checkout", step=None)
