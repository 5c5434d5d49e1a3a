"""Corrections to the cart: "mejor 4 de leche", "eran 2 no 3", "quita el pan", "quítale uno"."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

from actions import order_changes, variants, wording
from actions.message import OrderLine
from actions.questions import Answer, Chosen, Kind, Narrowed, Question, question_kind
from actions.skills import skill
from actions.turn import Turn
from actions.words import covers, tokens
from backend.schemas.carts import Cart, CartChange, CartLine
from backend.schemas.catalog import LineToResolve

_NO_LINE = OrderLine(text="")


@skill("cart_change")
async def cart_change(turn: Turn) -> None:
    if await order_changes.is_served(turn):
        return
    cart = await turn.oms.cart()
    lines = turn.message.order_lines or (_NO_LINE,)
    if cart.is_empty:
        await variants.add(turn, lines)
        return
    changes: list[CartChange] = []
    for line in lines:
        if line.old_text:
            await _replace(turn, cart, line)
            continue
        found = await _meant(turn, cart, line)
        if len(found) == 1 and line.quantity_given:
            changes.append(_set(found[0], line))
        elif len(found) > 1 and line.quantity_given:
            _ask_which_line(turn, found, line, op="set")
        elif line.text and not found:
            await _replace(turn, cart, line)
        else:
            turn.say("cart_change_what")
    await _apply(turn, cart, changes)


@skill("cart_remove")
async def cart_remove(turn: Turn) -> None:
    if await order_changes.is_served(turn):
        return
    cart = await turn.oms.cart()
    if cart.is_empty:
        turn.say("cart_empty")
        return
    changes: list[CartChange] = []
    for line in turn.message.order_lines or (_NO_LINE,):
        found = await _meant(turn, cart, line)
        if len(found) == 1:
            changes.append(variants.take_away(found[0], line))
        elif found:
            _ask_which_line(turn, found, line, op="remove")
        else:
            turn.say("cart_not_there", text=line.text)
    await _apply(turn, cart, changes)


async def leave_out(turn: Turn, cart: Cart) -> Cart:
    """The cart without what a repeated order was said to be without; each kind of it that the words fit."""
    gone: dict[str, CartChange] = {}
    for line in turn.message.order_lines:
        found = await _meant(turn, cart, line)
        if not found:
            turn.say("cart_not_there", text=line.text)
        gone |= {item.sku: variants.take_away(item, line) for item in found}
    return await turn.oms.change_cart(list(gone.values()), key=turn.key("leave_out")) if gone else cart


async def _meant(turn: Turn, cart: Cart, line: OrderLine) -> list[CartLine]:
    """The lines of the cart that a wish speaks of: by name, by the quantity it corrects, or the last one touched."""
    if tokens(line.text):
        named = [item for item in cart.lines if covers(line.text, f"{item.names.es} {item.names.en}")]
        found = named or await _resolved(turn, cart, line)
    else:
        found = list(cart.lines)
    if line.old_quantity and len(found) > 1:
        had = [item for item in found if Decimal(item.quantity) == Decimal(line.old_quantity)]
        found = had or found
    if not tokens(line.text) and len(found) > 1:
        found = [item for item in found if item.sku == turn.focus_sku] or found
    return found


async def _resolved(turn: Turn, cart: Cart, line: OrderLine) -> list[CartLine]:
    """Lines that the catalog knows under the customer's word: "la gaseosa" is a Coca-Cola."""
    answer = await turn.oms.resolve([LineToResolve(text=line.text)], turn.language)
    if answer.lines[0].status == "none":
        return []
    skus = {candidate.sku for candidate in answer.lines[0].candidates}
    return [item for item in cart.lines if item.sku in skus]


def _set(item: CartLine, line: OrderLine) -> CartChange:
    return CartChange(op="set", sku=item.sku, quantity=line.quantity, unit=line.unit or item.unit)


async def _replace(turn: Turn, cart: Cart, line: OrderLine) -> None:
    """ "Mejor deslactosada": another variant in place of the line last touched, if it is the same kind of thing.

    "Cambia la leche por avena" names the line itself.
    """
    if line.old_text:
        named = await _meant(turn, cart, OrderLine(line.old_text))
        if len(named) != 1:
            turn.say("cart_not_there" if not named else "cart_change_what", text=line.old_text)
            return
        await _swap(turn, named[0], line)
        return
    focus = next((item for item in cart.lines if item.sku == turn.focus_sku), None)
    if focus is None:
        await variants.add(turn, [line])
        return
    answer = await turn.oms.resolve([LineToResolve(text=line.text)], turn.language)
    present = await turn.oms.variant(focus.sku)
    candidates = answer.lines[0].candidates if answer.lines[0].status != "none" else []
    is_same_kind = any(
        candidate.product == present.product or (candidate.category == present.category and not line.quantity_given)
        for candidate in candidates
    )
    if not is_same_kind:
        await variants.add(turn, [line])
        return
    await _swap(turn, focus, line)


async def _swap(turn: Turn, item: CartLine, line: OrderLine) -> None:
    """Another product in place of a line, as much of it as there was unless a quantity was said."""
    quantity, unit = (line.quantity, line.unit) if line.quantity_given else (item.quantity, item.unit)
    await variants.add(turn, [OrderLine(line.text, quantity, unit, quantity_given=True)], replaces=item.sku)


def _ask_which_line(turn: Turn, found: list[CartLine], line: OrderLine, *, op: str) -> None:
    turn.ask("cart_line", [wording.product_option(item, turn.language) for item in found], op=op, line=asdict(line))


async def _apply(turn: Turn, before: Cart, changes: list[CartChange]) -> None:
    """Set quantities and remove lines, and say what the cart is like now."""
    if not changes:
        return
    settled = [change for change in changes if change.op == "set"]
    if settled:
        await variants.put(turn, changes)
    else:
        after = await turn.oms.change_cart(changes, key=turn.key("cart"))
        shop = await turn.shop()
        gone = {change.sku for change in changes}
        names = ", ".join(wording.words(item.names, turn.language) for item in before.lines if item.sku in gone)
        if after.is_empty:
            turn.say("cart_removed_last", names=names)
            return
        turn.say("cart_removed", names=names, subtotal=wording.money(after.subtotal, shop, turn.language))
        variants.ask_for_more(turn)


@question_kind("cart_line")
class WhichLine(Kind):
    """Which line of the cart did you mean?"""

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            f"cart_line_{question.context['op']}",
            choices=wording.numbered(question.options, {}),
            buttons=[*turn.choices(question), turn.button("button_none", "deny", question=question.id)],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        line = OrderLine(**question.context["line"])
        match answer:
            case Chosen(option):
                cart = await turn.oms.cart()
                item = next((item for item in cart.lines if item.sku == option.value), None)
                if item is None:
                    turn.say("cart_not_there", text=option.title)
                    return
                is_removal = question.context["op"] == "remove"
                await _apply(turn, cart, [variants.take_away(item, line) if is_removal else _set(item, line)])
            case Narrowed(options):
                if len(options) == len(question.options):
                    turn.misunderstood()
                turn.ask("cart_line", options, **question.context)
            case _:
                turn.say("cart_kept")
