"""Several wishes in one message: each is served, in order, and what befalls one is no harm to the others."""

from __future__ import annotations

from tests.actions.conftest import Customer, part, wish

MILK = part("cart_add", "quiero 3 leches enteras", order_line=wish("leche entera", "3"))
BREAD = part("cart_add", "un pan tajado", order_line=wish("pan tajado", "1"))
HOURS = part("store_info", "hasta qué hora atienden")


async def test_both_are_served_in_the_order_in_which_they_were_said(customer: Customer) -> None:
    await customer.say("cart_add", "quiero 3 leches enteras y hasta qué hora atienden", wishes=(MILK, HOURS))

    assert await customer.cart() == ["3 unidad LECHE-ENTERA-1L"]
    assert customer.said.index("3 × Leche entera") < customer.said.index("Lunes a sábado")
    assert customer.asked == ["more"]


async def test_what_the_first_has_us_ask_is_not_answered_by_the_second(customer: Customer) -> None:
    second = part("cart_remove", "quita el integral", order_line=wish("integral"))

    await customer.say("cart_add", "un pan tajado y quita el integral", wishes=(BREAD, second))

    assert customer.asked[-1] == "variant"
    assert await customer.cart() == []


async def test_what_was_asked_before_is_answered_by_any_of_them(customer: Customer) -> None:
    await customer.say("cart_add", "un pan tajado", order_line=wish("pan tajado", "1"))
    second = part("option_choose", "la segunda", option=2)

    await customer.say("store_info", "¿hasta qué hora atienden? la segunda", wishes=(HOURS, second))

    assert "Lunes a sábado" in customer.said
    assert await customer.cart() == ["1 unidad PAN-TAJADO-INTEGRAL-480"]


async def test_a_refused_wish_leaves_the_other_alone(customer: Customer) -> None:
    nobodys = part("order_track", "dónde está PED-99999", order_number="PED-99999")

    await customer.say("order_track", "dónde está PED-99999 y quiero 3 leches enteras", wishes=(nobodys, MILK))

    assert "no encuentro" in customer.said.lower()
    assert await customer.cart() == ["3 unidad LECHE-ENTERA-1L"]


async def test_when_the_second_fails_trying_again_does_the_first_once(customer: Customer) -> None:
    """case 36"""
    number = await customer.has_ordered("1 - HUEVO-AA")
    customer.line.fault, customer.line.on = "cut", "/orders"
    track = part("order_track", "dónde va mi pedido")
    await customer.say("cart_add", "quiero 3 leches enteras y dónde va mi pedido", wishes=(MILK, track))
    assert "3 × Leche entera" not in customer.said
    customer.line.fault = None

    await customer.say("affirm", "sí, intenta de nuevo")

    assert customer.said.index("3 × Leche entera") < customer.said.index(number)
    assert await customer.cart() == ["3 unidad LECHE-ENTERA-1L"]


async def test_a_courtesy_is_answered_in_a_word_before_the_wish(customer: Customer) -> None:
    await customer.say("store_info", "hola, hasta qué hora atienden", wishes=(part("greet", "hola"), HOURS))
    assert customer.said.startswith("¡Hola! ")
    assert "asistente" not in customer.said

    await customer.say("store_info", "gracias, hasta qué hora atienden", wishes=(part("thanks", "gracias"), HOURS))
    assert customer.said.startswith("¡Con gusto! ")
    assert len(customer.replies) == 1


async def test_a_person_is_asked_for_when_the_rest_is_done(customer: Customer) -> None:
    person = part("human_request", "quiero hablar con alguien")

    await customer.say("human_request", "quiero hablar con alguien y 3 leches enteras", wishes=(person, MILK))

    assert customer.directives == [{"handoff": {"reason": "requested"}}]
    assert await customer.cart() == ["3 unidad LECHE-ENTERA-1L"]
