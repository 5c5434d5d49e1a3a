"""From words in a browser to rows in the database, through every real process, in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.journeys.customer import Customer
from tests.journeys.product import Product
from tests.journeys.records import orders, reservations, stock

pytestmark = [pytest.mark.rasa, pytest.mark.browser, pytest.mark.timeout(600)]

ADDRESS = "Calle 45 # 12-30, apto 401"


@dataclass(frozen=True)
class Script:
    """What the customer says at each step and, after →, a pattern that the reply must match."""

    language: str
    order: tuple[str, str]
    choice: tuple[str, str]
    correction: tuple[str, str]
    checkout: tuple[str, str]
    digression: tuple[str, str]
    address: tuple[str, str]
    payment: tuple[str, str]
    confirm: tuple[str, str]
    track: tuple[str, str]
    cancel: tuple[str, str]
    cancel_yes: tuple[str, str]


SPANISH = Script(
    language="es",
    order=(
        "buenas, me regala 3 cajas de leche entera, un pan tajado y 2 libras de papa pastusa",
        "pan tajado",
    ),
    choice=("integral", r"Pan tajado integral(.|\n)*Subtotal"),
    correction=("mejor 2 cajas de leche entera", r"2(.|\n)*Leche entera"),
    checkout=("eso es todo", "dirección"),
    digression=("¿y cuánto cuesta la leche deslactosada?", r"\$5\.800(.|\n)*dirección"),
    address=(ADDRESS, "[Cc]ómo|[Pp]ag"),
    payment=("Nequi", r"¿Lo confirmo\?"),
    confirm=("Confirmar pedido", r"PED-\d+"),
    track=("¿dónde está mi pedido?", r"PED-\d+"),
    cancel=("mejor cancela el pedido", r"[Cc]ancel"),
    cancel_yes=("Sí, cancélalo", r"cancelad"),
)
ENGLISH = Script(
    language="en",
    order=(
        "hi! could I get 3 boxes of whole milk, a sliced bread and 2 pounds of pastusa potato",
        "sliced bread",
    ),
    choice=("the second one", r"(?i)(whole wheat|integral)(.|\n)*Subtotal"),
    correction=("make it 2 boxes of whole milk", r"2(.|\n)*(?i:whole milk|leche entera)"),
    checkout=("that's all", "address"),
    digression=("and how much is the lactose-free milk?", r"\$5[.,]800(.|\n)*address"),
    address=(ADDRESS, "(?i)pay"),
    payment=("Nequi", r"Shall I confirm it\?"),
    confirm=("Confirm order", r"PED-\d+"),
    track=("where is my order?", r"PED-\d+"),
    cancel=("please cancel my order", r"(?i)cancel"),
    cancel_yes=("Yes, cancel it", r"cancelled"),
)

# sku: (unit, base quantity, total in centavos): 2 boxes of 12 at $5.300, a bread, 2 pounds of 500 g at $2.200.
LINES = {
    "LECHE-ENTERA-1L": ("caja", 24, 127_200_00),
    "PAN-TAJADO-INTEGRAL-480": ("unidad", 1, 8_400_00),
    "PAPA-PASTUSA": ("libra", 1000, 4_400_00),
}
DELIVERY_FEE = 4_500_00


@pytest.mark.parametrize("script", [SPANISH, ENGLISH], ids=["es", "en"])
def test_a_customer_orders_corrects_digresses_confirms_tracks_and_cancels(
    product: Product, chromium: Browser, script: Script
) -> None:
    stock_before = stock(product)
    customer = Customer(chromium, product.url, script.language, f"order-{script.language}")

    customer.says(*script.order)
    customer.says(*script.choice)
    customer.says(*script.correction)
    assert orders(product, "draft") == []
    customer.says(*script.checkout)
    customer.says(*script.digression)
    customer.says(*script.address)
    customer.presses(*script.payment)
    number = order_number(customer.presses(*script.confirm))

    assert_placed(product, number, stock_before)
    assert order_number(customer.says(*script.track)) == number

    customer.says(*script.cancel)
    customer.presses(*script.cancel_yes)

    assert_cancelled(product, number, stock_before)
    customer.leaves()


def assert_placed(product: Product, number: str, stock_before: dict[str, tuple[int, int]]) -> None:
    (order,) = orders(product, number)
    subtotal = sum(total for _, _, total in LINES.values())
    assert {
        "status": order["status"],
        "address": order["address"],
        "payment_method": order["payment_method"],
        "currency": order["currency"],
        "subtotal_minor": order["subtotal_minor"],
        "delivery_fee_minor": order["delivery_fee_minor"],
        "total_minor": order["total_minor"],
    } == {
        "status": "confirmed",
        "address": ADDRESS,
        "payment_method": "nequi",
        "currency": "COP",
        "subtotal_minor": subtotal,
        "delivery_fee_minor": DELIVERY_FEE,
        "total_minor": subtotal + DELIVERY_FEE,
    }
    lines = product.rows("SELECT * FROM oms_order_line WHERE order_id = :id", id=order["id"])
    assert {line["sku"]: (line["unit"], line["base_quantity"], line["total_minor"]) for line in lines} == LINES
    assert reservations(product, order) == {sku: {"live": quantity} for sku, (_, quantity, _) in LINES.items()}
    promised = {sku: quantity for sku, (_, quantity, _) in LINES.items()}
    assert stock(product) == {
        sku: (on_hand, reserved + promised.get(sku, 0)) for sku, (on_hand, reserved) in stock_before.items()
    }


def assert_cancelled(product: Product, number: str, stock_before: dict[str, tuple[int, int]]) -> None:
    (order,) = orders(product, number)
    assert order["status"] == "cancelled"
    assert reservations(product, order) == {sku: {"released": quantity} for sku, (_, quantity, _) in LINES.items()}
    assert stock(product) == stock_before


def order_number(reply: str) -> str:
    found = re.search(r"PED-\d+", reply)
    assert found is not None
    return found[0]
