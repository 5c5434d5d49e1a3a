"""From a photo in the chat to the books: a transfer is shown, found by finance, told, and confirmed by the bank."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, expect

from kernel import clock
from kernel.tokens import Principal, mint
from tests.bot.pictures import picture
from tests.journeys.customer import Customer
from tests.journeys.product import Product

pytestmark = [pytest.mark.rasa, pytest.mark.browser, pytest.mark.timeout(900)]
PATIENCE_S = 60
BANK, ADVANCES = "1110", "2805"


@dataclass(frozen=True)
class Script:
    language: str
    talk: tuple[tuple[str, str], ...]
    clip: str
    caption: tuple[str, str]
    details: tuple[str, str]
    thanks: str
    again: tuple[str, str]
    why: str


SPANISH = Script(
    "es",
    (
        ("2 leches enteras", "Subtotal"),
        ("finalizar pedido", "dirección"),
        ("Calle 45 # 12-30", "[Pp]ag"),
        ("transferencia bancaria", "¿Lo confirmo"),
        ("sí, confirmo", r"PED-\d+"),
    ),
    "Adjuntar una foto o un PDF",
    ("ya pagué, aquí está el comprobante", "Recibí tu comprobante del pedido"),
    ("referencia {reference}", "lo anoté junto al comprobante"),
    "Recibimos tu pago",
    ("aquí está el comprobante", "Recibí tu comprobante del pedido"),
    "No pudimos leer el comprobante",
)
ENGLISH = Script(
    "en",
    (
        ("2 whole milks", "Subtotal"),
        ("check out", "address"),
        ("Calle 45 # 12-30", "[Pp]ay"),
        ("bank transfer", "onfirm"),
        ("yes, confirm it", r"PED-\d+"),
    ),
    "Attach a photo or a PDF",
    ("I already paid, here is my receipt", "I have your receipt for order"),
    ("reference {reference}", "I noted it beside the receipt"),
    "We have your payment",
    ("here is my receipt", "I have your receipt for order"),
    "We could not read the receipt",
)


class Finance:
    """Someone of the shop's finance, at the public address."""

    def __init__(self, product: Product) -> None:
        principal = Principal("staff", "finance", grants=frozenset({"role:finance"}))
        token = mint(principal, product.settings.signing_key(), timedelta(hours=1))
        self.http = httpx.Client(
            base_url=product.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30
        )

    def get(self, path: str) -> Any:
        return self.http.get(f"/api/staff{path}").raise_for_status().json()

    def act(self, path: str, body: dict[str, Any], method: str = "POST") -> Any:
        headers = {"Idempotency-Key": str(uuid4())}
        return self.http.request(method, f"/api/staff{path}", json=body, headers=headers).raise_for_status().json()

    def proof_of(self, number: str) -> dict[str, Any]:
        """The one that waits, of this order."""
        [proof] = [each for each in self.get("/payment-proofs?status=open")["proofs"] if each["order_number"] == number]
        found: dict[str, Any] = proof
        return found


@pytest.fixture
def finance(product: Product) -> Iterator[Finance]:
    finance = Finance(product)
    yield finance
    finance.http.close()


def attach(customer: Customer, script: Script, seed: int) -> None:
    with customer.page.expect_file_chooser() as chooser:
        customer.page.get_by_role("button", name=script.clip).click()
    content = picture(size=(540, 900), seed=seed)
    chooser.value.set_files({"name": "recibo.jpg", "mimeType": "image/jpeg", "buffer": content})
    expect(customer.chat.dialog.locator(".waiting-file[data-fate='there']")).to_have_count(1)


@pytest.mark.parametrize(("script", "seed"), [(SPANISH, 1), (ENGLISH, 2)], ids=["es", "en"])
def test_a_transfer_shown_by_a_photo_is_approved_told_and_confirmed_by_the_bank(
    product: Product, chromium: Browser, finance: Finance, script: Script, seed: int
) -> None:
    product.wait_until_ready()
    customer = Customer(chromium, product.url, script.language, f"transfer-{script.language}")
    reply = ""
    for words, expected in script.talk:
        reply = customer.says(words, expected)
    number = re.findall(r"PED-\d+", reply)[0]
    reference = f"TRX-{seed}{number[-5:]}"

    # A first photo that finance cannot read, then a better one.
    attach(customer, script, seed + 10)
    customer.says(*script.again)
    unreadable = finance.proof_of(number)["number"]
    finance.act(f"/payment-proofs/{unreadable}/rejection", {"reason": "unreadable"})
    _wait_until_told(customer, script.why)
    attach(customer, script, seed)
    customer.says(*script.caption)
    customer.says(script.details[0].format(reference=reference), script.details[1])

    proof = finance.proof_of(number)
    seen = finance.http.get(proof["picture"]["path"])
    assert (seen.headers["content-type"], seen.headers["content-disposition"][:10]) == ("image/jpeg", "attachment")
    assert hashlib.sha256(seen.content).hexdigest() == proof["picture"]["hash"]
    assert (proof["reference"], proof["alike"]) == (reference, [])
    total = proof["due"]["amount_minor"]
    money = {"amount_minor": total, "currency": "COP"}
    approved = finance.act(f"/payment-proofs/{proof['number']}/approval", money)
    _wait_until_told(customer, script.thanks)

    _import_statement(finance, reference, total)
    [line] = [each for each in finance.get("/bank/lines")["lines"] if each["reference"] == reference]
    assert (line["state"], line["payment"]) == ("matched", approved["payment"])
    assert _booked(product, number) == {BANK: total, ADVANCES: -total}
    [payment] = product.rows("SELECT * FROM oms_payment WHERE number = :number", number=approved["payment"])
    assert (payment["status"], payment["captured_minor"], payment["reference"]) == ("captured", total, reference)

    customer.page.reload()
    customer.chat.open()
    photos = customer.chat.log.locator(".picture")
    expect(photos).to_have_count(2)
    for photo in (photos.first, photos.last):  # each is drawn when it is looked at
        photo.scroll_into_view_if_needed()
        expect(photo).to_have_attribute("data-shown", "", timeout=20_000)
    customer.picture("the photos are there again")
    customer.leaves()


def _wait_until_told(customer: Customer, words: str) -> None:
    expect(customer.chat.log.get_by_text(words)).to_have_count(1, timeout=PATIENCE_S * 1000)


def _import_statement(finance: Finance, reference: str, total_minor: int) -> None:
    """The bank's own file of the day, in which the transfer stands by its reference."""
    columns = {"date": "fecha", "description": "detalle", "amount": "valor", "reference": "ref"}
    finance.act("/bank/accounts/corriente", {"name": "Corriente", "csv_format": columns}, method="PUT")
    day = (clock.now() - timedelta(hours=5)).date()
    content = f"fecha,detalle,ref,valor\n{day},TRANSFERENCIA RECIBIDA,{reference},{total_minor // 100}.00\n"
    statement = {"account": "corriente", "file_name": f"{reference}.csv", "content": content}
    finance.act("/bank/statements", statement)


def _booked(product: Product, number: str) -> dict[str, int]:
    rows = product.rows(
        "SELECT account_code, SUM(debit_minor) - SUM(credit_minor) AS balance FROM oms_posting "
        "JOIN oms_journal_entry ON oms_journal_entry.id = entry_id WHERE subject = :number GROUP BY account_code",
        number=number,
    )
    return {row["account_code"]: row["balance"] for row in rows}
