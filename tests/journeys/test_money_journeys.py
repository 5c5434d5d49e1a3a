"""From a sentence to the books: paid at the door, in two parts, or before anything is prepared."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backend.client import BackendClient
from backend.schemas.payments import NewPayment
from comanda.web_chat import WebChat
from kernel.tokens import Principal, mint
from tests import shop_staff
from tests.journeys.product import Product, wait_until

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]
PATIENCE_S = 60
CASH, BANK, CLEARING, GOODS = "1105", "1110", "1120", "1435"
SALES, DELIVERY, FEES, GOODS_SOLD = "4135", "4145", "5305", "6135"
# Two of milk at $5.300, and the delivery, without IVA; the milk costs the shop $4.558 each.
MILK, FEE, COST = 10_600_00, 4_500_00, 9_116_00
TOTAL = MILK + FEE
SOLD = {SALES: -MILK, DELIVERY: -FEE, GOODS: -COST, GOODS_SOLD: COST}


def order(customer: WebChat, payment: str) -> tuple[str, str]:
    """Two of milk, paid like that: the number, and all that was answered last."""
    wishes = ["2 leches enteras", "finalizar pedido", "Calle 45 # 12-30", payment, "sí, confirmo"]
    said = [str(customer.say(words, timeout_s=60)) for words in wishes]
    return re.findall(r"PED-\d+", said[-1])[0], said[-1]


def staff(product: Product, work: Callable[[BackendClient], Coroutine[Any, Any, Any]]) -> Any:
    async def run() -> Any:
        principal = Principal("staff", "someone", grants=frozenset({"role:admin"}))
        token = mint(principal, product.settings.signing_key(), timedelta(minutes=5))
        async with BackendClient(product.settings.backend_url, token) as oms:
            return await work(oms)

    return asyncio.run(run())


def hears(product: Product, customer: WebChat, pattern: str) -> str:
    """What of the assistant's messages matches, as soon as one does."""
    found: list[str] = []

    def look() -> bool:
        rows = product.rows("SELECT text FROM bot_message WHERE conversation_id = :id", id=customer.conversation_id)
        found[:] = re.findall(pattern, "\n".join(row["text"] or "" for row in rows))
        return bool(found)

    wait_until(look, PATIENCE_S, pattern)
    return found[0]


def books(product: Product, number: str) -> dict[str, int]:
    """Every account that an order moved and that is not at zero: debits less credits."""
    rows = product.rows(
        "SELECT account_code, SUM(debit_minor) - SUM(credit_minor) AS balance FROM oms_posting "
        "JOIN oms_journal_entry ON oms_journal_entry.id = entry_id WHERE subject = :number GROUP BY account_code",
        number=number,
    )
    return {row["account_code"]: row["balance"] for row in rows if row["balance"]}


def has_its_invoice(product: Product, customer: WebChat, number: str) -> None:
    """One invoice, paid in full, told in the chat with a link to its PDF and its XML."""
    (invoice,) = product.rows(
        "SELECT oms_invoice.id, payable_minor FROM oms_invoice "
        "JOIN oms_order ON oms_order.id = order_id WHERE oms_order.number = :number",
        number=number,
    )
    (paid,) = product.rows(
        "SELECT SUM(amount_minor) AS amount FROM oms_settlement WHERE invoice_id = :id", id=invoice["id"]
    )
    assert (invoice["payable_minor"], paid["amount"]) == (TOTAL, TOTAL)
    told = rf"Tu factura \S+ por \$15\.100, del pedido {number}: (\S+)"
    link = hears(product, customer, told)
    enclosed = product.rows("SELECT url FROM bot_enclosure WHERE url LIKE :url", url=f"{link}%")
    assert enclosed == [{"url": f"{link}/pdf"}]
    pdf, xml = (httpx.get(f"{link}/{form}", timeout=PATIENCE_S) for form in ("pdf", "xml"))
    assert pdf.content.startswith(b"%PDF-")
    assert f">{number}<".encode() in xml.content


def status(product: Product, number: str) -> str:
    (found,) = product.rows("SELECT status FROM oms_order WHERE number = :number", number=number)
    return str(found["status"])


def test_cash_at_the_door(product: Product) -> None:
    product.wait_until_ready()
    with product.chat("es") as customer:
        number, _ = order(customer, "en efectivo")
        assert status(product, number) == "confirmed"
        staff(product, lambda oms: shop_staff.ship(oms, number))
        hears(product, customer, "ya salió")
        staff(product, lambda oms: shop_staff.deliver(oms, number, collected_minor=TOTAL))
        hears(product, customer, rf"Recibimos tu pago de \$15\.100 para el pedido {number}\. ¡Gracias!")
        asked = customer.say("mándame la factura", timeout_s=60)
        [(invoice,)] = [each["enclosures"] for each in asked if each["text"].startswith("Esta es la factura")]
        assert httpx.get(invoice["url"], timeout=PATIENCE_S).content.startswith(b"%PDF-")

    assert status(product, number) == "closed"
    assert books(product, number) == SOLD | {CASH: TOTAL}
    has_its_invoice(product, customer, number)


def test_a_part_now_and_a_part_later(product: Product) -> None:
    product.wait_until_ready()

    def pays(number: str, amount_minor: int, act: str) -> None:
        paid = NewPayment(method="nequi", amount_minor=amount_minor, currency="COP", reference=act)
        staff(product, lambda oms: oms.record_payment(number, paid, key=f"{number}:{act}"))

    with product.chat("es") as customer:
        number, _ = order(customer, "nequi")
        pays(number, 5_000_00, "now")
        hears(product, customer, rf"Recibimos tu pago de \$5\.000 para el pedido {number}\. Falta por pagar \$10\.100")
        staff(product, lambda oms: shop_staff.ship(oms, number))
        staff(product, lambda oms: shop_staff.deliver(oms, number))
        owed = str(customer.say("¿cuánto debo?", timeout_s=60))
        assert "$10.100" in owed
        promised = str(customer.say("te pago mañana", timeout_s=60))
        assert "Anotado: pagas $10.100" in promised
        pays(number, 10_100_00, "later")
        hears(product, customer, rf"Recibimos tu pago de \$10\.100 para el pedido {number}\. ¡Gracias!")

    assert books(product, number) == SOLD | {BANK: TOTAL}
    has_its_invoice(product, customer, number)


def test_paid_before_anything_is_prepared(product: Product) -> None:
    product.wait_until_ready()
    with product.chat("es") as customer:
        number, said = order(customer, "en línea")
        assert "apenas quede pagado" in said
        assert status(product, number) == "on_hold"
        link = hears(product, customer, r"http://\S+/demo-pay/\S+")
        hears(product, customer, rf"Te guardo el pedido {number} hasta")
        assert httpx.post(link, data={"wish": "captured"}).status_code == 200
        hears(product, customer, rf"Recibimos tu pago de \$15\.100 para el pedido {number}")
        hears(product, customer, rf"Tu pedido {number} quedó confirmado")
        assert status(product, number) == "confirmed"
        staff(product, lambda oms: shop_staff.ship(oms, number))
        staff(product, lambda oms: shop_staff.deliver(oms, number))

    charged = TOTAL * 25 // 1000
    assert status(product, number) == "closed"
    assert books(product, number) == SOLD | {CLEARING: TOTAL - charged, FEES: charged}
    has_its_invoice(product, customer, number)
