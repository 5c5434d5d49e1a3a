"""One customer on several channels, as the chat proves it: where the outcome is not the plain one."""

from __future__ import annotations

from datetime import timedelta
from secrets import randbelow

import pytest
import time_machine

from actions.identities import WhichCode, _address
from actions.message import Message
from actions.questions import Question, Said
from bot.channels.base import ASKS_CONTACT
from kernel import clock, codes
from tests.actions.conftest import Customer

DOORS = {"whatsapp": "https://wa.me/14155238886?text={text}"}


def number() -> str:
    return f"+57300{randbelow(10**7):07d}"


async def on_whatsapp(customer: Customer) -> tuple[str, Customer]:
    """Someone who writes from a number of their own."""
    own = number()
    known = await customer.client.resolve_identity("whatsapp", own, own)
    return own, Customer(customer.settings, customer.line, customer.client, known.customer_id)


def code_of(customer: Customer) -> str:
    request = customer.slots["open_questions"][-1]["context"]["request"]
    return codes.code_of(request, customer.settings.signing_key())


async def test_a_code_that_is_over_says_so_and_another_is_a_button_away(customer: Customer) -> None:
    own, _ = await on_whatsapp(customer)
    await customer.say("identity_link", f"soy el mismo de WhatsApp, {own}")
    code = code_of(customer)

    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        said = await customer.say("nlu_fallback", code)
        assert said == "Ese código ya no sirve. Si quieres, pídeme otro."
        assert "¿Desde qué número de WhatsApp" in await customer.press("Pedir otro código")


async def test_a_code_is_waited_for_as_long_as_it_is_good(customer: Customer) -> None:
    await customer.say("identity_link", f"soy el mismo de WhatsApp, {number()}")
    await customer.say("thanks", "gracias")
    assert customer.asked == ["identity_code"]

    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        await customer.say("thanks", "gracias")
        assert customer.asked == []


async def test_a_code_whose_answer_was_lost_is_tried_again_and_holds(customer: Customer) -> None:
    own, _ = await on_whatsapp(customer)
    await customer.say("identity_link", f"soy el mismo de WhatsApp, {own}")
    request = customer.slots["open_questions"][-1]["context"]["request"]
    customer.line.fault, customer.line.on = "answer_lost", f"/customers/me/link-codes/{request}/confirmation"
    assert "no puedo asegurarte" in await customer.say("nlu_fallback", code_of(customer))

    customer.line.fault = None
    assert await customer.press("Intentar de nuevo") == (
        "¡Listo! Ya sé que eres tú: aquí ves tus pedidos y tu carrito de WhatsApp."
    )


async def test_who_is_refused_a_code_reads_why(customer: Customer) -> None:  # case 88
    for _ in range(3):
        await customer.say("identity_link", f"vincular mi WhatsApp {number()}")

    said = await customer.say("identity_link", f"vincular mi WhatsApp {number()}")
    assert said == "Van muchos intentos. Espera diez minutos, o pide hablar con una persona."


async def test_what_is_no_address_is_asked_for_again(customer: Customer) -> None:
    await customer.say("identity_link", "vincular mi cuenta")
    assert "Eso no parece un número ni un correo" in await customer.say("nlu_fallback", "ana@localhost")
    assert customer.asked == ["identity_address"]


async def test_the_number_that_their_channel_vouched_for_shows_what_is_theirs(customer: Customer) -> None:
    shared = {"has_shared_phone": True, "channel": "web"}
    assert await customer.say("greet", "[contacto]", told=shared) == (
        "Gracias, guardé tu número. Con él no tengo otros chats tuyos."
    )
    own, phone = await on_whatsapp(customer)
    await customer.say("identity_link", f"soy el mismo de WhatsApp, {own}")
    await customer.say("nlu_fallback", code_of(customer))

    said = await phone.say("greet", "[contacto]", told={"has_shared_phone": True, "channel": "whatsapp"})
    assert said == "¡Listo! Ya sé que eres tú: aquí ves tus pedidos y tu carrito de la página web."


async def test_a_shop_with_no_other_door_says_so(customer: Customer) -> None:
    assert await customer.say("identity_move", "seguir en WhatsApp") == ("Ahora mismo la tienda solo atiende por aquí.")
    assert "https://wa.me/14155238886?text=Hola" in await customer.say(
        "identity_move", "seguir en el celular", told={"doors": DOORS}
    )


async def test_an_opened_link_joins_nothing_by_itself(customer: Customer) -> None:
    _, phone = await on_whatsapp(customer)
    link = await customer.oms.make_link("whatsapp", key="link")

    said = await phone.say("greet", "hola", told={"start_token": link.token, "channel": "whatsapp"})
    assert said.startswith("Alguien pidió, en otro chat de la tienda, seguir aquí")
    await phone.say("cart_show", "mi carrito")

    assert len(await phone.oms.identities()) == 1


async def on_telegram(customer: Customer) -> tuple[str, Customer]:
    """Someone who writes on Telegram, of whom nothing else is known."""
    account = str(randbelow(10**9))
    known = await customer.client.resolve_identity("telegram", account, None)
    return account, Customer(customer.settings, customer.line, customer.client, known.customer_id)


async def test_who_has_no_order_on_telegram_is_asked_for_the_number_they_may_have_ordered_with(
    customer: Customer,
) -> None:
    own, phone = await on_whatsapp(customer)
    account, chat = await on_telegram(customer)

    said = await chat.say("order_track", "¿dónde está mi pedido?", told={"channel": "telegram"})
    assert said.startswith("Todavía no tienes pedidos con nosotros.\nSi ya nos compraste por WhatsApp, toca «Compartir")
    assert chat.buttons == {"Compartir mi número": ASKS_CONTACT}
    chat.slots["language"] = "en"
    said = await chat.say("order_track", "where is PED-99999?", order_number="PED-99999", told={"channel": "telegram"})
    assert said.startswith("I can't find that order among yours. Please check the number.\nIf you have bought from us")
    assert chat.buttons == {"Share my number": ASKS_CONTACT}

    await customer.client.share_phone("telegram", account, own, key=account)
    chat.slots["language"] = "es"
    assert await chat.say("greet", "[contacto]", told={"has_shared_phone": True, "channel": "telegram"}) == (
        "¡Listo! Ya sé que eres tú: aquí ves tus pedidos y tu carrito de WhatsApp."
    )
    assert {each.channel for each in await phone.oms.identities()} == {"whatsapp", "telegram"}


async def test_who_has_shared_their_number_or_is_elsewhere_is_not_asked_for_it(customer: Customer) -> None:
    account, chat = await on_telegram(customer)
    await customer.client.share_phone("telegram", account, number(), key=account)

    for who, channel in ((chat, "telegram"), (customer, "web")):
        said = await who.say("order_track", "¿dónde está mi pedido?", told={"channel": channel})
        assert said == "Todavía no tienes pedidos con nosotros."


async def test_on_telegram_the_number_is_a_touch_away_from_who_wants_to_be_known(customer: Customer) -> None:
    _, chat = await on_telegram(customer)

    said = await chat.say("identity_link", "soy el mismo de WhatsApp", told={"channel": "telegram"})
    assert "¿Desde qué número de WhatsApp" in said
    assert list(chat.buttons) == ["Compartir mi número", "Dejarlo así"]
    # Typed, or pressed where nothing can be handed over, it asks for the number in words.
    assert "¿Desde qué número" in await chat.press("Compartir mi número")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mi número es 300 111 2233", "300 111 2233"),
        ("+57 300-111-2233 porfa", "+57 300-111-2233"),
        ("(300) 111 2233", "(300) 111 2233"),
        ("es ana@ejemplo.co.", "ana@ejemplo.co"),
        ("2 leches y 3 panes", None),
        ("mi pedido PED-10023", None),
        ("soy el mismo", None),
    ],
)
def test_an_address_is_found_among_words(text: str, address: str | None) -> None:
    assert _address(Message("m", text, "identity_link")) == address


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("123456", "123456"),
        ("123 456", "123 456"),
        ("el código es 123-456.", "123-456"),
        ("12345", "12345"),
        ("2 leches", None),
        ("pedido PED-100234", None),
        ("3001112233", None),
    ],
)
def test_a_code_is_six_digits_among_words_or_about_as_many_alone(text: str, code: str | None) -> None:
    asked = Question("identity_code", (), {"request": "r", "expires_at": clock.now().isoformat()})

    assert WhichCode().read(Message("m", text, "nlu_fallback"), asked) == (Said(code) if code else None)
