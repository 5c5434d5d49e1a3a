"""From a sentence to the books and back: a card refunded in part, twice; a chargeback; more than was due."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from backend.client import BackendClient
from backend.schemas.invoices import CreditedLine, Invoice, NewCreditNote
from backend.schemas.payments import NewPayment, NewRefund
from comanda.web_chat import WebChat
from kernel.tokens import Principal, mint
from tests import shop_staff
from tests.journeys.product import Product, wait_until

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]
PATIENCE_S = 60
TALK = ["2 leches enteras", "finalizar pedido", "Calle 45 # 12-30", "nequi", "sí, confirmo"]
BANK, CLEARING, DISPUTED, RECEIVABLE, ADVANCES = "1110", "1120", "1380", "1305", "2805"
SALES_RETURNED, FEES, CHARGEBACKS = "4175", "5305", "5315"
INVOICES = (
    "SELECT oms_invoice.number, kind FROM oms_invoice JOIN oms_order ON oms_order.id = order_id "
    "WHERE oms_order.number = :number"
)


@contextmanager
def ordered(product: Product) -> Iterator[tuple[WebChat, str, int]]:
    """A customer who ordered in the chat: the conversation, the order's number, its total."""
    product.wait_until_ready()
    with product.chat("es") as customer:
        said = [str(customer.say(words, timeout_s=60)) for words in TALK]
        number = re.findall(r"PED-\d+", said[-1])[0]
        (order,) = product.rows("SELECT total_minor FROM oms_order WHERE number = :number", number=number)
        yield customer, number, order["total_minor"]


def pay(product: Product, customer: WebChat) -> str:
    """By the link that the chat sends; the link."""
    customer.say("quiero pagar", timeout_s=60)
    link = heard(product, customer, r"http://\S+/demo-pay/\S+")
    assert httpx.post(link, data={"wish": "captured"}).status_code == 200
    heard(product, customer, "Recibimos tu pago")
    return link


def heard(product: Product, customer: WebChat, pattern: str, times: int = 1) -> str:
    found: list[str] = []

    def look() -> bool:
        rows = product.rows("SELECT text FROM bot_message WHERE conversation_id = :id", id=customer.conversation_id)
        found[:] = re.findall(pattern, "\n".join(row["text"] or "" for row in rows))
        return len(found) >= times

    wait_until(look, PATIENCE_S, pattern)
    return found[0]


def books(product: Product, number: str) -> dict[str, int]:
    booked = product.rows(
        "SELECT account_code, SUM(debit_minor) - SUM(credit_minor) AS balance FROM oms_posting "
        "JOIN oms_journal_entry ON oms_journal_entry.id = entry_id WHERE subject = :number "
        "GROUP BY account_code HAVING SUM(debit_minor) <> SUM(credit_minor)",
        number=number,
    )
    return {row["account_code"]: row["balance"] for row in booked}


def staff(product: Product) -> BackendClient:
    principal = Principal("staff", "finance", grants=frozenset({"role:admin"}))
    return BackendClient(
        product.settings.backend_url, mint(principal, product.settings.signing_key(), timedelta(minutes=5))
    )


def test_a_card_is_refunded_in_part_twice(product: Product) -> None:  # cases 71, 135
    async def give_back(number: str) -> int:
        """One of the two milks: the credit note, then the money; how much."""
        async with staff(product) as oms:
            (invoice,) = [each for each in product.rows(INVOICES, number=number) if each["kind"] == "invoice"]
            given = NewCreditNote(lines=[CreditedLine(position=1, base_quantity=1)], reason="Llegó dañada")
            note = await oms.credit_invoice(invoice["number"], given, key=str(uuid4()))
            assert isinstance(note, Invoice)
            (payment,) = (await oms.order_payments(number)).payments
            refund = NewRefund(amount_minor=note.total.amount_minor, currency="COP", reason="Llegó dañada")
            await oms.refund(payment.number, refund, key=str(uuid4()))
            return note.total.amount_minor

    with ordered(product) as (customer, number, total):
        pay(product, customer)
        asyncio.run(shipped(product, number))
        heard(product, customer, "Ya llegó")
        first = asyncio.run(give_back(number))
        heard(product, customer, "Listo: te devolvimos")
        second = asyncio.run(give_back(number))
        heard(product, customer, "Listo: te devolvimos", times=2)
        assert "la devolvimos el" in str(customer.say("¿cuándo me devuelven la plata?", timeout_s=60))

    (payment,) = product.rows(
        "SELECT * FROM oms_payment WHERE order_id = (SELECT id FROM oms_order WHERE number = :number)", number=number
    )
    assert first == second
    assert (payment["refunded_minor"], payment["captured_minor"]) == (first + second, total)
    after = books(product, number)
    assert (after[CLEARING], after[FEES]) == (total - first - second - total * 25 // 1000, total * 25 // 1000)
    assert (after[SALES_RETURNED], RECEIVABLE in after, ADVANCES in after) == (first + second, False, False)


def test_a_chargeback_is_disputed_and_lost(product: Product) -> None:  # case 76
    with ordered(product) as (customer, number, total):
        link = pay(product, customer)
        asyncio.run(shipped(product, number))
        heard(product, customer, "Ya llegó")
        httpx.post(link, data={"wish": "disputed"})
        wait_until(lambda: books(product, number).get(DISPUTED) == total, PATIENCE_S, "disputed")
        httpx.post(link, data={"wish": "shop_loses"})
        wait_until(lambda: books(product, number).get(CHARGEBACKS) == total, PATIENCE_S, "lost")

    after = books(product, number)
    assert (after[CLEARING], DISPUTED in after, RECEIVABLE in after) == (-(total * 25 // 1000), False, False)


def test_what_is_paid_too_much_is_said_and_is_the_customers(product: Product) -> None:  # case 76
    async def transfer(number: str, amount_minor: int) -> None:
        async with staff(product) as oms:
            given = NewPayment(method="bank_transfer", amount_minor=amount_minor, currency="COP", reference="TRX-77")
            await oms.record_payment(number, given, key=str(uuid4()))

    with ordered(product) as (customer, number, total):
        asyncio.run(transfer(number, total + 150_000))
        heard(product, customer, r"Recibimos tu pago.*\$1\.500")
        asyncio.run(shipped(product, number))
        heard(product, customer, "Ya llegó")
        assert "$1.500" in str(customer.say("¿cuánto debo?", timeout_s=60))

    after = books(product, number)
    assert (after[BANK], after[ADVANCES], RECEIVABLE in after) == (total + 150_000, -150_000, False)


async def shipped(product: Product, number: str) -> None:
    async with staff(product) as oms:
        await shop_staff.ship(oms, number)
        await shop_staff.deliver(oms, number)
