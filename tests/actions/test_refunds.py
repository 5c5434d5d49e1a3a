"""Who asks for their money hears how each refund stands; with none, what the shop has of theirs."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backend.schemas.payments import NewPayment, NewRefund, PaidOut, Refund, RejectRefund
from kernel import clock
from tests.actions.conftest import Customer


async def paid(customer: Customer, amount_minor: int = 980_000) -> tuple[str, str]:
    """An order that finance recorded a transfer for: its number, and the payment's."""
    number = await customer.has_ordered()
    oms = customer.staff("finance")
    given = NewPayment(method="bank_transfer", amount_minor=amount_minor, currency="COP")
    payment = await oms.record_payment(number, given, key=str(uuid4()))
    return number, payment.number


async def refund(customer: Customer, payment: str, role: str = "finance") -> Refund:
    oms = customer.staff(role)
    given = NewRefund(amount_minor=500_000, currency="COP", reason="Llegó dañado")
    return await oms.refund(payment, given, key=str(uuid4()))


@pytest.mark.parametrize(
    ("language", "under_way", "arrived"),
    [("es", "va en camino al medio con que pagaste", "la devolvimos el"), ("en", "on its way", "we gave it back on")],
)
async def test_each_refund_is_told_as_it_stands(
    customer: Customer, language: str, under_way: str, arrived: str
) -> None:
    customer.slots["language"] = language
    number, payment = await paid(customer)
    made = await refund(customer, payment)

    await customer.say("refund_status", "¿cuándo me devuelven la plata?")
    assert all(part in customer.said for part in (number, made.number, under_way))

    oms = customer.staff("finance")
    await oms.pay_out_refund(made.number, PaidOut(out_of="bank", reference="TRX-1"), key=str(uuid4()))
    await customer.say("refund_status", f"mi reembolso del {number}", order_number=number)
    assert arrived in customer.said


@pytest.mark.parametrize(("language", "words"), [("es", "Este es el comprobante de"), ("en", "This is the receipt of")])
async def test_what_is_back_comes_with_its_receipt_as_a_document(customer: Customer, language: str, words: str) -> None:
    customer.slots["language"] = language
    number, payment = await paid(customer)
    first = await refund(customer, payment)
    await customer.say("refund_status", "¿cuándo me devuelven la plata?")
    assert (words in customer.said, [reply.get("attachment") for reply in customer.replies]) == (False, [None])

    oms = customer.staff("finance")
    await oms.pay_out_refund(first.number, PaidOut(out_of="bank", reference="TRX-1"), key=str(uuid4()))
    given = NewRefund(amount_minor=100_000, currency="COP", reason="Faltó pan")
    later = await oms.refund(payment, given, key=str(uuid4()))
    # A link says when it ends: the one told and the one expected are made in the same second.
    with clock.standing_at(clock.now()):
        urls = {each.number: each.receipt_url for each in (await customer.oms.my_refunds()).refunds}
        assert urls[later.number] is None
        await customer.say("refund_status", "¿cuándo me devuelven la plata?")

    url = urls[first.number]
    assert customer.replies[-1]["text"] == f"{words} {first.number}: {url}"
    assert customer.replies[-1]["attachment"] == {"name": f"{first.number}.pdf", "url": f"{url}/pdf"}
    assert (number in customer.said, later.number in customer.said) == (True, True)


async def test_what_waits_for_a_person_and_what_was_rejected_is_said_honestly(customer: Customer) -> None:
    oms = customer.staff("finance")
    number = await customer.has_ordered("30 - LECHE-ENTERA-1L")
    big = await oms.record_payment(
        number, NewPayment(method="bank_transfer", amount_minor=30_000_000, currency="COP"), key=str(uuid4())
    )
    agent = customer.staff("agent")
    asked = await agent.refund(
        big.number, NewRefund(amount_minor=15_000_000, currency="COP", reason="Llegó tarde"), key=str(uuid4())
    )
    await customer.say("refund_status", "¿y mi plata?")
    assert "la tienda la está revisando" in customer.said

    await oms.reject_refund(asked.number, RejectRefund(reason="Se entregó a tiempo"), key=str(uuid4()))
    await customer.say("refund_status", "¿y mi plata?")
    assert "no se aprobó. Motivo: Se entregó a tiempo. Te quedó como saldo a favor" in customer.said


async def test_who_has_none_is_offered_a_person(customer: Customer) -> None:
    await customer.say("refund_status", "quiero mi reembolso")

    assert "No tienes devoluciones de dinero en curso" in customer.said
    assert list(customer.buttons) == ["Hablar con una persona"]


async def test_who_has_a_balance_hears_of_it(customer: Customer) -> None:
    await paid(customer, 1_000_000)

    await customer.say("refund_status", "devuélvanme la plata")

    assert "Tienes $200 a favor" in customer.said


async def test_another_customers_refund_is_not_told(customer: Customer) -> None:
    _, payment = await paid(customer)
    made = await refund(customer, payment)
    other = await customer.rival()

    await other.say("refund_status", "mi reembolso")

    assert made.number not in other.said
