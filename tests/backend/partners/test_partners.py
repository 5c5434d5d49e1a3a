"""Partners as staff see them: taken in, changed, given tokens that can be revoked, and what they supply."""

import pytest

from kernel.tokens import Principal
from tests.backend.partnering import PartnerSystem, add_partner
from tests.backend.shopper import BREAD, bearer, code_of

ABRIL = {
    "code": "abril",
    "name": "Repostería Abril",
    "kind": "assembler",
    "email": "pedidos@abril.example",
    "language": "es",
    "lead_days": 2,
    "is_active": True,
}


@pytest.fixture
def act(http, staff, market):
    keys = iter(range(100))

    def send(method, path, body=None):
        headers = staff | {"Idempotency-Key": f"act:{next(keys)}"}
        return http.request(method, f"/staff/partners{path}", json=body, headers=headers)

    return send


def test_a_partner_is_taken_in_once_and_changed(act, http, staff):
    facts = {key: value for key, value in ABRIL.items() if key != "code"}

    assert act("POST", "", ABRIL).json() == ABRIL
    assert code_of(act("POST", "", ABRIL)) == (409, "partner_taken")
    assert act("PUT", "/abril", facts | {"lead_days": 5}).json() == ABRIL | {"lead_days": 5}
    assert code_of(act("PUT", "/nobody", facts)) == (404, "partner_not_found")
    assert http.request("GET", "/staff/partners", headers=staff).json() == [ABRIL | {"lead_days": 5}]


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "friend"}, {"email": "nobody"}, {"lead_days": -1}, {"code": "Abril S.A."}, {"language": "fr"}, {"x": 1}],
)
def test_what_is_no_partner_is_refused(act, http, staff, wrong):
    assert code_of(act("POST", "", ABRIL | wrong)) == (422, "invalid_request")
    assert http.request("GET", "/staff/partners", headers=staff).json() == []


def test_a_variant_has_one_supplier(act, database):
    add_partner(database, "abril", BREAD)
    add_partner(database, "bruno")

    taken = act("PUT", f"/bruno/supplies/{BREAD}", {"cost_minor": 1})
    dearer = act("PUT", f"/abril/supplies/{BREAD}", {"cost_minor": 350_000})

    assert code_of(taken) == (409, "supply_taken")
    assert dearer.json() == {
        "sku": BREAD, "partner": "abril", "cost": {"amount_minor": 350_000, "currency": "COP"},
    }  # fmt: skip
    assert code_of(act("PUT", "/abril/supplies/NADA", {"cost_minor": 1})) == (404, "unknown_sku")
    assert code_of(act("DELETE", f"/bruno/supplies/{BREAD}")) == (404, "supply_not_found")
    assert act("DELETE", f"/abril/supplies/{BREAD}").status_code == 200
    assert act("PUT", f"/bruno/supplies/{BREAD}", {"cost_minor": 1}).status_code == 200


def test_a_revoked_token_speaks_for_nobody(act, http, database):
    add_partner(database, "abril")
    old = {"Authorization": f"Bearer {act('POST', '/abril/tokens', {}).json()['token']}"}
    assert http.request("GET", "/partner/purchase-orders", headers=old).json() == []

    act("DELETE", "/abril/tokens")
    new = {"Authorization": f"Bearer {act('POST', '/abril/tokens', {'days': 1}).json()['token']}"}

    assert code_of(http.request("GET", "/partner/purchase-orders", headers=old)) == (401, "token_refused")
    assert http.request("GET", "/partner/purchase-orders", headers=new).status_code == 200


@pytest.mark.parametrize("grants", [(), ("version:0",), ("version:2",)])
def test_a_token_of_another_version_or_of_no_partner_is_refused(http, database, market, grants):
    add_partner(database, "abril")

    for code in ("abril", "nobody"):
        headers = bearer(Principal("partner", code, grants=frozenset(grants)))
        assert code_of(http.request("GET", "/partner/purchase-orders", headers=headers)) == (401, "token_refused")
    assert PartnerSystem(http, "abril").get().status_code == 200
