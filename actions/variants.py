"""Which product is meant: from the customer's words to a sku, a quantity and a unit, asking where it is not clear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from decimal import Decimal

from actions import wording
from actions.message import Message, OrderLine
from actions.questions import (
    Answer,
    Chosen,
    Kind,
    Narrowed,
    No,
    Option,
    Question,
    Yes,
    question_kind,
    read_yes_no,
)
from actions.shortages import what_else
from actions.turn import Turn
from actions.words import is_refusal
from backend.schemas.base import Money
from backend.schemas.carts import Cart, CartChange
from backend.schemas.catalog import Candidate, LineToResolve, ResolvedLine, Variant
from kernel import quantities
from kernel.errors import ComandaError

ALTERNATIVES = 3
# A refusal about one product does not spoil the others: these name the product they are about.
_ABOUT_A_PRODUCT = frozenset({"out_of_stock", "unknown_unit", "invalid_quantity", "quantity_too_large", "unknown_sku"})
# "6 porfa"; "-5" is no 5.
_FIGURE = re.compile(r"[^\d-]*(\d+(?:[.,]\d+)?)\D*")


async def add(turn: Turn, lines: Sequence[OrderLine], *, replaces: str | None = None) -> None:
    """Put into the cart what is clear of these wishes, and open a question for each that is not.

    `replaces` is the sku that gives way to the one wish ("mejor deslactosada").
    """
    changes, is_asked = await _settle(turn, lines, replaces)
    if changes:
        await put(turn, changes)
    elif not is_asked:
        turn.say("cart_what")


async def put(turn: Turn, changes: Sequence[CartChange]) -> None:
    """Change the cart in one call and say how the lines stand now; what the OMS refuses is told and left out."""
    wanted = list(changes)
    cart: Cart | None = None
    while wanted and cart is None:
        try:
            cart = await turn.oms.change_cart(wanted, key=turn.key("cart"))
        except ComandaError as refusal:
            refused = _refused(refusal, wanted)
            if refused is None:
                raise
            stays = _giving_way(wanted, refused)
            wanted = [change for change in wanted if change.sku not in (refused.sku, stays)]
            await _answer_refusal(turn, refusal, refused, stays)
    added = [change.sku for change in wanted if change.op in ("add", "set")]
    if cart is not None and added:
        turn.is_misunderstood = False
        turn.focus_sku = added[-1]
        shop = await turn.shop()
        touched = [line for line in cart.lines if line.sku in added]
        turn.say(
            "cart_added",
            lines=wording.lines(touched, shop, turn.language),
            subtotal=wording.money(cart.subtotal, shop, turn.language),
        )
        ask_for_more(turn)


def _refused(refusal: ComandaError, changes: Sequence[CartChange]) -> CartChange | None:
    """The change that a refusal is about: the one of its sku, or the only one there is."""
    if refusal.code not in _ABOUT_A_PRODUCT:
        return None
    products = [change for change in changes if change.op != "remove"]
    named = [change for change in products if change.sku == refusal.params.get("sku")]
    suspects = named or products
    return suspects[0] if len(suspects) == 1 else None


def _giving_way(changes: Sequence[CartChange], refused: CartChange) -> str | None:
    """The sku that was to give way to what is refused: a removal just before an addition is a swap; see `instead`."""
    before = changes[changes.index(refused) - 1] if changes.index(refused) else None
    return before.sku if before is not None and before.op == "remove" and refused.op != "remove" else None


def take_away(item: wording.Line, line: OrderLine) -> CartChange:
    """Fewer of it when a smaller number was said, else all of it."""
    left = Decimal(item.quantity) - Decimal(line.quantity)
    if line.quantity_given and left > 0 and line.unit in (None, item.unit, item.unit_name.es, item.unit_name.en):
        return CartChange(op="set", sku=item.sku, quantity=str(left), unit=item.unit)
    return CartChange(op="remove", sku=item.sku)


def ask_for_more(turn: Turn) -> None:
    """Unless something else is open, ask whether that is all."""
    if turn.open_question is None:
        turn.ask("more")


async def _settle(turn: Turn, lines: Sequence[OrderLine], replaces: str | None) -> tuple[list[CartChange], bool]:
    named = [line for line in lines if line.text]
    # "Agrega uno más": more of what was spoken of last.
    again = [line for line in lines if not line.text and line.quantity_given]
    changes = [CartChange(op="add", sku=turn.focus_sku, quantity=line.quantity) for line in again if turn.focus_sku]
    if not named:
        return changes, False
    wishes = [LineToResolve(quantity=line.quantity, unit=line.unit, text=line.text) for line in named]
    resolved = await turn.oms.resolve(wishes, turn.language)
    unclear: list[tuple[OrderLine, ResolvedLine]] = []
    for line, answer in zip(named, resolved.lines, strict=True):
        is_clear = answer.status == "one" and answer.unit_known and not line.quantity_vague
        # Of what there is none, the OMS knows whether more is announced; what gives way to it stays meanwhile.
        if is_clear and (answer.candidates[0].available or replaces is None):
            meant = answer.candidates[0]
            changes += _changes(meant.sku, meant.quantity, meant.unit, replaces)
        else:
            unclear.append((line, answer))
    # The question opened last is asked first, so the wishes are opened from the last one back.
    for line, answer in reversed(unclear):
        await _ask_about(turn, line, answer, replaces)
    return changes, bool(unclear)


def _changes(sku: str, quantity: str, unit: str | None, replaces: str | None) -> list[CartChange]:
    return instead(CartChange(op="add", sku=sku, quantity=quantity, unit=unit), replaces)


def instead(change: CartChange, replaces: str | None) -> list[CartChange]:
    """The change, with what gives way to it, if anything does."""
    return [change] if replaces in (None, change.sku) else [CartChange(op="remove", sku=replaces), change]


async def _ask_about(turn: Turn, line: OrderLine, answer: ResolvedLine, replaces: str | None) -> None:
    candidates = answer.candidates
    if answer.status != "one":
        available = [candidate for candidate in candidates if candidate.available]
        why = answer.status if available or not candidates else "out"
        ask_which(turn, available or candidates, line, why=why, replaces=replaces)
    elif not candidates[0].available:
        await ask_alternatives(turn, candidates[0], line, replaces=replaces)
    elif not answer.unit_known:
        ask_unit(turn, candidates[0], line, replaces=replaces)
    else:
        ask_quantity(turn, wording.product_option(candidates[0], turn.language), line, replaces=replaces)


def ask_which(
    turn: Turn, variants: Sequence[Variant], line: OrderLine, *, why: str, replaces: str | None = None
) -> None:
    """Open the question which of these variants is meant; with none to offer, say so."""
    if not variants:
        turn.misunderstood()
        turn.say("variant_unknown", text=line.text)
        return
    turn.ask(
        "variant",
        [wording.product_option(variant, turn.language) for variant in variants],
        line=asdict(line),
        why=why,
        replaces=replaces,
        # A price shown while the question is open; what it costs in the cart is the OMS's word alone.
        prices={variant.sku: variant.price.model_dump() for variant in variants},
        # "500 g" of each is another number of packs; the OMS knows which.
        amounts={one.sku: (one.quantity, one.unit) for one in variants if isinstance(one, Candidate)},
    )


async def ask_alternatives(turn: Turn, variant: Variant, line: OrderLine, *, replaces: str | None = None) -> None:
    """Say that a variant is out of stock and offer what is like it."""
    found = await turn.oms.search(variant.product, limit=10)
    others = [other for other in found.matches if other.available and other.sku != variant.sku][:ALTERNATIVES]
    name = wording.words(variant.names, turn.language)
    if others:
        ask_which(turn, others, replace(line, text=name), why="out", replaces=replaces)
    else:
        turn.say("variant_out_nothing", name=name)


def ask_unit(turn: Turn, variant: Variant, line: OrderLine, *, replaces: str | None = None) -> None:
    """Open the question in which of the variant's units the quantity is."""
    options = [
        Option(unit.code, wording.words(unit.name, turn.language), f"{unit.name.es} {unit.name.en}")
        for unit in variant.units
    ]
    name = wording.words(variant.names, turn.language)
    turn.ask("unit", options, sku=variant.sku, name=name, quantity=line.quantity, replaces=replaces)


def ask_quantity(turn: Turn, variant: Option, line: OrderLine, *, replaces: str | None = None) -> None:
    """Open the question how many of a variant are meant."""
    turn.ask("quantity", [variant], name=variant.title, unit=line.unit, replaces=replaces)


async def _answer_refusal(turn: Turn, refusal: ComandaError, change: CartChange, replaces: str | None) -> None:
    assert change.sku is not None
    line = OrderLine(text="", quantity=change.quantity or "1", unit=change.unit)
    if refusal.code == "unknown_sku":
        turn.say("error_unknown_sku")
        return
    variant = await turn.oms.variant(change.sku)
    available = refusal.params.get("available")
    choices = refusal.params.get("choices") or {}
    if refusal.code == "unknown_unit":
        ask_unit(turn, variant, line, replaces=replaces)
    elif refusal.code in ("invalid_quantity", "quantity_too_large"):
        turn.say(f"error_{refusal.code}", **refusal.params)
        ask_quantity(turn, wording.product_option(variant, turn.language), line, replaces=replaces)
    elif choices.get("wait"):
        options = await what_else(turn, choices)
        name = wording.words(variant.names, turn.language)
        left = choices.get("reduce")
        turn.ask("short_to_add", options, name=name, change=change.model_dump(), left=left, replaces=replaces)
    elif type(available) is int and available > 0:
        name = wording.words(variant.names, turn.language)
        turn.ask("too_few", sku=variant.sku, name=name, available=available, unit=change.unit, replaces=replaces)
    else:
        await ask_alternatives(turn, variant, line, replaces=replaces)


@question_kind("variant")
class WhichVariant(Kind):
    """Which of several variants did you mean?"""

    async def ask(self, turn: Turn, question: Question) -> None:
        shop = await turn.shop()
        prices = {
            sku: wording.money(Money(**price), shop, turn.language) for sku, price in question.context["prices"].items()
        }
        options = question.options[:6]
        turn.say(
            f"variant_{question.context['why']}",
            text=question.context["line"]["text"],
            choices=wording.numbered(options, prices),
            buttons=[*turn.choices(question), turn.button("button_none", "deny", question=question.id)],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        line = OrderLine(**question.context["line"])
        replaces = question.context["replaces"]
        match answer:
            case Chosen(option, amount, rest):
                changes, _ = await _settle(turn, rest, None)
                quantity, unit = question.context["amounts"].get(option.value) or (line.quantity, line.unit)
                if amount:
                    quantity, unit = amount.quantity, amount.unit or line.unit
                elif line.quantity_vague:
                    quantity = ""
                if quantity:
                    changes = [*_changes(option.value, quantity, unit, replaces), *changes]
                else:
                    ask_quantity(turn, option, line, replaces=replaces)
                if changes:
                    await put(turn, changes)
            case Narrowed(options):
                if len(options) == len(question.options):
                    turn.misunderstood()
                turn.ask("variant", options, **question.context)
            case _:
                turn.say("variant_declined", text=line.text)
                ask_for_more(turn)


@question_kind("unit")
class InWhichUnit(Kind):
    """In which unit is the quantity?"""

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            "unit_which",
            name=question.context["name"],
            quantity=quantities.number(question.context["quantity"], turn.language),
            choices=wording.numbered(question.options, {}),
            buttons=turn.choices(question),
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        context = question.context
        match answer:
            case Chosen(option):
                await put(turn, _changes(context["sku"], context["quantity"], option.value, context.get("replaces")))
            case Narrowed():
                turn.misunderstood()
                turn.questions.append(question)
            case _:
                turn.say("variant_declined", text=context["name"])
                ask_for_more(turn)


@question_kind("quantity")
class HowMany(Kind):
    """How many?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        if is_refusal(message.text) or message.intent == "deny":
            return No()
        if message.intent not in ("cart_add", "cart_change", "option_choose", "nlu_fallback", "out_of_scope"):
            return None
        wish = next((line for line in message.spoken_lines if line.quantity_given and not line.text), None)
        figure = _FIGURE.fullmatch(message.text)
        number = message.first("option")
        if wish is None and figure is not None:
            wish = OrderLine("", figure[1].replace(",", "."), quantity_given=True)
        elif wish is None and type(number) is int and number > 0:
            wish = OrderLine("", str(number), quantity_given=True)
        return Chosen(question.options[0], wish) if wish else None

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say("quantity_how_many", name=question.context["name"])

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        context = question.context
        match answer:
            case Chosen(option, OrderLine(quantity=quantity, unit=unit)):
                await put(turn, _changes(option.value, quantity, unit or context["unit"], context.get("replaces")))
            case _:
                turn.say("variant_declined", text=context["name"])
                ask_for_more(turn)


@question_kind("too_few")
class TakeWhatIsLeft(Kind):
    """There are fewer than you wished: shall I add those?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        context = question.context
        turn.say(
            "too_few_offer",
            name=context["name"],
            available=context["available"],
            buttons=[
                turn.button("button_yes", "affirm", question=question.id),
                turn.button("button_no", "deny", question=question.id),
            ],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        context = question.context
        if isinstance(answer, Yes):
            quantity = str(context["available"])
            change = CartChange(op="set", sku=context["sku"], quantity=quantity, unit=context["unit"])
            await put(turn, instead(change, context.get("replaces")))
        else:
            turn.say("variant_declined", text=context["name"])
            ask_for_more(turn)
