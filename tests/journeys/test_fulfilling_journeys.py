"""Between an order and the door, through every real process: asked and told in the chat, and right in rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from backend.client import BackendClient
from backend.schemas.approval import ApproveOrder, RejectOrder
from backend.schemas.fulfillment import Pick
from kernel import clock
from kernel.errors import ComandaError
from tests import shop_staff
from tests.journeys import records
from tests.journeys.product import Product, wait_until
from tests.journeys.shopper import shopping

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]

SHOP, DEPOT, BAKER = "chapinero", "bodega-norte", "reposteria-abril"
MILK, BREAD, SEEDED = "LECHE-ENTERA-1L", "PAN-TAJADO-INTEGRAL-480", "PAN-TAJADO-MULTIGRANOS-480"
ROLL, PEPPERONI, CAKE, RUM = "PAN-FRANCES", "PEPPERONI-100", "TORTA-CUMPLE-10", "RON-750"
ENDING_S = 60


@pytest.fixture(autouse=True)
def audited(product: Product) -> Iterator[None]:
    """Whatever happened in a journey, the books are in order after it, and all that was to be told ends."""
    product.wait_until_ready()
    yield
    wait_until(lambda: product.findings() == [], ENDING_S, f"books in order: {product.findings()}")


@pytest.mark.parametrize(
    ("language", "wish", "missing", "choice", "agreed", "left", "arrived"),
    [
        (
            "es",
            "2 panes tajados integrales y 2 leches enteras",
            "no encontramos 1 × Pan tajado integral",
            "mándame el multigranos",
            "lo cambié en tu pedido",
            "ya salió",
            "Ya llegó",
        ),
        (
            "en",
            "2 whole wheat breads and 2 whole milks",
            "we could not find 1 × Whole wheat",
            "send me the multigrain",
            "I've swapped it in your order",
            "is on its way",
            "has delivered",
        ),
    ],
)
def test_what_is_not_on_the_shelf_is_replaced_by_what_the_customer_says(
    product: Product, language: str, wish: str, missing: str, choice: str, agreed: str, left: str, arrived: str
) -> None:
    before = records.last_move(product)
    with shopping(product, language) as customer:
        number = customer.orders(wish)
        product.staff("warehouse", lambda oms: shop_staff.miss(oms, number, BREAD, found=1, short=1))
        customer.hears(missing)
        customer.says(choice, agreed)
        product.staff("warehouse", lambda oms: shop_staff.ship(oms, number))
        customer.hears(left)
        product.staff("warehouse", lambda oms: shop_staff.deliver(oms, number))
        customer.hears(arrived)

    assert records.lines(product, number) == [(MILK, 2), (BREAD, 1), (SEEDED, 1)]
    assert records.moves_since(product, before) == [
        ("adjustment", BREAD, SHOP, -1),
        ("issue", MILK, SHOP, -2),
        ("issue", BREAD, SHOP, -1),
        ("issue", SEEDED, SHOP, -1),
    ]
    assert records.promises(product, number) == [
        (MILK, SHOP, "issued", 2),
        (BREAD, SHOP, "issued", 1),
        (BREAD, SHOP, "released", 1),
        (SEEDED, SHOP, "issued", 1),
    ]
    assert records.fulfillments(product, number) == [(f"{number}-1", SHOP, "delivered")]
    assert records.order_of(product, number)["status"] == "closed"


def test_two_parcels_from_two_places_are_told_one_by_one(product: Product) -> None:
    before = records.last_move(product)
    with shopping(product, "es") as customer:
        number = customer.orders("6 panes franceses y 2 pepperoni")
        part = f"Una parte de tu pedido {number}"
        product.staff("warehouse", lambda oms: shop_staff.ship(oms, number))
        customer.hears(f"{part} ya salió")
        customer.hears(f"Tu pedido {number} ya salió")
        product.staff("warehouse", lambda oms: shop_staff.deliver(oms, number, most=1))
        customer.hears(f"Ya llegó una parte de tu pedido {number}")
        customer.says("¿dónde está mi pedido?", r"1 de 2 paquetes llegaron(.|\n)*: entregado(.|\n)*: en camino")
        assert records.order_of(product, number)["status"] == "confirmed"
        last = f"{number}-2-A"
        assert [status for parcel, status in records.parcels(product, number) if parcel == last] == ["shipped"]
        product.staff("warehouse", lambda oms: shop_staff.deliver_one(oms, last))
        wait_until(lambda: customer.was_told("Ya llegó") == 2, ENDING_S, "the second arrival")

    assert records.moves_since(product, before) == [("issue", ROLL, SHOP, -6), ("issue", PEPPERONI, DEPOT, -2)]
    assert records.promises(product, number) == [(ROLL, SHOP, "issued", 6), (PEPPERONI, DEPOT, "issued", 2)]
    places = [(place, status) for _, place, status in records.fulfillments(product, number)]
    assert sorted(places) == [(DEPOT, "delivered"), (SHOP, "delivered")]
    assert records.parcels(product, number) == [(f"{number}-1-A", "delivered"), (f"{number}-2-A", "delivered")]
    assert records.order_of(product, number)["status"] == "closed"


def test_what_a_partner_ships_is_a_part_of_the_one_order(product: Product) -> None:
    before = records.last_move(product)
    with shopping(product, "es") as customer:
        number = customer.orders("una torta de cumpleaños para 10 personas y 2 leches enteras")
        asked = product.rows(
            "SELECT p.number FROM oms_purchase_order p JOIN oms_fulfillment f ON f.id = p.fulfillment_id "
            "JOIN oms_order o ON o.id = f.order_id WHERE o.number = :number",
            number=number,
        )
        purchase = asked[0]["number"]
        token = product.staff("admin", lambda oms: oms.give_partner_token(BAKER, key=str(uuid4()))).token
        ships_on = (clock.now() + timedelta(days=2)).date().isoformat()
        product.partner_says(token, f"purchase-orders/{purchase}/confirm", {"ships_on": ships_on})
        product.staff("warehouse", lambda oms: shop_staff.ship(oms, number))
        customer.hears("ya salió con")
        parcel = {"carrier": "manual", "tracking_number": f"ABRIL-{number}"}
        product.partner_says(token, f"purchase-orders/{purchase}/ship", parcel)
        customer.hears(f"guía ABRIL-{number}")
        customer.says("¿dónde está mi pedido?", number)
        product.staff("warehouse", lambda oms: shop_staff.deliver(oms, number))
        wait_until(lambda: customer.was_told("Ya llegó") == 2, ENDING_S, "both arrivals")

    assert len(asked) == 1
    assert records.lines(product, number) == [(MILK, 2), (CAKE, 1)]
    # The cake never lay here.
    assert records.moves_since(product, before) == [("issue", MILK, SHOP, -2)]
    assert records.promises(product, number) == [(MILK, SHOP, "issued", 2)]
    parts = [(place, status) for _, place, status in records.fulfillments(product, number)]
    assert sorted(parts) == [(SHOP, "delivered"), (BAKER, "delivered")]
    told = product.rows("SELECT status FROM oms_purchase_order WHERE number = :number", number=purchase)
    assert told == [{"status": "shipped"}]
    assert records.order_of(product, number)["status"] == "closed"


LOOKED_AT = [
    ("es", "10 botellas de ron de 750", "una persona de la tienda lo revisa"),
    ("en", "10 bottles of rum 750", "A person from the shop checks it"),
]


@pytest.mark.parametrize(("language", "wish", "held"), LOOKED_AT)
def test_an_order_that_is_held_is_approved_and_the_customer_told(
    product: Product, language: str, wish: str, held: str
) -> None:
    before = records.last_move(product)
    with shopping(product, language) as customer:
        number = customer.orders(wish)
        customer.hears(held)
        order = records.order_of(product, number)
        assert order["status"] == "on_hold"
        assert records.promises(product, number) == [(RUM, SHOP, "live", 10)]
        assert records.fulfillments(product, number) == []
        decision = ApproveOrder(version=order["version"])
        product.staff("sales", lambda oms: oms.approve_order(number, decision, key=str(uuid4())))
        customer.hears("quedó confirmado y ya" if language == "es" else "is confirmed and we are preparing it")

    assert records.order_of(product, number)["status"] == "confirmed"
    assert records.moves_since(product, before) == []
    assert records.promises(product, number) == [(RUM, SHOP, "live", 10)]
    assert records.fulfillments(product, number) == [(f"{number}-1", SHOP, "pending")]
    product.staff("sales", lambda oms: oms.staff_cancel_order(number, "end of the journey", key=str(uuid4())))


@pytest.mark.parametrize(("language", "wish", "held"), LOOKED_AT)
def test_an_order_that_is_held_is_rejected_and_the_customer_told_why(
    product: Product, language: str, wish: str, held: str
) -> None:
    before, stock = records.last_move(product), records.stock(product)
    with shopping(product, language) as customer:
        number = customer.orders(wish)
        customer.hears(held)
        decision = RejectOrder(version=records.order_of(product, number)["version"], reason="No alcanzamos hoy")
        product.staff("sales", lambda oms: oms.reject_order(number, decision, key=str(uuid4())))
        customer.hears(
            "fue cancelado. Motivo: No alcanzamos hoy"
            if language == "es"
            else "was cancelled. Reason: No alcanzamos hoy"
        )

    assert records.order_of(product, number)["status"] == "cancelled"
    assert records.moves_since(product, before) == []
    assert records.promises(product, number) == [(RUM, SHOP, "released", 10)]
    assert records.fulfillments(product, number) == []
    assert records.stock(product) == stock


CANCELLING = [
    ("es", "2 leches enteras", "cancela mi pedido", "sí, cancélalo", "quedó cancelado", "ya no se puede cancelar"),
    ("en", "2 whole milks", "cancel my order", "yes, cancel it", "is cancelled", "can no longer be cancelled"),
]


@pytest.mark.parametrize(("language", "wish", "cancel", "yes", "done", "refused"), CANCELLING)
def test_an_order_cancelled_while_it_is_picked_stays_here_and_the_picker_is_told(
    product: Product, language: str, wish: str, cancel: str, yes: str, done: str, refused: str
) -> None:
    before, stock = records.last_move(product), records.stock(product)
    with shopping(product, language) as customer:
        number = customer.orders(wish)
        picking = product.staff("warehouse", lambda oms: shop_staff.start(oms, number))
        customer.says(cancel, number)
        customer.says(yes, done)

        async def goes_on(oms: BackendClient) -> None:
            await oms.pick_order(picking.number, picking.version, [Pick(line=MILK, quantity=2)], key=str(uuid4()))

        with pytest.raises(ComandaError) as told:
            product.staff("warehouse", goes_on)

    assert told.value.code == "fulfillment_changed"
    assert records.order_of(product, number)["status"] == "cancelled"
    assert records.moves_since(product, before) == []
    assert records.promises(product, number) == [(MILK, SHOP, "released", 2)]
    assert records.fulfillments(product, number) == [(f"{number}-1", SHOP, "cancelled")]
    assert records.stock(product) == stock


@pytest.mark.parametrize(("language", "wish", "cancel", "yes", "done", "refused"), CANCELLING)
def test_an_order_that_left_before_its_customer_cancelled_is_on_its_way_and_they_are_told(
    product: Product, language: str, wish: str, cancel: str, yes: str, done: str, refused: str
) -> None:
    before = records.last_move(product)
    with shopping(product, language) as customer:
        number = customer.orders(wish)
        product.staff("warehouse", lambda oms: shop_staff.pack(oms, number))
        customer.says(cancel, number)
        product.staff("warehouse", lambda oms: shop_staff.ship(oms, number))
        customer.says(yes, refused)
        assert not customer.was_told(f"{number} {done}")

    assert records.order_of(product, number)["status"] == "confirmed"
    assert records.moves_since(product, before) == [("issue", MILK, SHOP, -2)]
    assert records.promises(product, number) == [(MILK, SHOP, "issued", 2)]
    assert records.fulfillments(product, number) == [(f"{number}-1", SHOP, "shipped")]
    assert records.parcels(product, number) == [(f"{number}-1-A", "shipped")]
