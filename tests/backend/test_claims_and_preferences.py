"""What a customer says went wrong, and what they want to hear of."""

import pytest
from sqlalchemy import select

from backend.claims.models import Claim
from backend.customers.models import Customer, Preference
from backend.events import Event
from backend.mail.models import Mail
from backend.workflows.announce_event import announce_event
from tests.backend.shopper import MILK, code_of

UNSAID = {
    "order_updates": True,
    "marketing": False,
    "quiet_from": "21:00:00",
    "quiet_until": "07:00:00",
    "time_zone": "America/Bogota",
}


def test_a_claim_is_opened_once_however_often_it_is_said(ana, http, staff, count_rows):
    number = ana.order((MILK, "1"))["number"]
    path = f"/orders/{number}/claims"

    first = ana.act("POST", path, {"note": "Llegó una caja rota."})
    again = ana.act("POST", path, {})

    assert (first.status_code, again.json()) == (201, first.json())
    assert count_rows(Claim) == 1
    [listed] = http.request("GET", "/staff/claims", headers=staff).json()
    unanswered = dict.fromkeys(("return_number", "answer", "closed_by", "closed_at"))
    assert listed == first.json() | {"customer_id": ana.id} | unanswered
    assert (listed["order_number"], listed["kind"], listed["state"]) == (number, "unknown", "open")
    timeline = http.request("GET", f"/staff/orders/{number}", headers=staff).json()["timeline"]
    assert [entry["what"] for entry in timeline].count("claim_opened") == 1


def test_nobody_claims_about_someone_elses_order(ana, beto, count_rows):
    number = ana.order((MILK, "1"))["number"]

    assert code_of(beto.act("POST", f"/orders/{number}/claims", {})) == (404, "order_not_found")
    assert count_rows(Claim) == 0


def test_who_said_nothing_hears_of_orders_and_of_no_advertising(ana):
    assert ana.get("/customers/me/preferences").json() == UNSAID | {"customer_ids": [ana.id]}


def test_what_is_said_is_kept_and_the_rest_stays(ana, count_rows):
    hours = {"start": "22:00", "end": "06:30"}
    ana.act("PUT", "/customers/me/preferences", {"order_updates": False})
    answer = ana.act("PUT", "/customers/me/preferences", {"quiet_hours": hours, "marketing": True})

    said = {"order_updates": False, "marketing": True, "quiet_from": "22:00:00", "quiet_until": "06:30:00"}
    said |= {"customer_ids": [ana.id]}
    assert answer.json() == UNSAID | said == ana.get("/customers/me/preferences").json()
    assert count_rows(Preference) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_updates": "perhaps"},
        {"quiet_hours": {"start": "22:00"}},
        {"quiet_hours": {"start": "25:00", "end": "07:00"}},
        {"quiet_hours": {"start": "22:00+02:00", "end": "07:00"}},
        {"colour": "red"},
    ],
)
def test_what_is_no_preference_is_refused(ana, count_rows, wrong):
    assert code_of(ana.act("PUT", "/customers/me/preferences", wrong)) == (422, "invalid_request")
    assert count_rows(Preference) == 0


def announced(database, customer_id, email, kind="order.confirmed"):
    """The mails that come of the customer's last event of this kind."""
    with database.write() as session:
        session.get_one(Customer, customer_id).email = email
        session.flush()
        event = session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id.desc())).first()
        assert event is not None
        announce_event(session, event.id)
        announce_event(session, event.id)
        return session.scalars(select(Mail)).all()


def test_a_customer_with_an_address_gets_one_letter_a_fact(ana, database):
    number = ana.order((MILK, "1"))["number"]

    [mail] = announced(database, ana.id, "ana@example.com")

    assert (mail.recipient, mail.subject) == ("ana@example.com", f"Tu pedido {number} está confirmado")
    assert mail.text.startswith(f"Hola:\n\nTu pedido {number} está confirmado y ya lo estamos preparando.")
    assert mail.html is not None
    assert "<script" not in mail.html


def test_a_customer_without_an_address_or_without_the_wish_gets_none(ana, database):
    ana.order((MILK, "1"))
    assert announced(database, ana.id, None) == []
    ana.act("PUT", "/customers/me/preferences", {"order_updates": False})

    assert announced(database, ana.id, "ana@example.com") == []
