"""Coupons: "tengo un cupón LECHE10", "quítame el cupón"."""

from __future__ import annotations

import re

from actions import variants, wording
from actions.message import Message
from actions.questions import Answer, Kind, No, Question, Said, question_kind
from actions.skills import skill
from actions.turn import Turn
from actions.words import fold, is_refusal
from backend.schemas.base import Money
from kernel.errors import ComandaError

_TOKEN = re.compile(r"[^\W_][\w-]{2,39}")
_NAMES_IT = re.compile(r"cup[oó]n\w*|c[oó]digo|coupon|voucher|code|promo(?:cional)?|descuento|discount", re.IGNORECASE)
# What stands between "cupón" and its code, or beside both.
_NO_CODE = frozenset(
    re.findall(
        r"\w+",
        """
        con cupon cupones codigo como de del descuento dice el es este fue gracias hola la llama llamado mi mis para
        poner ponle ponme por porfa promo promocional puedo que quiero ser sobre tengo tienes un una unos usar uso
        aplica aplicar aplicalo aplicame aplique
        and apply called can code coupon discount for from got has have having here how is like my need please
        promotional that the this use using voucher want what with would you your
        """,
    )
)


@skill("discount_apply")
async def discount_apply(turn: Turn) -> None:
    code = code_in(turn.message.text)
    if code is None:
        turn.withdraw("discount_code")
        turn.ask("discount_code")
    else:
        await _apply(turn, code)


@skill("discount_remove")
async def discount_remove(turn: Turn) -> None:
    before = await turn.oms.cart()
    if before.checkout.discount_code is None:
        if before.discount is None:
            turn.say("discount_none")
        else:
            turn.say("discount_automatic", name=wording.words(before.discount.name, turn.language))
        return
    after = await turn.oms.remove_discount(key=turn.key("discount"))
    shop = await turn.shop()
    total = wording.money(after.total, shop, turn.language)
    turn.say("discount_removed", code=before.checkout.discount_code, total=total)


async def _apply(turn: Turn, code: str) -> None:
    shop = await turn.shop()
    try:
        cart = await turn.oms.apply_discount(code, key=turn.key("discount"))
    except ComandaError as refusal:
        if refusal.code != "discount_below_minimum":
            raise
        minimum = Money.model_validate(refusal.params["minimum"])
        turn.say("discount_minimum", code=code.upper(), minimum=wording.money(minimum, shop, turn.language))
        return
    if cart.discount is None:
        turn.say("discount_kept", code=code.upper())
        return
    turn.say(
        "discount_better" if cart.discount_refused else "discount_applied",
        code=code.upper(),
        name=wording.words(cart.discount.name, turn.language),
        amount=wording.money(cart.discount.amount, shop, turn.language),
        total=wording.money(cart.total, shop, turn.language),
    )
    variants.ask_for_more(turn)


def code_in(text: str) -> str | None:
    """The code that a message names: with a digit, in capitals, or else right after "cupón"."""
    words = _candidates(text)
    marked = [word for word in words if any(letter.isdigit() for letter in word) and not word.isdigit()]
    capitals = [word for word in words if word.isupper()] if not text.isupper() else []
    named = _NAMES_IT.search(text)
    after = _candidates(text[named.end() :]) if named else []
    return next(iter([*marked, *capitals, *after]), None)


def _candidates(text: str) -> list[str]:
    return [word for word in _TOKEN.findall(text) if fold(word) not in _NO_CODE]


@question_kind("discount_code")
class WhichCode(Kind):
    """What is the coupon's code? Dropped when the customer talks about something else."""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        words = _TOKEN.findall(message.text)
        if len(words) == 1 and not message.is_button and any(letter.isdigit() for letter in words[0]):
            # "NADA99" is no "nada".
            return Said(words[0])
        if message.intent == "deny" or is_refusal(message.text):
            return No()
        if message.is_button or not words:
            return None
        if len(words) == 1:
            return Said(words[0])
        return Said(code) if message.intent == "discount_apply" and (code := code_in(message.text)) else None

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say("discount_which")

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        if isinstance(answer, Said):
            await _apply(turn, answer.text)
        else:
            turn.say("discount_left")
