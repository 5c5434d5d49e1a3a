"""From a sentence to the books: ordered in chat, paid by a link of the demo's provider, told in the same chat."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.journeys.product import Product, wait_until

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]
PATIENCE_S = 60
CLEARING, ADVANCES, FEES = "1120", "2805", "5305"


@pytest.mark.parametrize(
    ("language", "talk", "wish", "thanks"),
    [
        (
            "es",
            ["2 leches enteras", "finalizar pedido", "Calle 45 # 12-30", "nequi", "sí, confirmo"],
            "quiero pagar",
            "Recibimos tu pago",
        ),
        (
            "en",
            ["2 whole milks", "check out", "Calle 45 # 12-30", "nequi", "yes, confirm it"],
            "I want to pay",
            "We have your payment",
        ),
    ],
)
def test_an_order_is_paid_by_the_link_that_the_chat_sent(
    product: Product, language: str, talk: list[str], wish: str, thanks: str
) -> None:
    product.wait_until_ready()
    with product.chat(language) as customer:
        said = [str(customer.say(words, timeout_s=60)) for words in talk]
        number = re.findall(r"PED-\d+", said[-1])[0]
        customer.say(wish, timeout_s=60)
        link = _wait_for(product, customer.conversation_id, r"http://\S+/demo-pay/\S+")
        assert httpx.post(link, data={"wish": "captured"}).status_code == 200
        _wait_for(product, customer.conversation_id, thanks)

    (order,) = product.rows("SELECT id, total_minor FROM oms_order WHERE number = :number", number=number)
    (payment,) = product.rows("SELECT * FROM oms_payment WHERE order_id = :id", id=order["id"])
    assert (payment["status"], payment["captured_minor"]) == ("captured", order["total_minor"])
    fee = order["total_minor"] * 25 // 1000
    booked = product.rows(
        "SELECT account_code, SUM(debit_minor) - SUM(credit_minor) AS balance FROM oms_posting "
        "JOIN oms_journal_entry ON oms_journal_entry.id = entry_id WHERE subject = :number GROUP BY account_code",
        number=number,
    )
    assert {row["account_code"]: row["balance"] for row in booked} == {
        CLEARING: order["total_minor"] - fee,
        ADVANCES: -order["total_minor"],
        FEES: fee,
    }


def _wait_for(product: Product, conversation_id: str, pattern: str) -> str:
    """What of the assistant's messages matches, as soon as one does."""
    found: list[str] = []

    def look() -> bool:
        rows = product.rows("SELECT text FROM bot_message WHERE conversation_id = :id", id=conversation_id)
        found[:] = re.findall(pattern, "\n".join(row["text"] or "" for row in rows))
        return bool(found)

    wait_until(look, PATIENCE_S, pattern)
    return found[0]
