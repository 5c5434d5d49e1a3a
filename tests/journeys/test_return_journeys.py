"""Goods that come back, through every real process: what is asked and told, the shelf, the documents, the books."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from backend.client import BackendClient
from backend.schemas.carts import CartChange
from backend.schemas.claims import StaffClaim
from backend.schemas.inventory import ReceivedLine, StockReceipt
from backend.schemas.payments import NewPayment
from backend.schemas.returns import (
    ExchangeLine,
    InspectedLine,
    InspectReturn,
    NewReturn,
    NewReturnFor,
    NewReturnLine,
    PolicyRefund,
    ReceiveReturn,
    Return,
    ReturnLineFor,
    ReturnPolicy,
)
from backend.schemas.returns import ReceivedLine as Came
from kernel.tokens import Principal, mint
from tests import shop_staff
from tests.journeys import records
from tests.journeys.product import Product, wait_until
from tests.journeys.shopper import Shopper, shopping

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]

Answer = TypeVar("Answer")
Row = tuple[Any, ...]
ENDING_S = 60
SHOP = "chapinero"
MILK, DEARER, CHEAPER = "LECHE-ENTERA-1L", "LECHE-DESLACTOSADA-1L", "LECHE-ENTERA-BOLSA-900"
# Prices without IVA, the delivery, and what a litre of milk costs the shop.
MILK_PRICE, DEARER_PRICE, CHEAPER_PRICE, FEE, COST = 5_300_00, 5_800_00, 4_300_00, 4_500_00, 4_558_00
DEARER_COST, CHEAPER_COST = 4_988_00, 3_698_00
BANK, CLEARING, GOODS, TAX, ADVANCES = "1110", "1120", "1435", "2408", "2805"
SALES, DELIVERY, SALES_RETURNED, GOODS_SOLD, PROVIDER_FEES, LOST = "4135", "4145", "4175", "6135", "5305", "5395"
# A person decides, and the money goes when the goods were looked at.
STRICT: dict[str, Any] = {
    "accept_up_to_minor": 0,
    "keep_goods_up_to_minor": 0,
    "refund_when": [PolicyRefund(when="inspection")],
}


@pytest.fixture(scope="module")
def shops_own(product: Product) -> ReturnPolicy:
    """Its policy; and milk enough at the nearest place, whatever journeys before have bought of it."""
    product.wait_until_ready()
    milk = StockReceipt(location=SHOP, lines=[ReceivedLine(sku=MILK, quantity=60, cost_minor=60 * COST)])
    product.staff("admin", lambda oms: oms.receive_stock(milk, key=key()))
    return product.staff("admin", lambda oms: oms.return_policy())


@pytest.fixture(autouse=True)
def audited(product: Product, shops_own: ReturnPolicy) -> Iterator[None]:
    """A strict shop; and whatever happened in a journey, the books are in order after it."""
    take_back(product, shops_own, STRICT)
    yield
    take_back(product, shops_own, {})
    wait_until(lambda: product.findings() == [], ENDING_S, f"books in order: {product.findings()}")


def take_back(product: Product, policy: ReturnPolicy, changes: dict[str, Any]) -> None:
    given = policy.model_copy(update=changes)
    product.staff("admin", lambda oms: oms.set_return_policy(given, key=key()))


def key() -> str:
    return str(uuid4())


class Buyer:
    """A customer at the API, who may have a conversation, too."""

    def __init__(self, product: Product, customer_id: str, conversation_id: str | None = None) -> None:
        self._product = product
        self._principal = Principal("customer", customer_id, conversation_id=conversation_id)

    def asks(self, work: Callable[[BackendClient], Awaitable[Answer]]) -> Answer:
        return asking(self._product, self._principal, work)

    def has(self, quantity: int, *, paid: bool = True, arrives: bool = True) -> str:
        """So many litres of milk, ordered, paid by card, and delivered: the order's number."""
        number = self.asks(lambda oms: ordered(oms, quantity))
        if paid:
            self._pays(number)
            wait_until(lambda: self._is_paid(number), ENDING_S, "the payment")
        self._product.staff("admin", lambda oms: shop_staff.ship(oms, number))
        if arrives:
            self._product.staff("admin", lambda oms: shop_staff.deliver(oms, number))
        return number

    def wants_back(self, number: str, quantity: int, **given: Any) -> Return:
        """Something else arrived: that is the shop's fault, and costs its customer nothing."""
        line = NewReturnLine(line=MILK, quantity=quantity, reason="wrong_item")
        return self.asks(lambda oms: oms.request_return(number, NewReturn(lines=[line], **given), key=key()))

    def balance(self) -> int:
        return self.asks(lambda oms: oms.my_balance()).balance.amount_minor

    def _pays(self, number: str) -> None:
        opened = key()
        urls: list[str | None] = []

        def look() -> bool:
            urls.append(self.asks(lambda oms: oms.payment_link(number, key=key() if urls else opened)).url)
            return urls[-1] is not None

        wait_until(look, ENDING_S, "the link")
        assert httpx.post(str(urls[-1]), data={"wish": "captured"}).status_code == 200

    def _is_paid(self, number: str) -> bool:
        return self.asks(lambda oms: oms.order(number)).payment_status == "paid"


def asking(product: Product, who: Principal, work: Callable[[BackendClient], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        token = mint(who, product.settings.signing_key(), timedelta(minutes=5))
        async with BackendClient(product.settings.backend_url, token) as oms:
            return await work(oms)

    return asyncio.run(run())


async def ordered(oms: BackendClient, quantity: int) -> str:
    await oms.change_cart([CartChange(op="set", sku=MILK, quantity=str(quantity))], key=key())
    await oms.choose_checkout(address_text="Calle 45 # 12-30", payment_method="nequi", key=key())
    confirmation = await oms.confirm_cart(key=key())
    return (await oms.place_order(confirmation.confirmation)).number


def new_buyer(product: Product) -> Buyer:
    found = asking(product, Principal("service", "bot"), lambda oms: oms.resolve_identity("web", f"returns-{key()}"))
    return Buyer(product, found.customer_id)


def buyer_of(product: Product, customer: Shopper) -> Buyer:
    """The customer of a conversation; what they do here is told there."""
    customer.says("hola")
    row = product.rows("SELECT customer_id FROM bot_conversation WHERE id = :id", id=customer.conversation_id)[0]
    return Buyer(product, row["customer_id"], customer.conversation_id)


def requested(customer: Shopper) -> str:
    """The customer's yes to the summary; the number of the return."""
    return re.findall(r"RMA-\d+", customer.says("sí", r"RMA-\d+"))[0]


def comes(product: Product, rma: str, *quantities: int) -> None:
    """Over the store's counter, by whoever stands there; each quantity is a parcel."""
    for quantity in quantities:
        came = ReceiveReturn(location=SHOP, lines=[Came(line=MILK, quantity=quantity)])
        product.staff("agent", lambda oms, came=came: oms.receive_return(rma, came, key=key()))


def is_looked_at(product: Product, rma: str, **found: int) -> None:
    lines = [InspectedLine(line=MILK, quantity=count, disposition=what) for what, count in found.items()]
    seen = InspectReturn(location=SHOP, lines=lines)
    product.staff("warehouse", lambda oms: oms.inspect_return(rma, seen, key=key()))


def accepted(product: Product, rma: str) -> None:
    product.staff("agent", lambda oms: oms.accept_return(rma, key=key()))


def resolved(product: Product, rma: str) -> Return:
    return product.staff("agent", lambda oms: oms.resolve_return(rma, key=key()))


def claims_about(product: Product, number: str) -> list[StaffClaim]:
    """What a person still has to look at."""
    claims = product.staff("agent", lambda oms: oms.staff_claims())
    return [claim for claim in claims if claim.order_number == number]


def money(rma: Return) -> Row:
    """(credited, charged, given back, refunded)."""
    sums = (rma.credited, rma.charged, rma.given_back, rma.refunded)
    return tuple(each.amount_minor for each in sums)


def books(product: Product, number: str) -> dict[str, int]:
    """Every account that an order moved and that is not at zero: debits less credits."""
    rows = product.rows(
        "SELECT account_code, SUM(debit_minor) - SUM(credit_minor) AS balance FROM oms_posting "
        "JOIN oms_journal_entry ON oms_journal_entry.id = entry_id WHERE subject = :number GROUP BY account_code",
        number=number,
    )
    return {row["account_code"]: row["balance"] for row in rows if row["balance"]}


def documents(product: Product, number: str) -> list[Row]:
    """(kind, total) of an order's documents, as they were issued."""
    rows = product.rows(
        "SELECT kind, oms_invoice.total_minor AS total FROM oms_invoice JOIN oms_order ON oms_order.id = order_id "
        "WHERE oms_order.number = :number ORDER BY oms_invoice.id",
        number=number,
    )
    return [(row["kind"], row["total"]) for row in rows]


def refunds(product: Product, number: str) -> list[Row]:
    """(status, amount) of what went back of an order's payments."""
    rows = product.rows(
        "SELECT oms_refund.status, amount_minor FROM oms_refund JOIN oms_order ON oms_order.id = order_id "
        "WHERE oms_order.number = :number",
        number=number,
    )
    return [tuple(row.values()) for row in rows]


def is_refunded(product: Product, number: str, amount_minor: int) -> None:
    wait_until(lambda: refunds(product, number) == [("succeeded", amount_minor)], ENDING_S, "the refund")


def total_of(quantity: int) -> int:
    return quantity * MILK_PRICE + FEE


def one_came_back(quantity: int, *, refunded: int = 0) -> dict[str, int]:
    """The books of so many litres, paid by card, of which one is credited and lies on its shelf again."""
    kept = total_of(quantity) * 25 // 1000
    return {
        CLEARING: total_of(quantity) - kept - refunded, PROVIDER_FEES: kept, SALES: -quantity * MILK_PRICE,
        DELIVERY: -FEE, SALES_RETURNED: MILK_PRICE, GOODS: -(quantity - 1) * COST, GOODS_SOLD: (quantity - 1) * COST,
    }  # fmt: skip


def nothing_was_sold(quantity: int, *, refunded: int = 0) -> dict[str, int]:
    """The books of so many litres, paid by card, all of which came back and are credited with their delivery."""
    kept = total_of(quantity) * 25 // 1000
    sold = quantity * MILK_PRICE
    return {
        CLEARING: total_of(quantity) - kept - refunded, PROVIDER_FEES: kept, SALES: -sold, SALES_RETURNED: sold,
    }  # fmt: skip


def test_money_back_to_the_card(product: Product) -> None:  # case 71
    total = 2 * MILK_PRICE + FEE
    with shopping(product, "es") as customer:
        before = records.last_move(product)
        number = buyer_of(product, customer).has(2)
        customer.hears("Ya llegó")
        customer.says("quiero devolver una leche, ya no la quiero", "(?i)plata")
        customer.says("que me devuelvan la plata", "¿Cómo nos lo haces llegar")
        customer.says("la llevo a la tienda", "¿La pido así")
        rma = requested(customer)
        accepted(product, rma)
        customer.hears(f"Aceptamos tu devolución {rma}, del pedido {number}")
        comes(product, rma, 1)
        is_looked_at(product, rma, restock=1)
        done = resolved(product, rma)
        customer.hears(f"Tu devolución {rma} del pedido {number} quedó lista")
        customer.hears("Listo: te devolvimos")
        is_refunded(product, number, 4_770_00)
        customer.says("¿cómo va mi devolución?", rma)

    # It is their doing: a tenth of it is kept, IVA included.
    assert money(done) == (MILK_PRICE, 530_00, 4_770_00, 4_770_00)
    assert documents(product, number) == [("invoice", total), ("credit_note", MILK_PRICE), ("debit_note", 530_00)]
    assert records.moves_since(product, before) == [("issue", MILK, SHOP, -2), ("restock", MILK, SHOP, 1)]
    # 19 % IVA is in what was kept.
    net, tax = 445_38, 84_62
    assert books(product, number) == one_came_back(2, refunded=4_770_00) | {SALES: -2 * MILK_PRICE - net, TAX: -tax}


def test_an_exchange_that_costs_more(product: Product) -> None:
    before = records.last_move(product)
    buyer = new_buyer(product)
    number = buyer.has(2)
    done = exchanged(product, buyer, number, DEARER)
    more = DEARER_PRICE - MILK_PRICE
    exchange = str(done.exchange_order)
    assert buyer.asks(lambda oms: oms.order(exchange)).due.amount_minor == more
    paid = NewPayment(method="bank_transfer", amount_minor=more, currency="COP", reference=exchange)
    product.staff("finance", lambda oms: oms.record_payment(exchange, paid, key=key()))

    assert money(done) == (MILK_PRICE, 0, MILK_PRICE, 0)
    assert (buyer.asks(lambda oms: oms.order(exchange)).payment_status, buyer.balance()) == ("paid", 0)
    assert refunds(product, number) == []
    assert documents(product, exchange) == [("invoice", DEARER_PRICE)]
    assert books(product, number) == one_came_back(2) | {ADVANCES: -MILK_PRICE}
    assert books(product, exchange) == {
        ADVANCES: MILK_PRICE, BANK: more, SALES: -DEARER_PRICE, GOODS: -DEARER_COST, GOODS_SOLD: DEARER_COST,
    }  # fmt: skip
    assert records.moves_since(product, before) == [
        ("issue", DEARER, SHOP, -1), ("issue", MILK, SHOP, -2), ("restock", MILK, SHOP, 1),
    ]  # fmt: skip


def test_an_exchange_that_costs_less(product: Product) -> None:
    before = records.last_move(product)
    buyer = new_buyer(product)
    number = buyer.has(2)
    done = exchanged(product, buyer, number, CHEAPER)
    less = MILK_PRICE - CHEAPER_PRICE
    is_refunded(product, number, less)
    exchange = str(done.exchange_order)

    assert money(done) == (MILK_PRICE, 0, MILK_PRICE, less)
    assert (buyer.asks(lambda oms: oms.order(exchange)).payment_status, buyer.balance()) == ("paid", 0)
    assert documents(product, number) == [("invoice", total_of(2)), ("credit_note", MILK_PRICE)]
    assert documents(product, exchange) == [("invoice", CHEAPER_PRICE)]
    assert books(product, number) == one_came_back(2, refunded=less) | {ADVANCES: -CHEAPER_PRICE}
    assert books(product, exchange) == {
        ADVANCES: CHEAPER_PRICE, SALES: -CHEAPER_PRICE, GOODS: -CHEAPER_COST, GOODS_SOLD: CHEAPER_COST,
    }  # fmt: skip
    assert records.moves_since(product, before) == [
        ("issue", MILK, SHOP, -2), ("issue", CHEAPER, SHOP, -1), ("restock", MILK, SHOP, 1),
    ]  # fmt: skip


def exchanged(product: Product, buyer: Buyer, number: str, sku: str) -> Return:
    """One litre of the order against one of something else, which is sent: the return as it ends."""
    rma = buyer.wants_back(number, 1, wish="exchange", exchange_for=[ExchangeLine(sku=sku, quantity="1")]).number
    accepted(product, rma)
    comes(product, rma, 1)
    is_looked_at(product, rma, restock=1)
    done = resolved(product, rma)
    product.staff("admin", lambda oms: shop_staff.ship(oms, str(done.exchange_order)))
    return done


def test_what_comes_in_two_parcels_is_credited_once(product: Product) -> None:  # case 81
    before = records.last_move(product)
    buyer = new_buyer(product)
    number = buyer.has(3)
    rma = buyer.wants_back(number, 3, wish="store_credit", way="drop_off").number
    accepted(product, rma)
    product.staff("agent", lambda oms: oms.send_return(rma, key=key()))
    comes(product, rma, 2)
    assert buyer.asks(lambda oms: oms.my_return(rma)).status == "partly_received"
    comes(product, rma, 1)
    is_looked_at(product, rma, restock=2, scrap=1)
    done = resolved(product, rma)

    # All of it was the shop's fault, so the delivery goes back, too.
    total = total_of(3)
    assert money(done) == (total, 0, total, 0)
    assert (buyer.balance(), refunds(product, number)) == (total, [])
    assert documents(product, number) == [("invoice", total), ("credit_note", total)]
    assert books(product, number) == nothing_was_sold(3) | {ADVANCES: -total, GOODS: -COST, LOST: COST}
    assert records.moves_since(product, before) == [
        ("adjustment", MILK, SHOP, -1), ("issue", MILK, SHOP, -3), ("restock", MILK, SHOP, 3),
    ]  # fmt: skip
    assert buyer.asks(lambda oms: oms.order(number)).return_status == "full"


def test_a_rejection_is_appealed_to_a_person_who_makes_it_good(product: Product) -> None:
    before = records.last_move(product)
    with shopping(product, "es") as customer:
        buyer = buyer_of(product, customer)
        number = buyer.has(2)
        customer.hears("Ya llegó")
        customer.says("quiero devolver una leche, ya no la quiero", "(?i)plata")
        customer.says("que me devuelvan la plata", "¿Cómo nos lo haces llegar")
        customer.says("la llevo a la tienda", "¿La pido así")
        rma = requested(customer)
        product.staff("agent", lambda oms: oms.reject_return(rma, "La leche no está dañada", key=key()))
        customer.hears(f"No pudimos aceptar tu devolución {rma}.*Motivo: La leche no está dañada")
        appeal = "no estoy de acuerdo con el rechazo, llegó otra leche"
        customer.says(appeal, f"Pedí que revisen otra vez la devolución {rma}; te paso con una persona")
        (claim,) = claims_about(product, number)
        assert claim.note == appeal
        line = ReturnLineFor(line=MILK, quantity=1, reason="wrong_item")
        again = NewReturnFor(lines=[line], claim_id=claim.id)
        second = product.staff("agent", lambda oms: oms.request_return_for(number, again, key=key())).number
        accepted(product, second)
        comes(product, second, 1)
        is_looked_at(product, second, scrap=1)
        done = resolved(product, second)
        customer.hears("Listo: te devolvimos")
        is_refunded(product, number, MILK_PRICE)

    assert [each.status for each in buyer.asks(lambda oms: oms.my_returns())] == ["resolved", "rejected"]
    assert money(done) == (MILK_PRICE, 0, MILK_PRICE, MILK_PRICE)
    assert documents(product, number) == [("invoice", total_of(2)), ("credit_note", MILK_PRICE)]
    assert books(product, number) == one_came_back(2, refunded=MILK_PRICE) | {GOODS: -2 * COST, LOST: COST}
    assert records.moves_since(product, before) == [
        ("adjustment", MILK, SHOP, -1), ("issue", MILK, SHOP, -2), ("restock", MILK, SHOP, 1),
    ]  # fmt: skip
    assert claims_about(product, number) == []


def test_what_is_left_at_the_store_is_paid_at_the_counter(product: Product, shops_own: ReturnPolicy) -> None:
    take_back(product, shops_own, STRICT | {"refund_when": [PolicyRefund(when="first_scan")]})
    before = records.last_move(product)
    buyer = new_buyer(product)
    number = buyer.has(2)
    rma = buyer.wants_back(number, 1).number
    accepted(product, rma)
    assert buyer.asks(lambda oms: oms.return_label(rma)).startswith(b"%PDF-")
    comes(product, rma, 1)
    is_refunded(product, number, MILK_PRICE)
    is_looked_at(product, rma, restock=1)
    done = resolved(product, rma)

    assert money(done) == (MILK_PRICE, 0, MILK_PRICE, MILK_PRICE)
    assert documents(product, number) == [("invoice", total_of(2)), ("credit_note", MILK_PRICE)]
    assert books(product, number) == one_came_back(2, refunded=MILK_PRICE)
    assert records.moves_since(product, before) == [("issue", MILK, SHOP, -2), ("restock", MILK, SHOP, 1)]


def test_what_could_not_be_delivered_goes_back_to_its_origin(product: Product) -> None:
    before = records.last_move(product)
    with shopping(product, "es") as customer:
        buyer = buyer_of(product, customer)
        number = buyer.has(2, arrives=False)
        product.staff("admin", lambda oms: shop_staff.tell(oms, number, "returned_to_origin"))
        (bounced,) = buyer.asks(lambda oms: oms.my_returns())
        rma = bounced.number
        assert (bounced.kind, bounced.status, bounced.wish) == ("bounced", "in_transit", None)
        customer.hears(f"Tu pedido {number} no se pudo entregar")
        customer.presses("Que me devuelvan la plata", f"te devolvemos la plata de tu pedido {number}")
        comes(product, rma, 2)
        customer.hears(f"El paquete de tu pedido {number} que no se pudo entregar ya está en la tienda")
        is_looked_at(product, rma, restock=2)
        customer.hears(f"Ya revisamos el paquete de tu pedido {number}")
        done = resolved(product, rma)
        total = total_of(2)
        is_refunded(product, number, total)

    assert money(done) == (total, 0, total, total)
    assert documents(product, number) == [("invoice", total), ("credit_note", total)]
    assert books(product, number) == nothing_was_sold(2, refunded=total)
    assert records.moves_since(product, before) == [("issue", MILK, SHOP, -2), ("restock", MILK, SHOP, 2)]


def test_a_no_to_whether_it_arrived_well_is_asked_what_was_wrong(product: Product) -> None:
    with shopping(product, "es") as customer:
        number = buyer_of(product, customer).has(1)
        customer.hears("Ya llegó")
        product.asks_now(number)
        customer.presses("No, hay un problema", "¿Qué pasó?")
        customer.presses("Faltó algo", "Abrí un reclamo y te paso con una persona")

    (claim,) = claims_about(product, number)
    assert (claim.kind, claim.note) == ("missing", None)
    product.staff("agent", lambda oms: oms.close_claim(claim.id, "Va en el próximo pedido", key=key()))
    assert claims_about(product, number) == []


def test_what_arrived_broken_is_made_good_without_a_return(product: Product) -> None:
    before = records.last_move(product)
    with shopping(product, "es") as customer:
        buyer = buyer_of(product, customer)
        number = buyer.has(2)
        customer.hears("Ya llegó")
        product.asks_now(number)
        customer.hears(f"¿Te llegó bien el pedido {number}\\?")
        customer.says("no, una leche llegó rota", "Abrí un reclamo y te paso con una persona")
        (claim,) = claims_about(product, number)
        assert (claim.kind, claim.note) == ("faulty", "no, una leche llegó rota")
        line = ReturnLineFor(line=MILK, quantity=1, reason="damaged")
        made_good = NewReturnFor(lines=[line], claim_id=claim.id, needs_goods=False, overrules=True)
        rma = product.staff("agent", lambda oms: oms.request_return_for(number, made_good, key=key())).number
        accepted(product, rma)
        customer.hears(f"Tu devolución {rma} del pedido {number} quedó lista")
        customer.hears("Listo: te devolvimos")
        done = buyer.asks(lambda oms: oms.my_return(rma))
        is_refunded(product, number, MILK_PRICE)

    assert (done.needs_goods, money(done)) == (False, (MILK_PRICE, 0, MILK_PRICE, MILK_PRICE))
    assert documents(product, number) == [("invoice", total_of(2)), ("credit_note", MILK_PRICE)]
    nothing_came = {GOODS: -2 * COST, GOODS_SOLD: 2 * COST}
    assert books(product, number) == one_came_back(2, refunded=MILK_PRICE) | nothing_came
    assert records.moves_since(product, before) == [("issue", MILK, SHOP, -2)]
    assert claims_about(product, number) == []
