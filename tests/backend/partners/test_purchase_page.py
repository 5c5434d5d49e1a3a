"""The page behind the link in a partner's e-mail: they see, confirm, reject and ship, without an account."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select

from backend.events import Event
from backend.mail.models import Mail
from backend.orders import service as orders
from backend.orders.models import OrderEntry
from backend.partners import service as partners
from backend.partners.models import PurchaseOrder
from backend.shipping.models import Shipment
from backend.workflows.link_tracking import link_tracking
from comanda.purchase import create_app
from comanda.purchase.words import WORDS
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from tests.backend.partnering import PartnerSystem, add_partner
from tests.backend.shopper import BREAD, MILK, SODA, Http, Shopper, code_of

Visit = Callable[..., httpx.Response]


@pytest.fixture
def abril(http: Http, market: object, database: Database) -> PartnerSystem:
    add_partner(database, "abril", BREAD, SODA)
    return PartnerSystem(http, "abril")


@pytest.fixture
def order(ana: Shopper, abril: PartnerSystem) -> dict[str, Any]:
    return ana.order((MILK, "2"), (BREAD, "30"), (SODA, "4"))


def link_in(database: Database) -> str:
    """The link in the last letter."""
    with database.read() as session:
        mail = session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()
    [link] = re.findall(r"https?://\S+/p/[\w-]+", mail.text)
    assert f'<a href="{link}">' in (mail.html or "")
    return str(link)


@pytest.fixture
def link(order: dict[str, Any], database: Database) -> str:
    return link_in(database)


@pytest.fixture
def visit(app: FastAPI, settings: Settings) -> Iterator[Visit]:
    settings.backend_url = "http://oms"
    with Http(create_app(settings, httpx.ASGITransport(app))) as client:  # type: ignore[arg-type]  # any ASGI app does

        def go(link: str, step: str = "", query: str = "", **form: Any) -> httpx.Response:
            path = f"/{link.rpartition('/')[2]}{step and '/' + step}{query}"
            if not step:
                return client.request("GET", path, headers={"Accept-Language": "en"})
            body = urlencode(form, doseq=True)
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return client.request("POST", path, content=body, headers=headers)

        yield go


def hidden(page: httpx.Response) -> dict[str, str]:
    """What the page's forms carry along."""
    return dict(re.findall(r'type="hidden" name="(version|key)" value="([^"]+)"', page.text))


def state(database: Database) -> tuple[str, str | None]:
    with database.read() as session:
        row = session.scalars(select(PurchaseOrder)).one()
        return row.status, row.ships_on.isoformat() if row.ships_on else None


def test_the_link_shows_what_is_asked_for_in_the_partners_language(visit: Visit, link: str) -> None:
    page = visit(link)

    assert page.status_code == 200
    assert "<h1>Orden de compra OC-10001</h1>" in page.text
    assert '<html lang="es">' in page.text
    for shown in ("30", "Pan tajado", "Gaseosa 400 ml", "Calle 45 # 12-30, Bogotá", "Espera tu respuesta"):
        assert shown in page.text, shown
    for private in ("Leche", "PED-", "$", "620", "customer"):
        assert private not in page.text, private
    assert "Purchase order OC-10001" in visit(link, query="?lang=en").text


def test_the_page_of_a_partner_who_speaks_english_is_in_english(
    visit: Visit, ana: Shopper, database: Database, market: object
) -> None:
    add_partner(database, "bruno", SODA, language="en")
    ana.order((SODA, "1"))

    page = visit(link_in(database))

    assert "<h1>Purchase order OC-10001</h1>" in page.text


def test_it_is_kept_nowhere_and_runs_nothing(visit: Visit, link: str) -> None:
    page = visit(link)

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-security-policy"].endswith("form-action 'self'; frame-ancestors 'none'")
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert 'name="viewport" content="width=device-width' in page.text


def test_a_day_is_confirmed_and_the_customer_promised_anew(visit: Visit, link: str, database: Database) -> None:
    day = (clock.now() + timedelta(days=3)).date().isoformat()

    answered = visit(link, "confirm", ships_on=day, **hidden(visit(link)))

    assert (answered.status_code, answered.headers["location"]) == (303, f"/{link.rpartition('/')[2]}?done=confirm")
    assert state(database) == ("confirmed", day)
    assert "anotamos el día" in visit(link, query="?done=confirm").text
    with database.read() as session:
        [entry] = session.scalars(select(OrderEntry).where(OrderEntry.what == "purchase_order_ok"))
        [event] = session.scalars(select(Event).where(Event.kind == "purchase_order.confirmed"))
    assert (entry.who, event.payload["ships_on"]) == ("partner:abril", day)


def test_the_same_form_sent_twice_is_one_answer(visit: Visit, link: str, database: Database) -> None:
    form = hidden(visit(link)) | {"note": "Sin harina"}

    first, second = visit(link, "reject", **form), visit(link, "reject", **form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert state(database)[0] == "rejected"
    with database.read() as session:
        assert len(session.scalars(select(Event).where(Event.kind == "purchase_order.rejected")).all()) == 1


def test_what_was_rejected_says_why_and_no_address_any_more(
    visit: Visit, link: str, ana: Shopper, order: dict[str, Any]
) -> None:
    visit(link, "reject", note="Sin <harina>", **hidden(visit(link)))

    page = visit(link).text

    assert "Sin &lt;harina&gt;" in page
    assert "Calle 45" not in page
    assert "<form" not in page
    assert len(ana.get(f"/orders/{order['number']}/shortages").json()["shortages"]) == 2


def test_it_is_shipped_in_two_parcels(visit: Visit, link: str, database: Database) -> None:
    ship = {"carrier": "manual", "chosen": "lines"}

    one = visit(link, "ship", tracking_number="A1", lines=[BREAD], **ship, **hidden(visit(link)))
    page = visit(link)
    assert "ya salió" in page.text
    assert "No puedo despacharla" not in page.text
    rest = visit(link, "ship", tracking_number="A2", carrier="manual", **hidden(page))

    assert (one.status_code, rest.status_code, state(database)[0]) == (303, 303, "shipped")
    with database.read() as session:
        numbers = session.scalars(select(Shipment.tracking_number).order_by(Shipment.tracking_number)).all()
    assert numbers == ["A1", "A2"]
    assert "Aquí no queda nada por responder" in visit(link).text


@pytest.mark.parametrize(
    ("step", "form", "status", "said"),
    [
        ("confirm", {"ships_on": "2020-01-01"}, 422, "ships_on_impossible"),
        ("confirm", {"ships_on": "mañana"}, 422, "other"),
        ("confirm", {}, 422, "other"),
        ("reject", {"note": ""}, 422, "other"),
        ("ship", {"carrier": "manual", "tracking_number": ""}, 422, "tracking_number_missing"),
        ("ship", {"carrier": "table_rate", "chosen": "lines"}, 422, "other"),
        ("ship", {"carrier": "paloma"}, 404, "other"),
        ("dance", {}, 422, "other"),
        ("confirm", {"ships_on": "2020-01-01", "version": "x"}, 422, "other"),
        ("reject", {"note": "x" * 17_000}, 422, "other"),
        ("confirm", {"ships_on": "2020-01-01", "key": "a b"}, 422, "other"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    visit: Visit, link: str, database: Database, step: str, form: dict[str, Any], status: int, said: str
) -> None:
    answered = visit(link, step, **hidden(visit(link)) | form)

    assert (answered.status_code, state(database)) == (status, ("sent", None))
    assert WORDS["es"]["problems"][said] in answered.text


def test_an_answer_to_what_has_changed_meanwhile_is_asked_for_again(
    visit: Visit, link: str, abril: PartnerSystem, database: Database
) -> None:
    seen = hidden(visit(link))
    day = clock.now().date().isoformat()
    assert abril.answer("OC-10001", "confirm", {"ships_on": day}).status_code == 200

    answered = visit(link, "reject", note="No", **seen)

    assert answered.status_code == 409
    assert WORDS["es"]["problems"]["purchase_order_changed"] in answered.text
    assert hidden(answered)["version"] == "2"
    assert state(database) == ("confirmed", day)


def test_a_link_that_was_made_up_cut_or_changed_opens_nothing(visit: Visit, link: str, http: Http) -> None:
    token = link.rpartition("/")[2]
    swapped = ("B" if token[0] == "A" else "A") + token[1:]

    for wrong in ("x", token[:-1], token[:20], swapped, token + "A", "%2e%2e"):
        assert visit(f"/{wrong}").status_code == 404, wrong
    assert visit(f"/{swapped}", "confirm", ships_on="2030-01-01", version="1", key="k").status_code == 404
    assert code_of(http.request("GET", f"/purchase-orders/{swapped}")) == (404, "purchase_link_unknown")


def test_a_link_ends_after_sixty_days_and_with_the_partners_tokens(visit: Visit, link: str, database: Database) -> None:
    with time_machine.travel(clock.now() + timedelta(days=59)):
        assert visit(link).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=61)):
        ended = visit(link)
        assert visit(link, "confirm", ships_on="2030-01-01", version="1", key="k").status_code == 410
    assert (ended.status_code, "This link has ended" in ended.text) == (410, True)

    with database.write() as session:
        partners.revoke_tokens(session, "abril")
    assert visit(link).status_code == 404


def test_a_tracking_link_opens_no_purchase_order(
    visit: Visit, ana: Shopper, order: dict[str, Any], database: Database
) -> None:
    with database.read() as session:
        tracking = link_tracking(session, orders.find_any(session, order["number"]).order)

    assert tracking is not None
    assert visit(tracking).status_code == 404


def test_each_letter_brings_a_link_to_the_same_order(
    visit: Visit, link: str, ana: Shopper, order: dict[str, Any], database: Database
) -> None:
    change = {"changes": [{"op": "add", "sku": BREAD, "quantity": "2"}]}
    shown = ana.act("POST", f"/orders/{order['number']}/changes", change).json()
    assert ana.act("POST", f"/orders/{order['number']}/changes/{shown['confirmation']}").status_code == 200

    assert "32" in visit(link_in(database)).text
    assert "32" in visit(link).text


def test_when_the_oms_does_not_answer_it_says_so(settings: Settings, link: str) -> None:
    def dead(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    with Http(create_app(settings, httpx.MockTransport(dead))) as client:  # type: ignore[arg-type]
        page = client.request("GET", f"/{link.rpartition('/')[2]}")

    assert (page.status_code, WORDS["es"]["refused"]["unavailable"][0] in page.text) == (503, True)


def test_both_languages_have_the_same_words() -> None:
    def keys(words: Any) -> Any:
        return {name: keys(word) for name, word in words.items()} if isinstance(words, dict) else None

    assert keys(WORDS["es"]) == keys(WORDS["en"])
