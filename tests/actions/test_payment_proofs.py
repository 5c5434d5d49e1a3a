"""The photo of a transfer's receipt reaches finance with the right order and what the customer says of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from actions.payment_proofs import read_details
from backend.schemas.payment_proofs import StaffPaymentProof
from backend.schemas.shop import Shop
from kernel import clock
from tests.actions.conftest import Customer


async def proofs(customer: Customer) -> list[StaffPaymentProof]:
    """The customer's own, as finance sees them."""
    found: list[StaffPaymentProof] = []
    cursor = None
    while True:
        page = await customer.staff().payment_proofs(cursor=cursor)
        found += [proof for proof in page.proofs if proof.customer_id == customer.customer_id]
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "Recibí tu comprobante del pedido {number}, que tiene $9.800 por pagar."),
        ("en", "I have your receipt for order {number}, of which $9,800 is due."),
    ],
)
async def test_a_photo_alone_proves_the_order_that_waits_for_a_transfer(
    customer: Customer, language: str, said: str
) -> None:
    customer.slots["language"] = language
    number = await customer.has_ordered()
    photo = customer.photo()

    await customer.say("attachment_send", files=(photo,))

    assert said.format(number=number) in customer.said
    [proof] = await proofs(customer)
    assert (proof.order_number, proof.picture.id, proof.status, proof.amount) == (number, photo["id"], "open", None)
    assert customer.asked == ["proof_details"]


async def test_what_is_said_beside_the_photo_goes_with_it(customer: Customer) -> None:
    number = await customer.has_ordered()

    await customer.say("pay_start", "ya pagué los $9.800 ayer, referencia M-4471", files=(customer.photo(),))

    [proof] = await proofs(customer)
    assert proof.order_number == number
    assert (proof.amount.amount_minor if proof.amount else 0, proof.reference) == (980_000, "M-4471")
    assert proof.paid_on is not None
    assert customer.asked == []


async def test_what_is_said_afterwards_is_added(customer: Customer) -> None:
    await customer.has_ordered()
    await customer.say("attachment_send", files=(customer.photo(),))

    await customer.say("nlu_fallback", "fueron 9.800, ref 88213")

    [proof] = await proofs(customer)
    assert (proof.amount.amount_minor if proof.amount else 0, proof.reference) == (980_000, "88213")
    assert "lo anoté junto al comprobante" in customer.said


async def test_an_amount_with_its_reference_answers_even_if_it_sounds_like_a_correction_and_an_order_does_not(
    customer: Customer,
) -> None:
    await customer.has_ordered()
    await customer.say("attachment_send", files=(customer.photo(),))
    await customer.say("cart_change", "fueron 15.900, referencia M4471")
    assert "lo anoté junto al comprobante" in customer.said

    await customer.say("attachment_send", files=(customer.photo("b"),))
    await customer.say("cart_add", "2 panes tajados de 5000", order_line={"text": "pan tajado", "quantity": "2"})
    assert "comprobante" not in customer.said


async def test_who_says_nothing_more_is_not_asked_twice(customer: Customer) -> None:
    await customer.has_ordered()
    await customer.say("attachment_send", files=(customer.photo(),))

    await customer.say("store_info", "¿a qué hora abren?")

    assert customer.asked == []


async def test_who_says_they_paid_is_asked_for_a_photo_of_it(customer: Customer) -> None:
    number = await customer.has_ordered()
    await customer.say("pay_start", "ya hice la transferencia")
    assert "envíame una foto del comprobante" in customer.said

    await customer.say("attachment_send", files=(customer.photo(),))

    assert [proof.order_number for proof in await proofs(customer)] == [number]


async def test_of_several_unpaid_orders_it_is_asked_which(customer: Customer) -> None:
    first = await customer.has_ordered()
    second = await customer.has_ordered()
    await customer.say("pay_start", "aquí está el comprobante", files=(customer.photo(),))
    assert customer.said.startswith("¿De cuál pedido es el comprobante?")
    assert await proofs(customer) == []

    await customer.press(first)

    assert [proof.order_number for proof in await proofs(customer)] == [first]
    assert second not in customer.said


async def test_a_named_order_is_the_one(customer: Customer) -> None:
    first = await customer.has_ordered()
    await customer.has_ordered()

    await customer.say("pay_start", f"pagué el {first}", order_number=first, files=(customer.photo(),))

    assert [proof.order_number for proof in await proofs(customer)] == [first]


async def test_each_photo_of_a_message_is_a_proof_and_trying_again_makes_no_more(customer: Customer) -> None:
    await customer.has_ordered()
    files = (customer.photo("a"), customer.photo("b"))

    await customer.say("attachment_send", files=files, id="m1")
    await customer.say("attachment_send", files=files, id="m1")

    assert [proof.picture.id for proof in await proofs(customer)] == [file["id"] for file in files]


# case 82
async def test_nobody_proves_someone_elses_order(customer: Customer) -> None:
    rival = await customer.rival()
    number = await rival.has_ordered()

    await customer.say("pay_start", f"pagué el {number}", order_number=number, files=(customer.photo(),))

    assert "comprobante" not in customer.said
    assert await proofs(customer) == await proofs(rival) == []


async def test_without_an_order_to_pay_a_photo_is_only_kept(customer: Customer) -> None:
    await customer.say("pay_start", "aquí está el comprobante", files=(customer.photo(),))

    assert customer.said.startswith("Recibí tu archivo")
    assert await proofs(customer) == []


async def test_nothing_is_claimed_while_the_oms_is_away(customer: Customer) -> None:
    number = await customer.has_ordered()
    customer.line.fault, customer.line.on = "answer_lost", f"/orders/{number}/payment-proofs"
    await customer.say("attachment_send", files=(customer.photo(),))
    assert "Recibí tu comprobante" not in customer.said
    customer.line.fault = None

    await customer.press("Intentar")

    assert "Recibí tu comprobante" in customer.said
    assert len(await proofs(customer)) == 1


@pytest.mark.parametrize(
    ("words", "amount", "reference", "days_ago"),
    [
        ("transferí $45.000 ref 88213", 4_500_000, "88213", None),
        ("45.000,50", 4_500_050, None, None),
        ("fueron 45 mil, ayer", 4_500_000, None, 1),
        ("4,5 mil", 450_000, None, None),
        ("I paid 45,000 today, reference no. M1234567", 4_500_000, "M1234567", 0),
        ("comprobante número M1234567", None, "M1234567", None),
        ("referencia es la 00012345 por 30000", 3_000_000, "00012345", None),
        ("el del PED-10023", None, None, None),
        ("1000 g de queso", None, None, None),
        ("aquí está el comprobante", None, None, None),
        ("gracias", None, None, None),
    ],
)
async def test_amount_reference_and_day_are_read_from_plain_words(
    customer: Customer, words: str, amount: int | None, reference: str | None, days_ago: int | None
) -> None:
    shop: Shop = await customer.oms.shop()

    told: Any = read_details(words, shop)

    today = (clock.now() - timedelta(hours=5)).date()
    assert (told.amount_minor, told.reference) == (amount, reference)
    assert told.paid_on == (today - timedelta(days=days_ago) if days_ago is not None else None)
