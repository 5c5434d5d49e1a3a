"""The typed client against the real app: what the bot, the actions and the console rely on."""

from datetime import timedelta

import httpx
import pytest

from backend.client import BackendClient, BackendUnavailable
from backend.inventory import service as inventory
from backend.schemas import inventory as stock
from backend.schemas.approval import ApproveOrder, NewApprovalRule, RejectOrder
from backend.schemas.carts import CartChange
from backend.schemas.catalog import LineToResolve
from backend.schemas.customers import StaffCustomerChange
from backend.schemas.fulfillment import PackParcel, Pick
from backend.schemas.orders import ChangeOrder
from backend.schemas.partners import NewPartner, PartnerFacts
from backend.schemas.webhooks import NewSubscriber, SubscriberChange
from kernel import tokens
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from kernel.tokens import Principal
from tests.backend.shopper import BREAD, KEY, MILK, SODA, add_customer


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


@pytest.fixture
def admin(anyone, market):
    return anyone.with_token(
        tokens.mint(Principal("staff", "wendy", grants=frozenset({"role:admin"})), KEY, timedelta(minutes=10))
    )


async def ordered(client, *wishes):
    """The number of an order of the client's."""
    changes = [CartChange(op="add", sku=sku, quantity=quantity) for sku, quantity in wishes]
    await client.change_cart(changes, key=f"{wishes}:add")
    await client.choose_checkout(address_text="Calle 45 # 12-30", payment_method="nequi", key=f"{wishes}:choose")
    confirmed = await client.confirm_cart(key=f"{wishes}:confirm")
    return (await client.place_order(confirmed.confirmation)).number


async def test_staff_hold_look_over_and_decide(client, admin):
    rule = await admin.add_approval_rule(NewApprovalRule(kind="amount_over", parameters={"amount_minor": 1}), key="r1")
    held, other = await ordered(client, (MILK, "1")), await ordered(client, (BREAD, "1"))

    found = await admin.staff_order(held)
    assert (found.status, [hold.reason for hold in found.holds]) == ("on_hold", ["amount_over"])
    assert (await admin.approve_order(held, ApproveOrder(version=found.version), key="a1")).status == "confirmed"
    version = (await admin.staff_order(other)).version
    refused = await admin.reject_order(other, RejectOrder(version=version, reason="Sin cupo"), key="a2")
    assert refused.status == "cancelled"

    changed = NewApprovalRule(kind="amount_over", parameters={"amount_minor": 2}, is_active=False)
    assert not (await admin.change_approval_rule(rule.id, changed, key="r2")).is_active
    assert [each.parameters for each in await admin.approval_rules()] == [{"amount_minor": 2}]
    assert (await admin.remove_approval_rule(rule.id, key="r3")).id == rule.id
    assert await admin.approval_rules() == []
    assert await admin.stuck_orders() == []


async def test_staff_change_an_order_and_it_goes_its_way_through_the_warehouse(client, admin):
    number = await ordered(client, (MILK, "2"))
    more = ChangeOrder(changes=[{"op": "add", "sku": SODA, "quantity": "1"}])

    shown = await admin.staff_propose_order_change(number, more, key="c1")
    changed = await admin.staff_apply_order_change(number, shown.confirmation, key="c2")
    assert {line.sku for line in changed.lines} == {MILK, SODA}

    [waiting] = (await admin.fulfillments(status=["pending"])).fulfillments
    part = await admin.start_picking(waiting.number, waiting.version, key="f1")
    picks = [Pick(line=line.id, quantity=line.quantity) for line in part.lines]
    part = await admin.pick_order(part.number, part.version, picks, key="f2")
    part = await admin.pack_order(part.number, part.version, [PackParcel()], key="f3")
    part = await admin.ship_order(part.number, part.version, "table_rate", key="f4")
    assert (part.status, len(part.parcels)) == ("shipped", 1)
    claim = await client.open_claim(number, "No llegó", key="q1")
    assert [each.id for each in await admin.staff_claims()] == [claim.id]


async def test_staff_keep_customers(client, admin):
    me = (await client.me()).id
    await client.change_me("Ana María", email="ana@ejemplo.co", key="n1")

    [found] = (await admin.staff_customers("ana@")).customers
    assert (found.id, (await admin.staff_customer(me)).name) == (me, "Ana María")
    owing = await admin.staff_change_customer(me, StaffCustomerChange(credit_limit_minor=5_000), key="n2")
    assert (owing.credit_limit_minor, owing.name) == (5_000, "Ana María")
    freed = await admin.staff_change_customer(me, StaffCustomerChange(credit_limit_minor=None), key="n3")
    assert (freed.credit_limit_minor, freed.email) == (None, "ana@ejemplo.co")


async def test_staff_keep_partners_and_what_they_are_asked_for(client, admin):
    facts = {"name": "Abril", "kind": "supplier", "email": "pedidos@abril.example", "lead_days": 2}
    await admin.add_partner(NewPartner(code="abril", **facts), key="p1")
    assert (await admin.change_partner("abril", PartnerFacts(**facts | {"lead_days": 3}), key="p2")).lead_days == 3
    await admin.supply_variant("abril", BREAD, 300_000, key="p3")
    assert [each.sku for each in await admin.supplies("abril")] == [BREAD]
    number = await ordered(client, (BREAD, "20"))

    [asked] = await admin.purchase_orders(partner="abril")
    assert (asked.number, asked.order, asked.status) == ("OC-10001", number, "sent")
    assert (await admin.give_partner_token("abril", 30, key="p4")).token
    assert (await admin.revoke_partner_tokens("abril", key="p5")).code == "abril"
    assert (await admin.stop_supply("abril", BREAD, key="p6")).sku == BREAD
    assert [each.code for each in await admin.partners()] == [(await admin.partner("abril")).code]


async def test_staff_keep_stock(admin, database, market):
    new = stock.NewIncoming(sku=MILK, location="NORTE", quantity=5, expected_on="2030-01-07", reference="OC-1")
    coming = await admin.announce_incoming(new, key="s1")
    assert str((await admin.reschedule_incoming(coming.id, "2030-01-09", key="s2")).expected_on) == "2030-01-09"
    assert (await admin.withdraw_incoming(coming.id, key="s3")).is_withdrawn
    assert await admin.incoming_stock() == []
    received = stock.StockReceipt(location="NORTE", lines=[stock.ReceivedLine(sku=MILK, quantity=4)])
    await admin.receive_stock(received, key="s4")

    levels = (await admin.staff_stock(MILK)).levels
    assert [(each.location, each.available) for each in levels] == [("CENTRO", 10), ("NORTE", 4)]
    with database.read() as session:
        assert inventory.available(session, [MILK]) == {MILK: 14}


async def test_an_admin_says_who_hears_of_events(admin):
    made = await admin.subscribe(NewSubscriber(name="ERP", url="https://erp.example.com/hooks"), key="w1")
    assert made.secret != (await admin.rotate_subscriber_secret(made.id, key="w2")).secret
    changed = await admin.change_subscriber(made.id, SubscriberChange(is_active=False), key="w3")
    assert (changed.is_active, [each.name for each in await admin.subscribers()]) == (False, ["ERP"])
    assert (await admin.deliveries()).deliveries == []
    with pytest.raises(NotFound):
        await admin.resend_delivery("nobody", key="w4")
    assert (await admin.staff_mails()).mails == []
    with pytest.raises(NotFound):
        await admin.resend_mail("nothing", key="w5")
