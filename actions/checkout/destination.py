"""Where an order goes: an address, or the place where its customer collects it."""

from __future__ import annotations

import re

from actions import wording
from actions.checkout.leading import begin
from actions.message import Message
from actions.questions import Answer, Chosen, Narrowed, No, Option, Question, Said, read_choice
from actions.skills import skill
from actions.turn import Turn
from actions.words import fold
from backend.schemas.shop import PickupPlace

# Other talk is never taken for an address, however long it is.
_ADDRESS_INTENTS = frozenset(
    {"address_give", "nlu_fallback", "out_of_scope", "cart_add", "delivery_info", "store_info"}
)
# "Cra 15" with nothing more reads like the choice number 15: here it is half an address.
_HALF_AN_ADDRESS = frozenset({"address_give", "option_choose"})
MIN_ADDRESS_LENGTH = 8
# "Lo recojo en la tienda", "I'll pick it up".
PICKUP = re.compile(
    r"\b(reco[gj]\w*|retir[oa]\w*|pas(?:o|ar) (?:yo )?por (?:el|ella|mi|lo)|pick(?:ing)? (?:\w+ ){0,3}up|"
    r"pickup|collect\w*|come (?:by )?(?:and|to) get)\b"
)
_AT_A_PLACE = "pickup:"
PLACES_OFFERED = 3


@skill("address_give")
async def address_give(turn: Turn) -> None:
    """An address without having been asked: if there is something to deliver, that is where it goes."""
    cart = await turn.oms.cart()
    address = turn.message.text_entity("address")
    if cart.is_empty:
        turn.say("address_kept_for_order")
        return
    if address and is_full_address(address):
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
        await collect(turn)


async def collect(turn: Turn) -> None:
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


async def ask_address(turn: Turn) -> None:
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


def read_address(message: Message, question: Question) -> Answer | None:
    address = message.text_entity("address")
    if address and message.intent in _ADDRESS_INTENTS | {"affirm", "checkout_start", "cart_change"}:
        before = message.text.partition(address)[0]
        # "Mejor a la calle 45…" leads in; "apto 401, calle 45…" is part of it.
        return Said(message.text.strip() if any(character.isdigit() for character in before) else address)
    if not message.is_button and PICKUP.search(fold(message.text)):
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
    is_address = message.intent in _ADDRESS_INTENTS and is_full_address(message.text) and not message.order_lines
    return Said(message.text.strip()) if is_address or message.intent in _HALF_AN_ADDRESS else None


async def take_address(turn: Turn, answer: Answer) -> None:
    match answer:
        case Said(text) if text == _AT_A_PLACE:
            await collect(turn)
            return
        case Chosen(option) if option.value.startswith(_AT_A_PLACE):
            code = option.value.removeprefix(_AT_A_PLACE)
            await turn.oms.choose_checkout(pickup_location=code, key=turn.key("pickup"))
        case Chosen(option):
            await turn.oms.choose_checkout(address_id=option.value, key=turn.key("address"))
        case Said(text) if is_full_address(text):
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


async def ask_place(turn: Turn) -> None:
    places = (await turn.shop()).pickup_places
    turn.ask("checkout", [Option(place.code, _place(place)) for place in places], step="pickup")
    question = turn.questions[-1]
    turn.say("pickup_which", choices=wording.numbered(question.options, {}), buttons=turn.choices(question))


async def take_place(turn: Turn, answer: Answer) -> None:
    match answer:
        case Chosen(option):
            await turn.oms.choose_checkout(pickup_location=option.value, key=turn.key("pickup"))
            begin(turn)
        case No():
            begin(turn, step="address")
        case _:
            turn.misunderstood()
            begin(turn, step="pickup")


def _place(place: PickupPlace) -> str:
    return f"{place.name}, {place.address}" if place.address else place.name


def is_full_address(text: str) -> bool:
    """Enough for a courier to begin with: letters and a number."""
    has_letters = any(character.isalpha() for character in text)
    return len(text) >= MIN_ADDRESS_LENGTH and has_letters and any(character.isdigit() for character in text)
