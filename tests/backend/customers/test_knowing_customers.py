"""How customers are recognised, and that they see only themselves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from backend.base import Base
from backend.customers import service as customers
from backend.customers.models import Address, ChannelIdentity, Customer
from kernel.db import Database
from kernel.tokens import Principal
from tests.backend.shopper import Http, Shopper, bearer, code_of, staff_as

BOT = Principal("service", "bot")
COUNT = Callable[[type[Base]], int]


def identify(http: Http, external_id: str, channel: str = "web", key: str = "identity:1") -> str:
    body = {"channel": channel, "external_id": external_id}
    answer = http.request("PUT", "/customers/identities", json=body, headers=bearer(BOT) | {"Idempotency-Key": key})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["customer_id"])


def test_the_same_identity_is_the_same_customer(http: Http, count_rows: COUNT) -> None:
    first = identify(http, "visitor-1", key="one")
    assert identify(http, "visitor-1", key="two") == first
    assert (count_rows(Customer), count_rows(ChannelIdentity)) == (1, 1)


def test_the_same_id_on_another_channel_is_someone_else(http: Http) -> None:
    assert identify(http, "7", "web", key="one") != identify(http, "7", "telegram", key="two")


def test_sixteen_first_sights_at_once_make_one_customer(database: Database, count_rows: COUNT) -> None:
    barrier = Barrier(16)

    def meet(_: int) -> str:
        barrier.wait()
        with database.write() as session:
            return customers.resolve(session, "web", "visitor-1")

    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(meet, range(16)))
    assert len(found) == 1
    assert (count_rows(Customer), count_rows(ChannelIdentity)) == (1, 1)


def test_only_a_service_may_say_who_someone_is(http: Http, ana: Shopper, count_rows: COUNT) -> None:  # case 85
    before = count_rows(Customer)
    staff = staff_as("admin")
    for headers, refusal in (
        (ana.headers, (403, "wrong_role")),
        (staff, (403, "wrong_role")),
        ({}, (401, "token_refused")),
    ):
        answer = http.request(
            "PUT",
            "/customers/identities",
            json={"channel": "web", "external_id": "x"},
            headers=headers | {"Idempotency-Key": "k"},
        )
        assert code_of(answer) == refusal
    assert count_rows(Customer) == before


def test_a_customer_tells_a_name_and_sees_it(ana: Shopper, beto: Shopper) -> None:
    assert ana.get("/customers/me").json() == {"id": ana.id, "name": None, "email": None}
    assert ana.act("PATCH", "/customers/me", {"name": "Ana María"}).json() == {
        "id": ana.id,
        "name": "Ana María",
        "email": None,
    }
    assert ana.get("/customers/me").json()["name"] == "Ana María"
    assert beto.get("/customers/me").json()["name"] is None


def test_a_customer_who_is_none_of_ours_is_not_found(http: Http) -> None:
    stranger = Shopper(http, "00000000-0000-7000-8000-000000000000")
    assert code_of(stranger.get("/customers/me")) == (404, "customer_not_found")
    assert code_of(stranger.act("POST", "/customers/me/addresses", {"text": "Calle 1"})) == (404, "customer_not_found")
    assert stranger.get("/customers/me/addresses").json() == []


def test_the_address_used_last_is_the_default_and_the_same_one_again_is_no_second(
    ana: Shopper, count_rows: COUNT
) -> None:
    home = ana.act("POST", "/customers/me/addresses", {"text": "Cra. 7 #45-10 apto 301"}).json()
    work = ana.act("POST", "/customers/me/addresses", {"text": "Calle 93 # 11-27"}).json()
    assert [each["id"] for each in ana.get("/customers/me/addresses").json()] == [work["id"], home["id"]]

    again = ana.act("POST", "/customers/me/addresses", {"text": "CRA 7 # 45 - 10, Apto 301"}).json()

    assert again == {"id": home["id"], "text": "Cra. 7 #45-10 apto 301", "city": None, "is_default": True}
    listed = ana.get("/customers/me/addresses").json()
    assert [(each["id"], each["is_default"]) for each in listed] == [(home["id"], True), (work["id"], False)]
    assert count_rows(Address) == 2


def test_the_same_address_sent_by_eight_at_once_is_kept_once(
    database: Database, new_shopper: Callable[[], Shopper], count_rows: COUNT
) -> None:
    customer, barrier = new_shopper().id, Barrier(8)

    def send(_: int) -> str:
        barrier.wait()
        with database.write() as session:
            return customers.add_address(session, customer, "Calle 45 # 12-30").id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    assert count_rows(Address) == 1


def test_nobody_sees_or_uses_anothers_address(ana: Shopper, beto: Shopper, database: Database) -> None:
    home = ana.act("POST", "/customers/me/addresses", {"text": "Calle 45 # 12-30"}).json()
    assert beto.get("/customers/me/addresses").json() == []
    with database.read() as session:
        assert customers.address(session, beto.id, home["id"]) is None
        assert customers.address(session, ana.id, home["id"]) is not None
    assert code_of(beto.act("PUT", "/cart/checkout", {"address_id": home["id"]})) == (404, "address_not_found")


def test_addresses_in_any_script_are_kept_as_written(ana: Shopper) -> None:
    for text in ("北京市朝阳区", "ﷺ" * 300, "#", "<b>Calle</b> 1"):
        assert ana.act("POST", "/customers/me/addresses", {"text": text}).json()["text"] == text
    assert len(ana.get("/customers/me/addresses").json()) == 4
