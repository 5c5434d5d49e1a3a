"""Who wants to give something back is asked what, why and what for, and hears at once what cannot be."""

from __future__ import annotations

import pytest

from actions.wording import full_day
from backend.schemas.returns import NewReturn, NewReturnLine
from kernel import clock
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
    assert (first.endswith((", 09:00–12:00", ", 14:00–17:00")), len(first) <= 24) == (True, True)
    await customer.press(first)
    hours = first[-11:].replace("–", "-")
    assert f"de {hours.replace('-', ' a ')}" in customer.said
    await customer.press("Sí, pídela")

    [made] = await customer.oms.my_returns()
    assert made.pickup_on is not None
    assert made.pickup_slot == hours
    assert f"Pasamos a recogerla el {full_day(made.pickup_on, 'es')}, de {hours.replace('-', ' a ')}" in customer.said


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


async def test_two_of_the_goods_come_back_with_one_return(customer: Customer) -> None:
    await arrived(customer, "3 - LECHE-ENTERA-1L", "1 - PAN-TAJADO-BLANCO-450", "1 - HUEVO-AA")
    await customer.say("return_start", "quiero devolver dos leches y el pan, ya no los quiero, mejor saldo a favor")

    assert "• 2 × Leche entera larga vida Prado Alto 1 L. Motivo: Ya no lo quiero" in await store(customer)
    assert "• 1 × Pan tajado blanco Don Eliseo 450 g. Motivo: Ya no lo quiero" in customer.said
    await customer.press("Sí, pídela")

    [made] = await customer.oms.my_returns()
    lines = [(line.sku, line.quantity, line.reason) for line in made.lines]
    assert lines == [("LECHE-ENTERA-1L", 2, "not_wanted"), ("PAN-TAJADO-BLANCO-450", 1, "not_wanted")]


async def store(customer: Customer) -> str:
    """Brought to the store, the last of what is asked: the summary."""
    return await customer.press("Lo llevo a la tienda")


async def test_each_of_several_goods_has_its_own_reason_and_photo(customer: Customer) -> None:
    await arrived(customer, "3 - LECHE-ENTERA-1L", "1 - PAN-TAJADO-BLANCO-450")
    await customer.say("return_start", "quiero devolver la leche y el pan que llegó vencido")
    assert (customer.step, "¿Cuántas unidades de Leche entera" in customer.said) == ("quantity", True)

    await customer.say("nlu_fallback", "2")
    assert "Mándame una foto de Leche entera" in customer.said
    await customer.say("attachment_send", files=(customer.photo("a"),))
    assert "Mándame una foto de Pan tajado" in customer.said
    await customer.say("attachment_send", files=(customer.photo("b"),))
    await wish_for(customer, "Que me manden otro igual")

    [made] = await customer.oms.my_returns()
    lines = [(line.sku, line.quantity, line.reason, len(line.photos)) for line in made.lines]
    assert lines == [("LECHE-ENTERA-1L", 2, "expired", 1), ("PAN-TAJADO-BLANCO-450", 1, "expired", 1)]


async def test_all_of_an_order_is_given_back_in_one_message_but_for_what_is_sold_for_good(customer: Customer) -> None:
    await arrived(customer, "2 - LECHE-ENTERA-1L", "1 - RON-750", "1 - HUEVO-AA")

    await customer.say("return_start", "quiero devolver la leche, el ron y los huevos; ya no los quiero")
    assert "Esto no te lo puedo recibir de vuelta:\n• Ron" in customer.said
    await customer.say("nlu_fallback", "todas")
    await customer.press("Saldo a favor")

    assert "• 2 × Leche" in await store(customer)
    assert "• 1 × Huevo" in customer.said

    await customer.say("deny", "no")
    await customer.say("return_start", "quiero devolver todo el pedido, me arrepentí")
    await customer.press("Saldo a favor")
    assert "• 2 × Leche" in await store(customer)
    assert ("• 1 × Huevo" in customer.said, "Ron" in customer.said) == (True, False)


async def test_another_of_the_goods_is_added_corrected_and_left_out_at_the_summary(customer: Customer) -> None:
    await arrived(customer, "3 - LECHE-ENTERA-1L", "1 - PAN-TAJADO-BLANCO-450", "2 - HUEVO-AA")
    await customer.say("return_start", "ya no quiero 2 de las leches, las devuelvo")
    await customer.press("Saldo a favor")
    await store(customer)

    await customer.press("Devolver algo más")
    assert "¿Qué más quieres devolver" in customer.said
    assert [title.split()[0] for title in customer.buttons] == ["Pan", "Huevos"]
    await customer.press("Pan")
    await customer.press("Ya no lo quiero")
    assert ("• 2 × Leche" in customer.said, "• 1 × Pan" in customer.said) == (True, True)

    await customer.say("return_start", "también un huevo que ya no quiero")
    assert "• 1 × Huevo" in customer.said

    await customer.say("nlu_fallback", "no, de la leche solo una")
    assert ("• 1 × Leche" in customer.said, "• 1 × Huevo" in customer.said) == (True, True)

    await customer.say("deny", "el pan no")
    assert ("Pan" in customer.said, "• 1 × Leche" in customer.said) == (False, True)
    await customer.press("Sí, pídela")

    [made] = await customer.oms.my_returns()
    assert sorted((line.sku, line.quantity) for line in made.lines) == [("HUEVO-AA", 1), ("LECHE-ENTERA-1L", 1)]


async def test_who_adds_nothing_after_all_keeps_what_was_said(customer: Customer) -> None:
    await arrived(customer, "1 - LECHE-ENTERA-1L", "1 - PAN-TAJADO-BLANCO-450")
    await customer.say("return_start", "ya no quiero la leche, la devuelvo por saldo")
    await store(customer)
    await customer.press("Devolver algo más")

    await customer.say("nlu_fallback", "nada más")

    assert (customer.step, "• 1 × Leche" in customer.said) == ("confirm", True)


async def test_the_same_again_is_offered_only_where_all_of_it_is_the_shops_fault(customer: Customer) -> None:
    await arrived(customer, "1 - LECHE-ENTERA-1L", "1 - PAN-TAJADO-BLANCO-450")

    await customer.say("return_start", "devuelvo la leche que me llegó otra cosa y el pan que ya no quiero")

    assert "Que me manden otro igual" not in customer.buttons
    assert "Saldo a favor para otra compra" in customer.buttons


async def test_the_drop_off_point_that_is_chosen_is_kept(customer: Customer) -> None:
    await arrived(customer, "1 - LECHE-ENTERA-1L")
    await customer.say("return_start", "ya no quiero la leche, la devuelvo por saldo")
    await customer.press("Lo llevo a un punto de entrega")
    assert "¿En cuál punto lo dejas?" in customer.said

    await customer.say("nlu_fallback", "en la papelería")
    assert "Cómo vuelve: Lo llevo a un punto de entrega, Papelería El Lápiz" in customer.said
    await customer.press("Sí, pídela")

    [made] = await customer.oms.my_returns()
    assert [point.code for point in made.drop_off_points] == ["lapiz"]
    assert ("Papelería El Lápiz" in customer.said, customer.said.count("•")) == (True, 1)


async def test_an_accepted_return_comes_with_its_label_as_a_document(customer: Customer) -> None:
    await arrived(customer, "1 - PAN-TAJADO-BLANCO-450")
    # A link says when it ends: the ones told and the one expected are made in the same second.
    with clock.standing_at(clock.now()):
        await customer.say("return_start", "quiero devolver el pan, ya no lo quiero")
        await wish_for(customer, "Que me devuelvan la plata")
        [made] = await customer.oms.my_returns()
        words = f"Esta es la etiqueta de {made.number}, para pegar en el paquete o mostrar: {made.label_url}"
        label = {"name": f"{made.number}.pdf", "url": f"{made.label_url}/pdf"}

        assert made.status == "accepted"
        assert (customer.replies[-1]["text"], customer.replies[-1]["attachment"]) == (words, label)
        await customer.say("refund_status", "¿cómo va mi devolución?")
        assert (customer.replies[-1]["text"], customer.replies[-1]["attachment"]) == (words, label)
