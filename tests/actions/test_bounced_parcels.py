"""A parcel that could not be delivered: its customer says by button or in words what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from backend.schemas.payments import NewPayment
from tests import shop_staff
from tests.actions.conftest import Customer

WISHES = {"replacement": "Envíenmelo otra vez", "refund": "Que me devuelvan la plata", "store_credit": "Saldo a favor"}


async def came_back(customer: Customer, *, is_paid: bool = True) -> tuple[str, str]:
    """An order whose only parcel came back, with the bot's question open (bot/notices/words.py): order and return."""
    number = await customer.has_ordered()
    if is_paid:
        total = (await customer.oms.order(number)).total.amount_minor
        paid = NewPayment(method="bank_transfer", amount_minor=total, currency="COP")
        await customer.staff().record_payment(number, paid, key=f"pay:{number}")
    await shop_staff.ship(customer.staff(), number)
    await shop_staff.tell(customer.staff(), number, "returned_to_origin")
    [rma] = await customer.oms.my_returns()
    options = [{"value": wish, "title": title, "also": ""} for wish, title in WISHES.items()]
    context = {"return_number": rma.number, "order_number": number, "is_paid": is_paid}
    question: dict[str, Any] = {"kind": "parcel_bounced", "options": options, "context": context, "id": "n1:0"}
    customer.slots["open_questions"] = [question]
    return number, rma.number


@pytest.mark.parametrize(
    ("words", "wish", "says"),
    [
        ("mándalo otra vez", "replacement", "te enviamos otra vez lo de tu pedido {number}"),
        ("send it again please", "replacement", "te enviamos otra vez lo de tu pedido {number}"),
        ("reenvíamelo", "replacement", "te enviamos otra vez lo de tu pedido {number}"),
        ("mejor devuélvanme la plata", "refund", "te devolvemos la plata de tu pedido {number}"),
        ("ya no lo quiero", "refund", "te devolvemos la plata de tu pedido {number}"),
        ("I don't want it any more", "refund", "te devolvemos la plata de tu pedido {number}"),
        ("3", "store_credit", "lo que pagaste de tu pedido {number} te queda a favor"),
        ("déjamelo como saldo a favor", "store_credit", "lo que pagaste de tu pedido {number} te queda a favor"),
    ],
)
async def test_what_becomes_of_it_is_said_in_words(customer: Customer, words: str, wish: str, says: str) -> None:
    number, rma = await came_back(customer)

    await customer.say("nlu_fallback", words)

    assert says.format(number=number) in customer.said
    assert (await customer.oms.my_return(rma)).wish == wish
    assert customer.asked == []


@pytest.mark.parametrize("wish", list(WISHES))
async def test_or_by_a_button_under_the_notice(customer: Customer, wish: str) -> None:
    _, rma = await came_back(customer)

    await customer.say("parcel_choose", button=True, return_number=rma, choice=wish)

    assert (await customer.oms.my_return(rma)).wish == wish
    assert customer.asked == []


async def test_who_paid_nothing_is_promised_no_money(customer: Customer) -> None:
    number, rma = await came_back(customer, is_paid=False)

    said = await customer.say("nlu_fallback", "ya no lo quiero")

    assert said == f"Listo: no te lo enviamos más, y de tu pedido {number} no debes lo que venía en ese paquete."
    assert (await customer.oms.my_return(rma)).wish == "refund"


async def test_it_is_asked_again_after_something_else(customer: Customer) -> None:
    number, rma = await came_back(customer)

    await customer.say("thanks", "gracias")

    assert f"Un paquete de tu pedido {number} no se pudo entregar. ¿Qué prefieres que hagamos?" in customer.said
    assert (customer.asked, list(customer.buttons)) == (["parcel_bounced"], list(WISHES.values()))
    assert (await customer.oms.my_return(rma)).wish is None


async def test_a_plain_no_brings_a_person(customer: Customer) -> None:
    _, rma = await came_back(customer)

    await customer.say("deny", "no")

    assert customer.directives == [{"handoff": {"reason": "parcel_bounced"}}]
    assert (await customer.oms.my_return(rma)).wish is None


async def test_another_customers_parcel_is_not_chosen_for(customer: Customer) -> None:
    _, rma = await came_back(customer)
    rival = await customer.rival()

    await rival.say("parcel_choose", button=True, return_number=rma, choice="refund")

    assert (await customer.oms.my_return(rma)).wish is None
    assert "No encuentro" in rival.said


@pytest.mark.parametrize("wish", ["explode", ""])
async def test_a_button_of_nonsense_does_nothing(customer: Customer, wish: str) -> None:
    _, rma = await came_back(customer)

    await customer.say("parcel_choose", button=True, return_number=rma, choice=wish)

    assert customer.said.startswith("Esa opción ya no está vigente.")
    assert (await customer.oms.my_return(rma)).wish is None
