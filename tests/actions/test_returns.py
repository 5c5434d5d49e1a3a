"""Who wants to give something back is asked what, why and what for, and hears at once what cannot be."""

from __future__ import annotations

import pytest

from backend.schemas.returns import NewReturn, NewReturnLine
from tests import shop_staff
from tests.actions.conftest import Customer


async def arrived(customer: Customer, *lines: str) -> str:
    """An order that was delivered."""
    number = await customer.has_ordered(*lines)
    staff = customer.staff()
    await shop_staff.ship(staff, number)
    await shop_staff.deliver(staff, number)
    return number


async def wish_for(customer: Customer, wish: str, way: str = "Lo llevo a la tienda") -> None:
    await customer.press(wish)
    await customer.press(way)
    await customer.press("Sí, pídela")


async def test_what_arrived_damaged_goes_back_with_a_photo_and_the_money_is_asked_for(customer: Customer) -> None:
    number = await arrived(customer, "3 - LECHE-ENTERA-1L", "1 - PAN-TAJADO-BLANCO-450")
    await customer.say("return_start", "quiero devolver 2 de las leches, llegaron dañadas")
    assert "Mándame una foto de Leche entera" in customer.said

    await customer.say("attachment_send", files=(customer.photo(),))
    assert list(customer.buttons)[:4] == [
        "Cambiarlo por otro producto",
        "Que me manden otro igual",
        "Que me devuelvan la plata",
        "Saldo a favor para otra compra",
    ]
    await customer.press("Que me devuelvan la plata")
    assert "2 × Leche entera" in customer.said
    assert "Motivo: Llegó dañado" in customer.said

    await customer.press("Sí, pídela")

    [made] = await customer.oms.my_returns()
    assert (made.order_number, made.wish, made.way) == (number, "refund", "store")
    assert [(line.quantity, line.reason, len(line.photos)) for line in made.lines] == [(2, "damaged", 1)]
    assert made.number in customer.said


async def test_how_it_comes_back_is_asked_only_where_it_has_to(customer: Customer) -> None:
    await arrived(customer, "1 - LECHE-ENTERA-1L")
    await customer.say("return_start", "quiero devolver la leche, me llegó otra cosa")
    await customer.press("Que me devuelvan la plata")
    assert "Cómo vuelve: No hace falta, te quedas con ello" in customer.said
    assert customer.step == "confirm"

    await customer.say("nlu_fallback", "no, es que ya no la quiero")

    assert "¿Cómo nos lo haces llegar" in customer.said
    assert customer.step == "way"


@pytest.mark.parametrize(
    ("language", "words", "asked"),
    [("es", "quiero devolver el pan", "¿Qué pasó con Pan"), ("en", "I want to return the bread", "What happened with")],
)
async def test_the_reason_is_asked_for_when_it_was_not_said(
    customer: Customer, language: str, words: str, asked: str
) -> None:
    customer.slots["language"] = language
    await arrived(customer, "1 - PAN-TAJADO-BLANCO-450")

    await customer.say("return_start", words)

    assert asked in customer.said


async def test_what_is_sold_for_good_is_refused_before_anything_is_asked(customer: Customer) -> None:
    await arrived(customer, "1 - RON-750")

    await customer.say("return_start", "quiero devolver el ron")

    assert "no tiene cambio ni devolución" in customer.said
    assert (customer.asked, list(customer.buttons)) == ([], ["Hablar con una persona"])


async def test_before_anything_arrived_there_is_nothing_to_return(customer: Customer) -> None:
    await customer.has_ordered()

    await customer.say("return_start", "quiero devolver la leche")

    assert "no hay nada que devolver" in customer.said


async def test_without_a_photo_a_person_looks(customer: Customer) -> None:
    await arrived(customer)
    await customer.say("return_start", "la leche llegó dañada, la quiero devolver")

    await customer.say("deny", "no tengo foto")

    assert {"handoff": {"reason": "return_without_photo"}} in customer.directives
    assert await customer.oms.my_returns() == []


async def test_a_no_at_the_end_asks_for_nothing(customer: Customer) -> None:
    await arrived(customer)
    await customer.say("return_start", "ya no quiero la leche, la devuelvo")
    await customer.press("Saldo a favor")
    await customer.press("Lo llevo a la tienda")

    await customer.say("deny", "no")

    assert "no pido ninguna devolución" in customer.said
    assert (await customer.oms.my_returns(), customer.asked) == ([], [])


async def test_of_several_orders_the_customer_says_which(customer: Customer) -> None:
    first = await arrived(customer)
    second = await arrived(customer)

    await customer.say("return_start", "quiero devolver algo")
    assert first in customer.said
    assert second in customer.said
    await customer.press(first)

    assert customer.slots["open_questions"][-1]["context"]["number"] == first


async def test_how_a_return_stands_is_told(customer: Customer) -> None:
    await arrived(customer)
    await customer.say("return_start", "ya no quiero la leche, la devuelvo")
    await wish_for(customer, "Que me devuelvan la plata")
    [made] = await customer.oms.my_returns()

    await customer.say("refund_status", "¿cómo va mi devolución?")

    assert made.number in customer.said
    assert "aceptada, esperamos que nos llegue" in customer.said


@pytest.mark.parametrize(
    ("language", "less"),
    [("es", "Ya no debes $9.800 de ese pedido."), ("en", "You no longer owe $9,800 of that order.")],
)
async def test_what_was_never_paid_is_told_as_owed_no_more(customer: Customer, language: str, less: str) -> None:
    """A small claim is settled at once, with its delivery; nothing goes back where nothing was paid."""
    customer.slots["language"] = language
    number = await arrived(customer)
    line = NewReturnLine(line="LECHE-ENTERA-1L", quantity=1, reason="wrong_item")
    made = await customer.oms.request_return(number, NewReturn(lines=[line]), key=f"return:{number}")
    assert (made.status, made.given_back.amount_minor) == ("resolved", 0)

    said = await customer.say("refund_status", "¿cómo va mi devolución?")

    assert less in said
    assert "$0" not in said


async def test_the_same_goods_are_not_returned_twice(customer: Customer) -> None:
    await arrived(customer)
    await customer.say("return_start", "ya no quiero la leche, la devuelvo")
    await wish_for(customer, "Que me devuelvan la plata")

    await customer.say("return_start", "quiero devolver la leche")

    assert "ya está devuelto o en devolución" in customer.said


async def test_an_exchange_says_what_it_costs_more_and_sets_it_aside(customer: Customer) -> None:
    await arrived(customer, "2 - LECHE-ENTERA-1L")
    await customer.say("return_start", "quiero cambiar una leche que ya no quiero por leche deslactosada 1 L")
    await customer.press("Lo llevo a la tienda")
    # 10 % of 5,300 for taking it back, and 5,800 for what costs 5,300.
    assert "Cargo por la devolución: $530" in customer.said
    assert "Pagas de diferencia: $1.030" in customer.said

    await customer.press("Sí, pídela")

    [made] = await customer.oms.my_returns()
    assert (made.wish, [line.quantity for line in made.lines]) == ("exchange", [1])
    assert made.exchange_order is not None
    [instead] = (await customer.oms.order(made.exchange_order)).lines
    assert (instead.sku, instead.quantity) == ("LECHE-DESLACTOSADA-1L", "1")


async def test_as_many_are_wanted_instead_as_come_back(customer: Customer) -> None:
    await arrived(customer, "2 - LECHE-ENTERA-1L")
    spoken = {"text": "leches", "quantity": "2", "quantity_given": True}
    words = "cambio dos leches que ya no quiero por leche deslactosada 1 L"
    await customer.say("return_start", words, order_line=spoken)
    await customer.press("Lo llevo a la tienda")
    assert "Cambio por 2 × Leche deslactosada" in customer.said

    await customer.say("deny", "no, dos no, una")

    assert "1 × Leche entera" in customer.said
    assert "Cambio por 1 × Leche deslactosada" in customer.said


async def test_the_slot_that_is_chosen_is_kept(customer: Customer) -> None:
    await arrived(customer, "1 - LECHE-ENTERA-1L")
    await customer.say("return_start", "ya no quiero la leche, la devuelvo")
    await customer.press("Que me devuelvan la plata")
    await customer.press("Que lo recojan en mi casa")
    first = next(iter(customer.buttons))
    assert first.endswith(("de 09:00 a 12:00", "de 14:00 a 17:00"))
    await customer.press(first)
    assert first in customer.said
    await customer.press("Sí, pídela")

    [made] = await customer.oms.my_returns()
    assert made.pickup_on is not None
    assert made.pickup_slot == first[-13:].replace(" a ", "-")
    assert first in customer.said


async def test_words_that_change_nothing_are_asked_about_again(customer: Customer) -> None:
    await arrived(customer, "2 - LECHE-ENTERA-1L")
    await customer.say("return_start", "quiero devolver 1 leche, ya no la quiero")
    await wish_for_but_for_the_yes(customer)

    await customer.say("nlu_fallback", "qwerty asdf")

    assert customer.asked == ["return"]
    assert await customer.oms.my_returns() == []


async def test_another_customers_return_is_not_cancelled(customer: Customer) -> None:
    await customer.say("return_cancel", "cancela la devolución RMA-10001")

    assert "No veo ninguna devolución" in customer.said
    assert customer.asked == []


async def wish_for_but_for_the_yes(customer: Customer) -> None:
    await customer.press("Saldo a favor para otra compra")
    await customer.press("Lo llevo a la tienda")
