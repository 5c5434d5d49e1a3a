"""One person with several identities: joined by proof alone, written down, and parted again."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select, text
from sqlalchemy.exc import DatabaseError

from backend.customers import identities
from backend.customers import service as customers
from backend.customers.models import ChannelIdentity, Customer, IdentityEntry, LinkRequest
from backend.events import Event
from backend.mail.models import Mail
from backend.trail import AuditEntry
from backend.workflows.link_customers import link_customers
from kernel import codes
from kernel.db import Database
from kernel.tokens import Principal
from tests.backend.shopper import BREAD, KEY, MILK, Http, Market, Shopper, bearer, code_of, staff_as

BOT = bearer(Principal("service", "bot"))
NUMBER = "+573001112233"


@pytest.fixture
def meet(database: Database, http: Http, market: Market) -> Callable[..., Shopper]:
    """Whoever writes on a channel, as a customer at the API."""

    def known(channel: str, external_id: str, phone: str | None = None) -> Shopper:
        with database.write() as session:
            return Shopper(http, customers.resolve(session, channel, external_id, phone))

    return known


@pytest.fixture
def web(meet: Callable[..., Shopper]) -> Shopper:
    return meet("web", "visitor-1")


@pytest.fixture
def phone(meet: Callable[..., Shopper]) -> Shopper:
    return meet("whatsapp", NUMBER, NUMBER)


def ask(shopper: Shopper, address: str = "300 111 2233", channel: str = "whatsapp") -> dict[str, Any]:
    answer = shopper.act("POST", "/customers/me/link-codes", {"to": {"channel": channel, "address": address}})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def say(shopper: Shopper, request_id: str, code: str) -> Any:
    return shopper.act("POST", f"/customers/me/link-codes/{request_id}/confirmation", {"code": code})


def renew(*shoppers: Shopper) -> None:
    """Their tokens are of the present hour."""
    for shopper in shoppers:
        shopper.headers = bearer(Principal("customer", shopper.id))


def wrong(request_id: str) -> str:
    return "000000" if codes.code_of(request_id, KEY) != "000000" else "000001"


def rows(database: Database, model: Any) -> list[Any]:
    with database.read() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_the_code_that_came_to_the_number_shows_the_number_s_orders(web: Shopper, phone: Shopper) -> None:  # case 88
    order = phone.order((MILK, "2"))
    assert code_of(web.get(f"/orders/{order['number']}")) == (404, "order_not_found")

    request = ask(web)
    answer = say(web, request["id"], codes.code_of(request["id"], KEY))

    assert answer.json() == {"customer_id": phone.id, "is_new": True, "channels": ["web", "whatsapp"]}
    both = Shopper(web.http, phone.id)
    assert [each["number"] for each in both.get("/orders").json()] == [order["number"]]


def test_orders_of_every_identity_are_the_person_s(
    database: Database, meet: Callable[..., Shopper], web: Shopper, phone: Shopper
) -> None:
    numbers = [web.order((MILK, "1"))["number"], phone.order((BREAD, "1"))["number"]]
    with database.write() as session:
        assert link_customers(session, web.id, phone.id, "code", "test").person_id == phone.id

    again = meet("web", "visitor-1")

    assert again.id == phone.id
    assert [each["number"] for each in again.get("/orders").json()] == numbers[::-1]
    answer = again.act("POST", f"/orders/{numbers[0]}/cancel", {}, key="cancel")
    assert answer.json()["status"] == "cancelled"


def test_a_cart_begun_on_the_web_is_confirmed_on_whatsapp(web: Shopper, phone: Shopper) -> None:  # case 64
    web.add(MILK, "3")
    web.choose()
    token = web.act("POST", "/customers/me/links", {"channel": "whatsapp"}).json()["token"]

    assert phone.act("POST", "/customers/me/links/opened", {"token": token}).status_code == 200

    assert [(each["sku"], each["quantity"]) for each in phone.cart()["lines"]] == [(MILK, "3")]
    order = phone.place(phone.confirm()).json()
    assert [(each["sku"], each["quantity"]) for each in order["lines"]] == [(MILK, "3")]


def test_what_is_in_both_carts_is_wished_once(database: Database, web: Shopper, phone: Shopper) -> None:  # case 64
    web.add(MILK, "3")
    web.add(BREAD, "1")
    phone.add(MILK, "2")
    with database.write() as session:
        link_customers(session, web.id, phone.id, "code", "test")

    assert {each["sku"]: each["quantity"] for each in phone.cart()["lines"]} == {MILK: "2", BREAD: "1"}
    assert web.cart()["is_empty"]


def test_unlinked_everyone_has_their_own_again(
    database: Database, meet: Callable[..., Shopper], web: Shopper, phone: Shopper
) -> None:
    mine, other = web.order((MILK, "1"))["number"], phone.order((BREAD, "1"))["number"]
    with database.write() as session:
        link_customers(session, web.id, phone.id, "code", "customer:x")
    known = phone.get("/customers/me/identities").json()
    assert [(each["channel"], each["shown"], each["is_own"]) for each in known] == [
        ("web", "…or-1", False),
        ("whatsapp", "…2233", True),
    ]

    undone = phone.act("DELETE", f"/customers/me/identities/{known[0]['id']}")

    assert undone.json() == {"customer_id": phone.id, "is_new": False, "channels": ["whatsapp"]}
    assert meet("web", "visitor-1").id == web.id
    assert [each["number"] for each in web.get("/orders").json()] == [mine]
    assert [each["number"] for each in phone.get("/orders").json()] == [other]
    steps = [(each.act, each.person_id, each.customer_id, each.method) for each in rows(database, IdentityEntry)]
    assert steps == [("linked", phone.id, web.id, "code"), ("unlinked", phone.id, web.id, "code")]


def test_the_person_s_own_identity_and_a_stranger_s_stay(web: Shopper, phone: Shopper) -> None:
    [own] = phone.get("/customers/me/identities").json()

    assert code_of(phone.act("DELETE", f"/customers/me/identities/{own['id']}")) == (409, "identity_not_linked")
    assert code_of(web.act("DELETE", f"/customers/me/identities/{own['id']}")) == (404, "identity_not_found")


def test_staff_see_the_proof_and_undo_it(database: Database, http: Http, web: Shopper, phone: Shopper) -> None:
    with database.write() as session:
        link_customers(session, web.id, phone.id, "link", f"customer:{web.id}")
    seen = http.request("GET", f"/staff/customers/{web.id}/identities", headers=staff_as("finance")).json()
    assert [(each["act"], each["method"], each["who"]) for each in seen["history"]] == [
        ("linked", "link", f"customer:{web.id}")
    ]

    [linked] = [each for each in seen["identities"] if not each["is_own"]]
    path = f"/staff/customers/{phone.id}/identities/{linked['id']}"
    answer = http.request("DELETE", path, headers=staff_as("agent") | {"Idempotency-Key": "undo"})

    assert [each["act"] for each in answer.json()["history"]] == ["linked", "unlinked"]
    assert [each["channel"] for each in answer.json()["identities"]] == ["whatsapp"]


def test_steps_are_only_ever_added(database: Database, web: Shopper, phone: Shopper) -> None:
    with database.write() as session:
        link_customers(session, web.id, phone.id, "code", "test")
    for change in ("UPDATE oms_identity_entry SET who = 'x'", "DELETE FROM oms_identity_entry"):
        with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
            session.execute(text(change))


def test_no_number_is_linked_without_its_code(database: Database, web: Shopper, phone: Shopper) -> None:  # case 88
    request = ask(web)

    codes_said = [code_of(say(web, request["id"], wrong(request["id"]))) for _ in range(6)]

    assert codes_said == [(422, "link_code_wrong")] * 5 + [(429, "link_too_often")]
    right = say(web, request["id"], codes.code_of(request["id"], KEY))
    assert code_of(right) == (429, "link_too_often")
    refused = web.act("POST", "/customers/me/link-codes", {"to": {"channel": "whatsapp", "address": NUMBER}})
    assert code_of(refused) == (429, "link_too_often")
    assert rows(database, IdentityEntry) == []


def test_of_two_hundred_guesses_at_a_number_none_links(
    database: Database, meet: Callable[..., Shopper], phone: Shopper
) -> None:  # case 88
    answers: list[tuple[int, str]] = []
    for at in range(40):
        visitor = meet("web", f"guesser-{at}")
        request = ask(visitor, NUMBER)
        right = codes.code_of(request["id"], KEY)
        guesses = [f"{(int(right) + step) % 10**6:06d}" for step in range(1, 6)]
        answers += [code_of(say(visitor, request["id"], guess)) for guess in guesses]
        answers.append(code_of(say(visitor, request["id"], right)))

    links = len(rows(database, IdentityEntry))
    print(f"case 88: {links} links of 200 guesses by 40 visitors; {answers.count((429, 'link_too_often'))} stopped")
    assert links == 0
    assert answers.count((422, "link_code_wrong")) == 200
    assert answers.count((429, "link_too_often")) == 40


def test_a_code_said_again_for_want_of_an_answer_is_one_try(web: Shopper, phone: Shopper) -> None:  # case 88
    request = ask(web)
    path = f"/customers/me/link-codes/{request['id']}/confirmation"

    def said(code: str, key: str) -> Any:
        return code_of(web.act("POST", path, {"code": code}, key=key))

    assert [said(wrong(request["id"]), "one") for _ in range(9)] == [(422, "link_code_wrong")] * 9
    others = [f"{number:06d}" for number in range(10, 14)]
    # The same name with another code is another try.
    assert [said(code, "one") for code in others] == [(422, "link_code_wrong")] * 4
    assert said("000077", "two") == (429, "link_too_often")
    assert said(others[-1], "one") == (422, "link_code_wrong")


def test_a_right_code_said_again_gets_the_same_answer(web: Shopper, phone: Shopper) -> None:
    request = ask(web)
    path = f"/customers/me/link-codes/{request['id']}/confirmation"
    body = {"code": codes.code_of(request["id"], KEY)}

    first, again = (web.act("POST", path, body, key="one") for _ in range(2))

    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())


def test_a_thousand_guesses_try_five_codes_in_ten_minutes(web: Shopper, phone: Shopper) -> None:  # case 83
    request = ask(web)
    right = codes.code_of(request["id"], KEY)
    # One in two hundred thousand would be guessed within five.
    codes_tried = [each for number in range(1_001) if (each := f"{number:06d}") != right][:1_000]
    guesses = [say(web, request["id"], each) for each in codes_tried]
    tried = [answer for answer in guesses if answer.status_code != 429]
    successes = sum(answer.status_code == 200 for answer in guesses)

    print(f"{len(guesses)} guesses: successes {successes}, blocked after {len(tried)}")
    assert len(tried) == 5
    assert successes == 0


def test_a_code_is_good_for_ten_minutes_and_once(web: Shopper, phone: Shopper) -> None:  # case 88
    at = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False) as time:
        renew(web)
        late, good = ask(web), ask(web)
        time.move_to(at + timedelta(minutes=10) - timedelta(seconds=1))
        renew(web)
        assert say(web, good["id"], codes.code_of(good["id"], KEY)).status_code == 200
        again = say(web, good["id"], codes.code_of(good["id"], KEY))
        assert code_of(again) == (409, "link_request_over")
        time.move_to(at + timedelta(minutes=10))
        renew(web)
        expired = say(web, late["id"], codes.code_of(late["id"], KEY))
        assert code_of(expired) == (409, "link_request_over")


def test_a_code_is_good_for_who_asked_for_it(meet: Callable[..., Shopper], web: Shopper, phone: Shopper) -> None:
    request = ask(web)
    stranger = meet("web", "visitor-2")

    answer = say(stranger, request["id"], codes.code_of(request["id"], KEY))

    assert code_of(answer) == (409, "link_request_over")


def test_nothing_that_is_stored_tells_the_code(database: Database, web: Shopper, phone: Shopper) -> None:  # case 88
    request = ask(web)
    code = codes.code_of(request["id"], KEY)
    [kept] = rows(database, LinkRequest)
    [event] = rows(database, Event)

    told = {name: value for name, value in vars(kept).items() if not name.startswith("_")}
    assert code not in str(told) + str(event.payload)
    assert event.payload == {
        "number": request["id"],
        "customer_id": phone.id,
        "channel": "whatsapp",
        "external_id": NUMBER,
        "expires_at": request["expires_at"].replace("Z", "+00:00"),
    }


def test_who_asks_for_a_number_that_nobody_has_learns_nothing(
    database: Database, meet: Callable[..., Shopper], phone: Shopper
) -> None:  # case 88
    stranger = meet("web", "b")
    known, unknown = ask(meet("web", "a"), NUMBER), ask(stranger, "+573009998877")

    assert known.keys() == unknown.keys() == {"id", "expires_at"}
    for code in (wrong(unknown["id"]), codes.code_of(unknown["id"], KEY)):
        assert code_of(say(stranger, unknown["id"], code)) == (422, "link_code_wrong")
    events = {each.subject: each.payload for each in rows(database, Event)}
    assert events[unknown["id"]]["customer_id"] is None
    assert events.keys() == {known["id"], unknown["id"]}


def test_the_answer_about_an_unknown_number_is_the_same_work(
    database: Database, meet: Callable[..., Shopper], phone: Shopper
) -> None:  # case 82
    """As many statements: then it takes as long, too, on whatever machine."""
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: said.append(call[2].split("(")[0]))

    def work_of(number: str, visitor: str) -> list[str]:
        shopper = meet("web", visitor)
        said.clear()
        ask(shopper, number)
        return list(said)

    work_of(NUMBER, "first")
    known, unknown = work_of(NUMBER, "known"), work_of("+573009998877", "unknown")

    assert len(known) > 5
    assert known == unknown


def test_a_number_gets_five_codes_a_day_whoever_asks(
    database: Database, meet: Callable[..., Shopper], phone: Shopper
) -> None:  # case 104
    for at in range(8):
        ask(meet("web", f"visitor-{at}"), NUMBER)

    told = [each for each in rows(database, Event) if each.payload["customer_id"]]
    assert len(told) == 5


@pytest.mark.parametrize("written", ["3001112233", "300 111 2233", "+57 300-111-2233", "0057 3001112233"])
def test_a_number_is_the_same_however_it_is_written(database: Database, web: Shopper, phone: Shopper, written: str):
    request = ask(web, written)

    [event] = rows(database, Event)
    assert (event.subject, event.payload["external_id"]) == (request["id"], NUMBER)


def test_an_email_address_is_proven_by_the_code_in_its_letter(
    database: Database, web: Shopper, meet: Callable[..., Shopper]
) -> None:
    order = web.order((MILK, "1"))
    other = meet("telegram", "77")
    for shopper in (web, other):
        request = ask(shopper, "ana@ejemplo.co", "email")
        letter = rows(database, Mail)[-1]
        [code] = re.findall(r"\d{6}", letter.subject)
        assert (letter.recipient, code in letter.text) == ("ana@ejemplo.co", True)
        assert say(shopper, request["id"], code).status_code == 200

    with database.read() as session:
        assert identities.ids_of_person(session, web.id) == [other.id, web.id]
    assert [each["number"] for each in other.get("/orders").json()] == [order["number"]]


def test_an_address_that_was_only_claimed_links_nobody(database: Database, web: Shopper, phone: Shopper) -> None:
    request = ask(phone, "ana@ejemplo.co", "email")
    assert say(phone, request["id"], codes.code_of(request["id"], KEY)).status_code == 200
    # It was proven once; then another one was written, and the first one again.
    for address in ("otra@ejemplo.co", "ana@ejemplo.co"):
        assert phone.act("PATCH", "/customers/me", {"email": address}).status_code == 200

    request = ask(web, "ana@ejemplo.co", "email")
    answer = say(web, request["id"], codes.code_of(request["id"], KEY))

    assert answer.json() == {"customer_id": web.id, "is_new": False, "channels": ["web"]}
    assert rows(database, IdentityEntry) == []


def test_a_link_opens_once_and_for_ten_minutes(meet: Callable[..., Shopper], web: Shopper, phone: Shopper) -> None:
    at = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False) as time:
        renew(web, phone)
        first, second = (
            web.act("POST", "/customers/me/links", {"channel": "whatsapp"}).json()["token"] for _ in range(2)
        )
        assert re.fullmatch(r"[A-Za-z0-9_-]{32}", first)
        assert phone.act("POST", "/customers/me/links/opened", {"token": first}).status_code == 200
        stranger = meet("whatsapp", "+573005556677", "+573005556677")
        again = stranger.act("POST", "/customers/me/links/opened", {"token": first})
        assert code_of(again) == (409, "link_request_over")
        time.move_to(at + timedelta(minutes=10))
        renew(stranger)
        late = stranger.act("POST", "/customers/me/links/opened", {"token": second})
        assert code_of(late) == (409, "link_request_over")
        made_up = stranger.act("POST", "/customers/me/links/opened", {"token": "x" * 32})
        assert made_up.json()["code"] == late.json()["code"]


def test_a_link_opens_on_the_channel_it_is_for_and_on_no_other(
    meet: Callable[..., Shopper], web: Shopper, phone: Shopper
) -> None:
    token = web.act("POST", "/customers/me/links", {"channel": "whatsapp"}).json()["token"]
    elsewhere = meet("telegram", "7").act("POST", "/customers/me/links/opened", {"token": token})

    assert code_of(elsewhere) == (409, "link_request_over")
    opened = phone.act("POST", "/customers/me/links/opened", {"token": token})
    assert opened.json() == {"customer_id": phone.id, "is_new": True, "channels": ["web", "whatsapp"]}


def test_only_the_hash_of_a_link_is_kept(database: Database, web: Shopper) -> None:
    token = web.act("POST", "/customers/me/links", {"channel": "telegram"}).json()["token"]

    [kept] = rows(database, LinkRequest)
    assert kept.token_hash == codes.hash_of(token)
    assert token not in str(vars(kept))


def test_a_number_that_telegram_vouches_for_is_that_of_whatsapp(
    database: Database, http: Http, meet: Callable[..., Shopper], phone: Shopper
) -> None:
    telegram = meet("telegram", "77")
    body = {"channel": "telegram", "external_id": "77", "phone": "573001112233"}
    answer = http.request("PUT", "/customers/identities/phone", json=body, headers=BOT | {"Idempotency-Key": "share"})

    assert answer.json()["is_new"] is True
    with database.read() as session:
        assert sorted(identities.ids_of_person(session, phone.id)) == sorted([telegram.id, phone.id])
    [entry] = rows(database, IdentityEntry)
    assert (entry.method, entry.who) == ("phone", "channel:telegram")


def test_a_number_that_was_silent_for_half_a_year_is_someone_else_s(
    database: Database, meet: Callable[..., Shopper]
) -> None:  # case 89
    at = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False) as time:
        before = meet("whatsapp", NUMBER, NUMBER)
        order = before.order((MILK, "1"))
        time.move_to(at + timedelta(days=179, hours=23))
        assert meet("whatsapp", NUMBER, NUMBER).id == before.id
        time.shift(timedelta(days=180))
        after = meet("whatsapp", NUMBER, NUMBER)

        assert after.id != before.id
        assert after.get("/orders").json() == []
        assert code_of(after.get(f"/orders/{order['number']}")) == (404, "order_not_found")
        assert meet("whatsapp", NUMBER, NUMBER).id == after.id
    assert [(each.act, each.person_id) for each in rows(database, IdentityEntry)] == [("renewed", after.id)]


def test_no_code_proves_a_number_that_was_silent_for_half_a_year(
    database: Database, meet: Callable[..., Shopper]
) -> None:  # case 89
    at = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False) as time:
        before = meet("whatsapp", NUMBER, NUMBER)
        before.order((MILK, "1"))
        time.shift(timedelta(days=180))
        web = meet("web", "its-new-owner")
        request = ask(web)

        assert code_of(say(web, request["id"], codes.code_of(request["id"], KEY))) == (422, "link_code_wrong")
        assert rows(database, Event)[-1].payload["customer_id"] is None
        assert web.get("/orders").json() == []


def test_ten_recycled_numbers_show_nothing_of_who_had_them(
    database: Database, meet: Callable[..., Shopper]
) -> None:  # case 89
    at = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
    numbers = [f"+5730011122{ending:02d}" for ending in range(10)]
    with time_machine.travel(at, tick=False) as time:
        orders = [meet("whatsapp", number, number).order((MILK, "1"))["number"] for number in numbers]
        time.shift(timedelta(days=180))
        leaks = 0
        for number, order in zip(numbers, orders, strict=True):
            web = meet("web", f"owner-of-{number}")
            request = ask(web, number)
            leaks += say(web, request["id"], codes.code_of(request["id"], KEY)).status_code == 200
            owner = meet("whatsapp", number, number)
            leaks += len(owner.get("/orders").json()) + (owner.get(f"/orders/{order}").status_code != 404)
            leaks += len(owner.get("/customers/me/addresses").json()) + (not owner.cart()["is_empty"])

    print(f"case 89: {leaks} leaks of 10 recycled numbers, asked for in five ways each")
    assert leaks == 0


def test_the_last_word_of_a_person_on_what_they_want_to_hear_holds_for_all(
    database: Database, web: Shopper, phone: Shopper
) -> None:
    assert web.act("PUT", "/customers/me/preferences", {"order_updates": False}).status_code == 200
    with database.write() as session:
        link_customers(session, web.id, phone.id, "code", "test")

    assert phone.get("/customers/me/preferences").json()["order_updates"] is False
    phone.act("PUT", "/customers/me/preferences", {"marketing": True})
    said = phone.get("/customers/me/preferences").json()
    assert (said["order_updates"], said["marketing"]) == (False, True)
    assert said["customer_ids"] == [phone.id, web.id]


def test_a_telegram_account_is_its_id_and_never_grows_stale(meet: Callable[..., Shopper]) -> None:  # case 89
    at = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False) as time:
        before = meet("telegram", "77").id
        time.shift(timedelta(days=400))
        assert meet("telegram", "77").id == before


def test_two_proofs_at_once_make_one_person(
    database: Database, meet: Callable[..., Shopper], web: Shopper, phone: Shopper
) -> None:
    third = meet("telegram", "77")
    pairs = [(web.id, phone.id), (phone.id, third.id), (third.id, web.id)] * 3
    barrier = Barrier(len(pairs))

    def link(pair: tuple[str, str]) -> None:
        barrier.wait()
        with database.write() as session:
            link_customers(session, *pair, "code", "test")

    with ThreadPoolExecutor(len(pairs)) as pool:
        list(pool.map(link, pairs))

    everyone = {web.id, phone.id, third.id}
    with database.read() as session:
        [root] = session.scalars(select(Customer.id).where(Customer.person_id.is_(None), Customer.id.in_(everyone)))
        assert set(identities.ids_of_person(session, root)) == everyone
    assert {each.customer_id for each in rows(database, IdentityEntry)} | {root} == everyone
    assert all(each.verified_at for each in rows(database, ChannelIdentity))


def _vouch(http: Http, key: str, **more: str) -> dict[str, Any]:
    body = {"channel": "web", "external_id": "site.abc", "site_id": "ana-7"} | more
    answer = http.request("PUT", "/customers/identities/site", json=body, headers=BOT | {"Idempotency-Key": key})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_shops_own_site_vouches_for_its_user(
    database: Database, http: Http, meet: Callable[..., Shopper], phone: Shopper
) -> None:
    order = phone.order((MILK, "1"))
    said = _vouch(http, "one", name="Ana", email="Ana@Ejemplo.co", phone="300 111 2233")
    again = _vouch(http, "two", name="Ana María", email="ana@ejemplo.co", phone="+573001112233")

    assert said["is_new"] is True
    assert again == said | {"is_new": False}
    assert sorted(said["channels"]) == ["site", "web", "whatsapp"]
    web = meet("web", "site.abc")
    assert [each["number"] for each in web.get("/orders").json()] == [order["number"]]
    with database.read() as session:
        person = session.get_one(Customer, identities.person_of(session, web.id))
    assert (person.name, person.email) == ("Ana", "ana@ejemplo.co")
    assert person.email_verified_at is not None
    assert {(each.method, each.who) for each in rows(database, IdentityEntry)} == {("site", "site")}
    assert {each.method for each in rows(database, ChannelIdentity)} == {"site"}


def test_the_site_joins_nobody_by_what_it_has_not_proven(
    http: Http, meet: Callable[..., Shopper], phone: Shopper
) -> None:
    order = phone.order((MILK, "1"))

    assert sorted(_vouch(http, "one", name="Ana")["channels"]) == ["site", "web"]
    assert code_of(meet("web", "site.abc").get(f"/orders/{order['number']}")) == (404, "order_not_found")


def test_an_agent_who_knows_two_links_them_after_a_look_and_undoes_it(
    web: Shopper, phone: Shopper, http: Http, database: Database
) -> None:
    number = web.order((BREAD, "1"))["number"]
    web.add(MILK, "2")
    agent = staff_as("agent")
    path = f"/staff/customers/{web.id}/links/{phone.id}"

    nothing = {"orders": 0, "invoices": 0, "cart_lines": 0}
    looked = http.request("GET", path, headers=agent).json()
    assert looked == {
        "person": {"customer_id": phone.id, "channels": ["whatsapp"]} | nothing,
        "joined": {"customer_id": web.id, "channels": ["web"]} | nothing | {"orders": 1, "cart_lines": 1},
    }  # fmt: skip
    assert phone.get(f"/orders/{number}").status_code == 404
    bare = http.request("POST", path, json={}, headers=agent | {"Idempotency-Key": "link"})
    assert code_of(bare) == (422, "invalid_request")
    for _ in range(2):
        body = {"reason": "Lo dijo por teléfono"}
        linked = http.request("POST", path, json=body, headers=agent | {"Idempotency-Key": "link:1"})
        assert linked.status_code == 200, linked.text
    assert phone.get(f"/orders/{number}").status_code == 200
    [own, other] = sorted(linked.json()["identities"], key=lambda each: not each["is_own"])
    assert (other["channel"], other["method"], own["channel"]) == ("web", "agent", "whatsapp")
    assert http.request("GET", path, headers=agent).json()["joined"] is None
    with database.read() as session:
        [entry] = session.query(AuditEntry).filter(AuditEntry.act.contains("/links/")).all()
        assert (entry.who, entry.reason) == ("staff:someone", "Lo dijo por teléfono")

    undone = http.request(
        "DELETE",
        f"/staff/customers/{web.id}/identities/{other['id']}",
        headers=agent | {"Idempotency-Key": "part"},
    )
    assert [each["act"] for each in undone.json()["history"]] == ["linked", "unlinked"]
    assert phone.get(f"/orders/{number}").status_code == 404
