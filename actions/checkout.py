"""The checkout: address, payment method, summary, confirmation. What is chosen so far is kept by the OMS, not here."""

from __future__ import annotations

import re

from actions import emails, order_changes, parcels, payments, people, receivables, shortages, suggestions, wording
from actions.cart import say_cart
from actions.message import Message
from actions.order_wishes import speaks_of_more
from actions.questions import (
    Answer,
    Chosen,
    Kind,
    Narrowed,
    No,
    Option,
    Question,
    Said,
    Yes,
    question_kind,
    read_choice,
    read_yes_no,
)
from actions.skills import skill
from actions.sums import delivery, discounted, refused, sums
from actions.turn import Button, Turn
from actions.words import fold
from backend.schemas.carts import Cart, CartChange, WaitingLine
from backend.schemas.shop import PickupPlace, Shop
from kernel.errors import ComandaError

# Wishes at the summary that are not a yes or a no.
_ABOUT_ADDRESS = re.compile(r"\b(direccion|domicilio|address|entrega en|deliver to)\b")
_ABOUT_PAYMENT = re.compile(r"\b(pago|pagar|payment|pay)\b")
_CHANGE = re.compile(
    r"\b(cambi\w*|otr[ao]|modific\w*|corrig\w*|corregir|equivoc\w*|change|another|different|edit|wrong)\b"
)
# Other talk is never taken for an address, however long it is.
_ADDRESS_INTENTS = frozenset(
    {"address_give", "nlu_fallback", "out_of_scope", "cart_add", "delivery_info", "store_info"}
)
# "Cra 15" with nothing more reads like the choice number 15: here it is half an address.
_HALF_AN_ADDRESS = frozenset({"address_give", "option_choose"})
MIN_ADDRESS_LENGTH = 8
# "Lo recojo en la tienda", "I'll pick it up".
_PICKUP = re.compile(
    r"\b(reco[gj]\w*|retir[oa]\w*|pas(?:o|ar) (?:yo )?por (?:el|ella|mi|lo)|pick(?:ing)? (?:\w+ ){0,3}up|"
    r"pickup|collect\w*|come (?:by )?(?:and|to) get)\b"
)
_AT_A_PLACE = "pickup:"
PLACES_OFFERED = 3
# Questions about something the customer wished for, which is not in the cart yet.
WISHES = frozenset({"variant", "unit", "quantity", "too_few", "short_to_add"})


@skill("checkout_start")
async def checkout_start(turn: Turn) -> None:
    """Asked for again while a wish still waits for an answer, the order goes on without it, and that is said."""
    # Nothing being asked, "una más" looks like the end of an order; it may be one more of what was ordered.
    if speaks_of_more(turn.message) and await order_changes.is_served(turn):
        return
    for question in [question for question in turn.questions if question.context.get("comes_first")]:
        turn.questions.remove(question)
        turn.say("checkout_left_out", text=_wish(question))
    begin(turn)


@skill("address_give")
async def address_give(turn: Turn) -> None:
    """An address without having been asked: if there is something to deliver, that is where it goes."""
    cart = await turn.oms.cart()
    address = turn.message.text_entity("address")
    if cart.is_empty:
        turn.say("address_kept_for_order")
        return
    if address and _is_address(address):
        await turn.oms.choose_checkout(address_text=address, key=turn.key("address"))
        begin(turn)
    else:
        begin(turn, step="address")


@skill("pickup_choose")
async def pickup_choose(turn: Turn) -> None:
    """Collecting it without having been asked: with nothing in the cart, where that is possible."""
    places = (await turn.shop()).pickup_places
    if not places:
        turn.say("pickup_nowhere")
    elif (await turn.oms.cart()).is_empty:
        turn.say("pickup_where", places="\n".join(f"• {_place(place)}" for place in places))
    elif not turn.message.is_button and "?" in turn.message.text:
        begin(turn, step="address")
    else:
        await _collect(turn)


async def _collect(turn: Turn) -> None:
    """The one place there is, or the question which."""
    places = (await turn.shop()).pickup_places
    if len(places) == 1:
        await turn.oms.choose_checkout(pickup_location=places[0].code, key=turn.key("pickup"))
        begin(turn)
    elif places:
        begin(turn, step="pickup")
    else:
        turn.say("pickup_nowhere")
        begin(turn, step="address")


def _place(place: PickupPlace) -> str:
    return f"{place.name}, {place.address}" if place.address else place.name


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


@skill("affirm")
async def affirm(turn: Turn) -> None:
    """A yes to nothing that is open: an older confirmation, or the order that is waiting in the OMS."""
    pressed = turn.message.text_entity("confirmation")
    if pressed:
        await place(turn, pressed)
        return
    cart = await turn.oms.cart()
    if cart.is_empty and turn.placed_confirmation:
        await place(turn, turn.placed_confirmation)
        return
    if cart.is_empty:
        turn.say("what_can_i_do", buttons=[turn.button("button_browse", "catalog_browse")])
    else:
        begin(turn)


@skill("deny")
async def deny(turn: Turn) -> None:
    turn.say("deny_nothing")


@skill("option_choose")
async def option_choose(turn: Turn) -> None:
    if not (speaks_of_more(turn.message) and await order_changes.is_served(turn)):
        turn.say("choice_nothing")


def begin(turn: Turn, step: str | None = None) -> None:
    """Lead the customer on to whatever the order still lacks; `step` asks for one thing again.

    A wish that waits for an answer (which one? how many?) comes first: nothing is left out of an order unsaid.
    """
    turn.withdraw("checkout", "more")
    turn.ask("checkout", step=step)
    waiting = [question for question in turn.questions if question.kind in WISHES]
    if waiting:
        turn.questions = [question for question in turn.questions if question.kind not in WISHES] + waiting
        if not turn.questions[-1].context.get("comes_first"):
            turn.say("checkout_one_thing_first")
        for question in waiting:
            question.context["comes_first"] = True


def _wish(question: Question) -> str:
    """What the customer called it."""
    line = question.context.get("line")
    return str(line["text"] if line else question.context["name"])


async def place(turn: Turn, confirmation: str) -> None:
    """Place what was confirmed. Success is said only from the OMS's order."""
    try:
        order = await turn.oms.place_order(confirmation)
    except ComandaError as refusal:
        if refusal.code in ("confirmation_stale", "discount_used_up"):
            turn.say("confirmation_stale")
        elif refusal.code == "out_of_stock" and await shortages.ask_in_cart(turn, refusal):
            return
        elif refusal.code == "out_of_stock":
            turn.say("error_out_of_stock", **{"name": "", "available": 0, **refusal.params})
        else:
            raise
        begin(turn)
        return
    shop = await turn.shop()
    turn.withdraw("checkout", "more")
    turn.focus_sku = None
    if turn.placed_confirmation == confirmation:
        # The OMS repeats its answer of then; how the order stands now is another question.
        order = await turn.oms.order(order.number)
        turn.say("order_already_placed", number=order.number, status=turn.text(f"order_status_{order.status}"))
        return
    turn.placed_confirmation = confirmation
    promised = wording.full_day(order.promised_on, turn.language) if order.promised_on else None
    email = await emails.offer(turn)
    held = "" if order.status == "confirmed" else "_unpaid" if order.pay_by else "_held"
    collected = "_pickup" if order.pickup else ""
    discount = discounted(turn, order, shop)
    turn.say(
        f"order_placed{held}{collected}",
        number=order.number,
        promised_on=promised or turn.text("promise_later"),
        discount=discount + "\n" if discount else "",
        total=wording.money(order.total, shop, turn.language),
        address=order.address,
        payment_method=wording.payment_name(shop.payment_methods, order.payment_method, turn.language),
        email=email.text,
        buttons=[turn.button("button_track", "order_track", order_number=order.number), *email.buttons],
    )
    people.look_at_large(turn, order)


def _is_address(text: str) -> bool:
    """Enough for a courier to begin with: letters and a number."""
    has_letters = any(character.isalpha() for character in text)
    return len(text) >= MIN_ADDRESS_LENGTH and has_letters and any(character.isdigit() for character in text)


@question_kind("checkout")
class WhatIsLacking(Kind):
    """The next thing the order lacks. `context.step` is what was asked: address, payment or confirm."""

    async def ask(self, turn: Turn, question: Question) -> None:
        cart = await turn.oms.cart()
        turn.questions.pop()
        if cart.unavailable:
            gone = [CartChange(op="remove", sku=sku) for sku in cart.unavailable]
            turn.say("checkout_unavailable", skus=", ".join(cart.unavailable))
            cart = await turn.oms.change_cart(gone, key=turn.key("unavailable"))
        if cart.is_empty:
            turn.say("checkout_empty")
        elif question.context["step"] == "address" or not cart.checkout.address:
            await _ask_address(turn)
        elif question.context["step"] == "pickup":
            await _ask_place(turn)
        elif question.context["step"] == "payment" or not cart.checkout.payment_method:
            await _ask_payment(turn)
        else:
            await _ask_confirmation(turn, question, cart)

    def read(self, message: Message, question: Question) -> Answer | None:
        match question.context["step"]:
            case "address":
                return _read_address(message, question)
            case "pickup":
                return read_choice(message, question.options)
            case "payment":
                return _read_payment(message, question)
            case "confirm":
                return _read_confirmation(message, question)
            case _:
                return None

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match question.context["step"]:
            case "address":
                await _take_address(turn, answer)
            case "pickup":
                await _take_place(turn, answer)
            case "payment":
                await _take_payment(turn, question, answer)
            case _:
                await _take_confirmation(turn, question, answer)


# the address


async def _ask_address(turn: Turn) -> None:
    saved = await turn.oms.addresses()
    places = (await turn.shop()).pickup_places
    options = [Option(address.id, address.text) for address in saved[:4]]
    options += [
        Option(_AT_A_PLACE + place.code, turn.text("pickup_option", place=place.name))
        for place in places[:PLACES_OFFERED]
    ]
    turn.ask("checkout", options, step="address")
    question = turn.questions[-1]
    if saved:
        turn.say(
            "address_which", choices=wording.numbered(question.options, {}), buttons=turn.choices(question, most=7)
        )
    elif places:
        turn.say("address_or_pickup", choices=wording.numbered(question.options, {}), buttons=turn.choices(question))
    else:
        turn.say("address_ask")


def _read_address(message: Message, question: Question) -> Answer | None:
    address = message.text_entity("address")
    if address and message.intent in _ADDRESS_INTENTS | {"affirm", "checkout_start", "cart_change"}:
        before = message.text.partition(address)[0]
        # "Mejor a la calle 45…" leads in; "apto 401, calle 45…" is part of it.
        return Said(message.text.strip() if any(character.isdigit() for character in before) else address)
    if not message.is_button and _PICKUP.search(fold(message.text)):
        named = read_choice(message, [option for option in question.options if option.value.startswith(_AT_A_PLACE)])
        return named if isinstance(named, Chosen) else Said(_AT_A_PLACE)
    is_saved = any(not option.value.startswith(_AT_A_PLACE) for option in question.options)
    if message.intent == "deny" and not is_saved:
        return No()
    if question.options and (is_saved or message.intent != "affirm"):
        answer = read_choice(message, question.options)
        if answer is not None and not (isinstance(answer, Narrowed) and not is_saved):
            return answer
    if message.is_button:
        return None
    is_address = message.intent in _ADDRESS_INTENTS and _is_address(message.text) and not message.order_lines
    return Said(message.text.strip()) if is_address or message.intent in _HALF_AN_ADDRESS else None


async def _take_address(turn: Turn, answer: Answer) -> None:
    match answer:
        case Said(text) if text == _AT_A_PLACE:
            await _collect(turn)
            return
        case Chosen(option) if option.value.startswith(_AT_A_PLACE):
            code = option.value.removeprefix(_AT_A_PLACE)
            await turn.oms.choose_checkout(pickup_location=code, key=turn.key("pickup"))
        case Chosen(option):
            await turn.oms.choose_checkout(address_id=option.value, key=turn.key("address"))
        case Said(text) if _is_address(text):
            await turn.oms.choose_checkout(address_text=text, key=turn.key("address"))
        case Said():
            turn.say("address_incomplete")
            begin(turn, step="address")
            return
        case No():
            turn.say("checkout_paused")
            return
        case _:
            turn.misunderstood()
            begin(turn, step="address")
            return
    begin(turn)


async def _ask_place(turn: Turn) -> None:
    places = (await turn.shop()).pickup_places
    turn.ask("checkout", [Option(place.code, _place(place)) for place in places], step="pickup")
    question = turn.questions[-1]
    turn.say("pickup_which", choices=wording.numbered(question.options, {}), buttons=turn.choices(question))


async def _take_place(turn: Turn, answer: Answer) -> None:
    match answer:
        case Chosen(option):
            await turn.oms.choose_checkout(pickup_location=option.value, key=turn.key("pickup"))
            begin(turn)
        case No():
            begin(turn, step="address")
        case _:
            turn.misunderstood()
            begin(turn, step="pickup")


# the payment method


async def _ask_payment(turn: Turn) -> None:
    options = [
        Option(method.code, wording.words(method.name, turn.language), f"{method.name.es} {method.name.en}")
        for method in await turn.oms.payment_methods()
    ]
    turn.ask("checkout", options, step="payment")
    question = turn.questions[-1]
    turn.say("payment_which", choices=wording.numbered(options, {}), buttons=turn.choices(question))


def _read_payment(message: Message, question: Question) -> Answer | None:
    method = message.text_entity("payment_method")
    if method:
        option = next((option for option in question.options if option.value == method), None)
        return Chosen(option) if option else Narrowed(question.options)
    return read_choice(message, question.options)


async def _take_payment(turn: Turn, question: Question, answer: Answer) -> None:
    match answer:
        case Chosen(option):
            await turn.oms.choose_checkout(payment_method=option.value, key=turn.key("payment"))
            begin(turn)
        case No():
            turn.say("checkout_paused")
        case _:
            turn.say("payment_not_offered")
            begin(turn, step="payment")


# the confirmation


async def _ask_confirmation(turn: Turn, question: Question, cart: Cart) -> None:
    """The summary, when it is new; the short question again while nothing in it has changed."""
    shop = await turn.shop()
    if question.context["step"] == "confirm" and question.context.get("version") == cart.version:
        turn.questions.append(question)
        total = wording.money(cart.total, shop, turn.language)
        turn.say("confirm_again", total=total, buttons=_confirmation_buttons(turn, question.context["confirmation"]))
        return
    try:
        bound = await turn.oms.confirm_cart(key=turn.key("confirmation"))
    except ComandaError as refusal:
        if refusal.code != "out_of_stock":
            raise
        if await shortages.ask_in_cart(turn, refusal):
            await shortages.say_in_cart(turn, turn.questions[-1])
            return
        turn.say("error_out_of_stock", **{"name": "", "available": 0, **refusal.params})
        await say_cart(turn, cart)
        return
    offered = await suggestions.offer(turn)
    turn.ask(
        "checkout",
        step="confirm",
        confirmation=bound.confirmation,
        version=bound.cart.version,
        suggestion=offered.id if offered else None,
    )
    promised_on = bound.cart.promised_on
    turn.say(
        "checkout_summary",
        lines=wording.lines(bound.cart.lines, shop, turn.language),
        waiting=_waiting(turn, bound.waiting, shop),
        promised_on=wording.full_day(promised_on, turn.language) if promised_on else turn.text("promise_later"),
        when=turn.text("when_pickup" if bound.cart.checkout.pickup_location else "when_delivery"),
        sums=sums(turn, bound.cart, shop) + refused(turn, bound.cart, shop),
        delivery_fee=""
        if bound.cart.checkout.pickup_location
        else "\n" + turn.text("checkout_fee", fee=delivery(turn, bound.cart.delivery_fee, shop)),
        total=wording.money(bound.cart.total, shop, turn.language),
        place=parcels.place(turn, bound.cart.checkout.address, is_pickup=bool(bound.cart.checkout.pickup_location)),
        payment_method=wording.payment_name(
            shop.payment_methods, bound.cart.checkout.payment_method or "", turn.language
        ),
        buttons=[*_confirmation_buttons(turn, bound.confirmation), *(offered.buttons if offered else ())],
    )


def _waiting(turn: Turn, lines: list[WaitingLine], shop: Shop) -> str:
    """A line for each thing that comes later than the rest, beneath what is ordered."""
    told = [
        turn.text(
            "checkout_waiting",
            amount=wording.amount(line.quantity, line.unit, line.unit_name, turn.language),
            name=wording.words(line.names, turn.language),
            day=wording.day(line.promised_on, shop, turn.language),
        )
        for line in lines
        if line.promised_on
    ]
    return "".join(f"\n{one}" for one in told)


def _confirmation_buttons(turn: Turn, confirmation: str) -> list[Button]:
    return [
        turn.button("button_confirm", "affirm", confirmation=confirmation),
        turn.button("button_change_address", "address_give"),
        turn.button("button_change_payment", "payment_choose"),
        turn.button("button_not_yet", "deny"),
    ]


def _read_confirmation(message: Message, question: Question) -> Answer | None:
    pressed = message.text_entity("confirmation")
    if pressed and pressed != question.context["confirmation"]:
        return None
    if message.is_button:
        return read_yes_no(message)
    said = fold(message.text)
    offered = suggestions.read(message, question.context.get("suggestion"))
    if offered is not None:
        return offered
    if _PICKUP.search(said) and "?" not in message.text:
        return Said("pickup")
    if _ABOUT_ADDRESS.search(said) and (_CHANGE.search(said) or message.intent in ("address_give", "deny")):
        return Said("address")
    if _ABOUT_PAYMENT.search(said) and (_CHANGE.search(said) or message.intent in ("payment_choose", "deny")):
        return Said("payment")
    if message.intent == "order_cancel" and not message.text_entity("order_number"):
        return No()
    if message.intent == "checkout_start":
        return Yes()
    return read_yes_no(message)


async def _take_confirmation(turn: Turn, question: Question, answer: Answer) -> None:
    match answer:
        case Yes():
            await place(turn, question.context["confirmation"])
        case Said(text) if text in suggestions.ANSWERS:
            await suggestions.answer(turn, question.context["suggestion"], is_wanted=text == suggestions.TAKE)
            turn.questions.append(question)
        case Said(text) if text == "pickup":
            await _collect(turn)
        case Said(text):
            address = turn.message.text_entity("address")
            if text == "address" and address and _is_address(address):
                await turn.oms.choose_checkout(address_text=address, key=turn.key("address"))
                begin(turn)
            else:
                begin(turn, step=text)
        case _:
            turn.say(
                "checkout_not_confirmed",
                buttons=[
                    turn.button("button_change_address", "address_give"),
                    turn.button("button_change_payment", "payment_choose"),
                    turn.button("button_cart", "cart_show"),
                ],
            )
