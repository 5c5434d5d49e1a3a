"""The label of an accepted return, by a link that needs no login and ends with what is awaited."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from backend.events import Event
from backend.workflows.link_label import LASTS
from comanda.documents import create_app
from kernel import clock
from tests.backend.returns.conftest import asked
from tests.backend.shopper import MILK, Http


@pytest.fixture
def page(app: Any, settings: Any) -> Iterator[Any]:
    settings.backend_url = "http://oms"
    with Http(create_app(settings, httpx.ASGITransport(app))) as client:

        def open_(url: str) -> Any:
            return client.request("GET", url.partition("/f")[2], follow_redirects=False)

        yield open_


def facts(database, kind):
    with database.read() as session:
        return session.query(Event).filter_by(kind=kind).one().payload


def test_an_accepted_return_has_a_link_to_its_label_until_the_goods_came(ana, desk, delivered, page, database):
    rma = asked(ana, delivered(ana, (MILK, "1")), (MILK, 1), way="drop_off")
    assert ana.get(f"/returns/{rma}").json()["label_url"] is None
    desk.done(rma, "accept")

    url = facts(database, "return.accepted")["label_url"]
    for address in (url, f"{url}/pdf", ana.get(f"/returns/{rma}").json()["label_url"]):
        answer = page(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content == ana.get(f"/returns/{rma}/label").content
    # Staff and subscribers read of the return, not its link.
    assert "label_url" not in str(ana.get(f"/returns/{rma}").json()["history"])

    desk.receive(rma, (MILK, 1))
    assert ana.get(f"/returns/{rma}").json()["label_url"] is None
    gone = page(url)
    assert gone.status_code == 410
    assert "Esta etiqueta ya no sirve" in gone.text
    assert "factura" not in gone.text.partition("<header")[2]


def test_a_link_that_is_not_genuine_or_over_opens_no_label(ana, desk, delivered, page, database):
    rma = asked(ana, delivered(ana, (MILK, "1")), (MILK, 1))
    desk.done(rma, "accept")
    url = facts(database, "return.accepted")["label_url"]
    document = facts(database, "invoice.issued")["document_url"]

    labels, _, genuine = url.rpartition("/")
    forged = genuine[:-1] + ("B" if genuine[-1] == "A" else "A")
    for token in ("x", forged, document.rpartition("/")[2]):
        assert page(f"{labels}/{token}").status_code == 404
    # Nor does the label's link open a document.
    assert page(f"/f/{genuine}").status_code == 404
    with time_machine.travel(clock.now() + LASTS + timedelta(minutes=1)):
        assert page(url).status_code == 404


def test_of_what_nobody_wants_back_there_is_no_label(ana, desk, delivered, database):
    desk.policy(keep_goods_up_to_minor=10_000_000)
    rma = asked(ana, delivered(ana, (MILK, "1")), (MILK, 1, "damaged"))
    desk.done(rma, "accept")

    assert facts(database, "return.accepted")["label_url"] is None
