"""What staff know of customers, and what customers say of themselves."""

import pytest
from sqlalchemy import select

from backend.customers.models import Customer
from tests.backend.shopper import code_of, staff_as


def patch(http, customer_id, body, role="sales", key="k"):
    headers = staff_as(role) | {"Idempotency-Key": key}
    return http.request("PATCH", f"/staff/customers/{customer_id}", json=body, headers=headers)


def test_a_customer_gives_an_address_to_write_to_kept_in_lower_case(ana, database):
    answer = ana.act("PATCH", "/customers/me", {"email": " Ana@Ejemplo.CO "})

    assert answer.json() == {"id": ana.id, "name": None, "email": "ana@ejemplo.co"}
    ana.act("PATCH", "/customers/me", {"name": "Ana"})
    assert ana.get("/customers/me").json() == {"id": ana.id, "name": "Ana", "email": "ana@ejemplo.co"}


@pytest.mark.parametrize(
    "email",
    ["", "ana", "ana@", "@x.co", "a b@x.co", "ana@x", "a@x.co\nBcc: b@y.co", "a@x.co,b@y.co", "<a@x.co>", "añ@x.co"],
)
def test_what_is_no_address_is_refused(ana, database, email):
    assert code_of(ana.act("PATCH", "/customers/me", {"email": email})) == (422, "invalid_request")

    with database.read() as session:
        assert session.scalars(select(Customer.email)).all() == [None]


@pytest.mark.parametrize("field", ["credit_limit_minor", "language", "id"])
def test_a_customer_sets_no_limit_of_their_own(ana, field):  # case 79
    assert code_of(ana.act("PATCH", "/customers/me", {field: 1})) == (422, "invalid_request")


def test_sales_correct_a_customer_and_what_is_left_out_stays(ana, http):
    first = patch(http, ana.id, {"name": "Ana", "credit_limit_minor": 500, "language": "en"}, key="1")
    second = patch(http, ana.id, {"email": "ANA@x.co", "credit_limit_minor": None}, key="2")

    assert first.json()["credit_limit_minor"] == 500
    assert {key: second.json()[key] for key in ("name", "email", "language", "credit_limit_minor")} == {
        "name": "Ana",
        "email": "ana@x.co",
        "language": "en",
        "credit_limit_minor": None,
    }


@pytest.mark.parametrize(
    "body", [{"credit_limit_minor": -1}, {"credit_limit_minor": 1.5}, {"language": "fr"}, {"id": "x"}]
)
def test_what_cannot_be_is_refused(ana, http, body):  # case 79
    assert code_of(patch(http, ana.id, body)) == (422, "invalid_request")


def test_nobody_is_not_found(http, market):
    assert code_of(patch(http, "nobody", {"name": "x"})) == (404, "customer_not_found")


def test_customers_are_found_by_a_part_of_their_name_or_address(ana, beto, http, staff):
    ana.act("PATCH", "/customers/me", {"name": "Ana 100%", "email": "ana@x.co"})
    beto.act("PATCH", "/customers/me", {"name": "Beto", "email": "beto@x.co"})

    def found(query):
        page = http.request("GET", f"/staff/customers?q={query}", headers=staff).json()
        return [each["id"] for each in page["customers"]]

    assert found("beto") == [beto.id]
    assert found("X.CO") == [beto.id, ana.id]
    assert found("%25") == [ana.id]
