"""What is one customer's is not there for another: every route of the API with a number or an id of theirs in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kernel.tokens import Principal
from kernel.vouchers import Vouched, vouch
from tests.backend.quotes.conftest import QuoteDesk
from tests.backend.returns.conftest import asked, delivered
from tests.backend.shopper import KEY, MILK, Shopper, bearer, code_of, staff_as
from tests.backend.test_authorisation import CUSTOMER, MATRIX

__all__ = ["delivered"]

LINES = {"lines": [{"line": MILK, "quantity": 1, "reason": "not_wanted"}]}
# Route: whose id stands in it, and a body that the route takes.
OF_A_CUSTOMER: dict[tuple[str, str], tuple[str, Any]] = {
    ("GET", "/orders/{number}"): ("order", None),
    ("POST", "/orders/{number}/cancel"): ("order", {}),
    ("POST", "/orders/{number}/repeat"): ("order", None),
    ("GET", "/orders/{number}/shortages"): ("order", None),
    ("POST", "/orders/{number}/shortages/{shortage}"): ("order", {"resolution": "wait"}),
    ("POST", "/orders/{number}/changes"): ("order", {"changes": [{"op": "set", "sku": MILK, "quantity": "1"}]}),
    ("POST", "/orders/{number}/changes/{confirmation}"): ("order", None),
    ("POST", "/orders/{number}/claims"): ("order", {"note": "Llegó rota"}),
    ("GET", "/orders/{number}/invoices"): ("order", None),
    ("POST", "/orders/{number}/payment-link"): ("order", None),
    ("POST", "/orders/{number}/payment-proofs"): ("order", {}),
    ("GET", "/orders/{number}/returnable"): ("order", None),
    ("POST", "/orders/{number}/returns"): ("order", LINES),
    ("POST", "/orders/{number}/returns/quote"): ("order", LINES),
    ("GET", "/invoices/{number}/files/{form}"): ("invoice", None),
    ("POST", "/payment-proofs/{number}/details"): ("proof", {"reference": "x"}),
    ("GET", "/quotes/{number}"): ("quote", None),
    ("POST", "/quotes/{number}/accept"): ("quote", {"confirmation": "c-1"}),
    ("GET", "/returns/{number}"): ("return", None),
    ("POST", "/returns/{number}/cancel"): ("return", {}),
    ("POST", "/returns/{number}/appeal"): ("return", {}),
    ("POST", "/returns/{number}/wish"): ("return", {"wish": "refund"}),
    ("GET", "/returns/{number}/label"): ("return", None),
    ("DELETE", "/customers/me/identities/{identity_id}"): ("identity", None),
    ("POST", "/customers/me/link-codes/{request_id}/confirmation"): ("none", {"code": "123456"}),
    ("POST", "/suggestions/{suggestion_id}/accept"): ("suggestion", None),
    ("POST", "/suggestions/{suggestion_id}/decline"): ("suggestion", None),
}
MISSING = {
    "order": "PED-99999",
    "invoice": "FV-99999",
    "proof": "CPB-99999",
    "return": "RMA-99999",
    "quote": "COT-99999",
}
REST = {"{shortage}": "x", "{confirmation}": "x", "{form}": "pdf"}


@pytest.fixture
def hers(ana: Shopper, delivered: Callable[..., str]) -> dict[str, str]:
    """What is Ana's: an order that arrived, its invoice, a return, a quote, a proof of payment, an identity."""
    number = delivered(ana, (MILK, "2"))
    finance = staff_as("finance") | {"Idempotency-Key": "i"}
    invoice = ana.http.request("POST", f"/staff/shipments/{number}-1-A/invoice", headers=finance).json()["number"]
    word = vouch(Vouched("f-1", ana.id, "a" * 64, "image/jpeg"), KEY, timedelta(hours=1))
    proof = ana.act("POST", f"/orders/{number}/payment-proofs", {"voucher": word}).json()["number"]
    service = bearer(Principal("service", "bot")) | {"Idempotency-Key": "w"}
    body = {"channel": "web", "sender": "ana-on-the-web"}
    ana.http.request("PUT", "/customers/identities", headers=service, json=body)
    found = ana.get("/customers/me/identities").json()
    identity = found[0]["id"] if found else "none"
    rma = asked(ana, number, (MILK, 1))
    quote = QuoteDesk(ana.http).sent(ana.id, (MILK, "1"))["number"]
    return {"order": number, "invoice": invoice, "proof": proof, "return": rma, "quote": quote, "identity": identity}


def ask(who: Shopper, method: str, route: str, id_: str, body: Any) -> httpx.Response:
    """One call, with this id in the route's first place."""
    path, _, rest = route.partition("}")
    path = f"{path.partition('{')[0]}{id_}{rest}"
    for placeholder, value in REST.items():
        path = path.replace(placeholder, value)
    return who.http.request(method, path, headers=who.headers | {"Idempotency-Key": f"{method}:{path}"}, json=body)


# case 84
def test_every_route_of_a_customers_object_is_known(app: FastAPI) -> None:
    routes = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if "{" in path and MATRIX.get((method.upper(), path)) == {CUSTOMER}
    }
    assert routes == set(OF_A_CUSTOMER)


# cases 82, 84
def test_what_is_hers_is_for_another_as_if_it_were_not_there(
    hers: dict[str, str], ana: Shopper, beto: Shopper, record_property: Callable[[str, object], None]
) -> None:
    surprises, probed = [], 0
    own_file = {"voucher": vouch(Vouched("f-2", beto.id, "b" * 64, "image/jpeg"), KEY, timedelta(hours=1))}
    for (method, route), (kind, told) in OF_A_CUSTOMER.items():
        body = own_file if route.endswith("/payment-proofs") else told
        theirs = ask(beto, method, route, hers.get(kind, "none"), body)
        missing = ask(beto, method, route, MISSING.get(kind, "nowhere"), body)
        probed += 1
        if theirs.status_code not in (403, 404, 409) or code_of(theirs) != code_of(missing):
            surprises.append((method, route, code_of(theirs), code_of(missing)))
    record_property("routes_with_a_customers_object", probed)
    print(f"foreign objects: {probed} routes with a customer's id, {len(surprises)} surprises")

    assert surprises == []
    assert ana.get(f"/orders/{hers['order']}").status_code == 200
    assert ana.get(f"/quotes/{hers['quote']}").status_code == 200
    assert ana.get(f"/returns/{hers['return']}").json()["status"] == "requested"
    assert ana.get(f"/invoices/{hers['invoice']}/files/pdf").status_code == 200
