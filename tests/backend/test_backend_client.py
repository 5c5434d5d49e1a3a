"""The typed client against the real app: what the bot, the actions and the console rely on."""

from datetime import timedelta

import httpx
import pytest

from backend.client import BackendClient, BackendUnavailable
from backend.schemas.carts import CartChange
from backend.schemas.catalog import LineToResolve
from kernel import tokens
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from kernel.tokens import Principal
from tests.backend.shopper import BREAD, KEY, MILK, add_customer


def token(role, subject):
    return tokens.mint(Principal(role, subject), KEY, timedelta(minutes=10))


@pytest.fixture
async def anyone(app):
    async with BackendClient("http://oms", transport=httpx.ASGITransport(app)) as client:
        yield client


@pytest.fixture
def client(anyone, database, market):
    with database.write() as session:
        return anyone.with_token(token("customer", add_customer(session)))


async def test_from_words_to_a_placed_order(client):
    assert (await client.shop()).name == "El Parque"
    resolved = await client.resolve([LineToResolve(quantity="2", text="leche entera")], "es")
    [line] = resolved.lines
    await client.change_cart([CartChange(op="add", sku=line.candidates[0].sku, quantity=line.quantity)], key="m1:add")
    await client.change_cart([CartChange(op="add", sku=BREAD, quantity="1")], key="m2:add")
    [address] = [await client.add_address("Calle 45 # 12-30", key="m3:address")]
    await client.choose_checkout(address_id=address.id, payment_method="nequi", key="m4:checkout")
    bound = await client.confirm_cart(key="m5:confirm")

    order = await client.place_order(bound.confirmation)

    assert [(line.sku, line.quantity) for line in order.lines] == [(MILK, "2"), (BREAD, "1")]
    assert order.total == bound.cart.total
    assert (await client.place_order(bound.confirmation)) == order
    assert (await client.order(order.number)) == order
    assert [found.number for found in await client.orders()] == [order.number]
    assert (await client.cancel_order(order.number, "ya no", key="m6:cancel")).status == "cancelled"
    assert [line.sku for line in (await client.repeat_order(key="m7:repeat")).cart.lines] == [MILK, BREAD]


async def test_a_refusal_arrives_as_its_kind_with_code_and_params(client):
    with pytest.raises(Conflict) as refused:
        await client.change_cart([CartChange(op="add", sku=MILK, quantity="11")], key="k1")

    assert refused.value.code == "out_of_stock"
    assert refused.value.params == {
        "sku": MILK,
        "name": "Leche entera 1 L",
        "unit": "unidad",
        "available": 10,
        "choices": {"wait": None, "substitutes": [], "reduce": "10", "drop": True},
    }


async def test_each_kind_of_refusal_is_told_apart(client, anyone):
    with pytest.raises(NotFound, match="no such order"):
        await client.order("PED-99999")
    with pytest.raises(Invalid):
        await client.change_cart([CartChange(op="add", sku=MILK, quantity="muchos")], key="k1")
    with pytest.raises(Unauthenticated):
        await anyone.cart()
    with pytest.raises(Forbidden):
        await anyone.with_token(token("service", "bot")).cart()


@pytest.mark.parametrize("typed", ["", "..", "../cart", "a/b", "?x=1", "ñ", "PED-1\n"])
async def test_whatever_is_typed_as_a_number_stays_in_its_place(client, typed):  # case 99
    with pytest.raises(NotFound) as refused:
        await client.order(typed)

    assert refused.value.code in {"order_not_found", "no_such_route"}


async def test_a_key_of_any_letters_is_accepted(client):
    cart = await client.change_cart([CartChange(op="add", sku=MILK, quantity="1")], key="mensaje número 1 ñ:add")

    assert cart.version == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(500, json={"oops": 1}),
        httpx.Response(200, text="half a {"),
        httpx.Response(200, json={"not": "a cart"}),
    ],
)
async def test_what_is_not_the_oms_speaking_is_unavailable(answer):
    async with BackendClient("http://oms", transport=httpx.MockTransport(lambda _request: answer)) as client:
        with pytest.raises(BackendUnavailable) as refused:
            await client.cart()

    assert (refused.value.code, refused.value.status) == ("backend_unavailable", 503)


async def test_nobody_there_is_unavailable(unused_tcp_port):
    async with BackendClient(f"http://127.0.0.1:{unused_tcp_port}") as client:
        with pytest.raises(BackendUnavailable):
            await client.place_order("c")
