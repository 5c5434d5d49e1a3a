"""A person accepts the privacy policy once for each version, on whatever channel, and the proof of it is kept."""

import pytest
from sqlalchemy.exc import DBAPIError

from backend.consents.models import Consent
from backend.consents.policy import read
from backend.customers.identities import join
from kernel.tokens import Principal
from tests.backend.shopper import bearer, code_of, staff_as

BOT = bearer(Principal("service", "bot"))
SHOWN = "Al seguir, aceptas nuestra política de datos: https://tienda.example/privacy"
ACCEPTED = {"version": "1", "channel": "whatsapp", "wording": SHOWN, "evidence": "message-2"}


@pytest.fixture
def accept(http):
    def accept(customer_id, key="a", **changed):
        headers = BOT | {"Idempotency-Key": key}
        return http.request("PUT", f"/customers/{customer_id}/privacy-policy", json=ACCEPTED | changed, headers=headers)

    return accept


@pytest.fixture
def standing(http):
    def ask(customer_id):
        return http.request("GET", f"/customers/{customer_id}/privacy-policy", headers=BOT).json()

    return ask


def test_the_policy_is_the_shops_in_both_languages(http, market):
    policy = http.request("GET", "/privacy-policy").json()

    assert policy["version"] == "1"
    assert policy["text"]["es"].startswith("El Parque (Calle 1 # 2-3, +57 1) es responsable")
    assert policy["text"]["en"].startswith("El Parque (Calle 1 # 2-3, +57 1) is responsible")
    assert not {"{shop}", "{address}", "{phone}"} & set(policy["text"]["es"].split())


def test_who_accepted_it_is_asked_once_and_the_proof_is_kept(ana, http, accept, standing, count_rows):  # case 112
    assert standing(ana.id) == {"version": "1", "is_accepted": False}
    assert accept(ana.id).json() == {"version": "1", "is_accepted": True}
    assert accept(ana.id, key="b", channel="web").json() == {"version": "1", "is_accepted": True}

    assert standing(ana.id) == {"version": "1", "is_accepted": True}
    assert count_rows(Consent) == 1
    (proof,) = http.request("GET", f"/staff/customers/{ana.id}/consents", headers=staff_as("agent")).json()
    assert {name: proof[name] for name in ACCEPTED} == ACCEPTED
    assert (proof["kind"], proof["is_given"], proof["given_at"][:2]) == ("privacy", True, "20")


def test_a_new_version_is_asked_for_again(ana, accept, standing, settings, tmp_path):
    accept(ana.id)
    settings.privacy_policy = tmp_path / "ours.yml"
    settings.privacy_policy.write_text("version: '2'\nes: Lo nuestro.\nen: Ours.\n")

    assert standing(ana.id) == {"version": "2", "is_accepted": False}
    assert code_of(accept(ana.id, key="b")) == (409, "policy_changed")
    assert accept(ana.id, key="c", version="2").json() == {"version": "2", "is_accepted": True}


def test_nobody_unknown_accepts_anything(market, accept, count_rows):
    assert code_of(accept("nobody")) == (404, "customer_not_found")
    assert count_rows(Consent) == 0


def test_one_person_accepts_it_once_on_all_their_channels(ana, beto, accept, standing, database):
    accept(beto.id)
    with database.write() as session:
        person = join(session, ana.id, beto.id, "link", "test")

    assert standing(person.person_id)["is_accepted"]


def test_a_proof_is_never_changed(ana, accept, database):
    accept(ana.id)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.query(Consent).delete()


@pytest.mark.parametrize(
    "content", ["", "version: ''\nes: a\nen: b", "version: 1\nes: a", "[", "version: x\nes:\nen: b"]
)
def test_a_policy_that_lacks_something_is_refused_with_what_it_lacks(tmp_path, content):
    path = tmp_path / "policy.yml"
    path.write_text(content)
    with pytest.raises(ValueError, match="COMANDA_PRIVACY_POLICY"):
        read(path)


def test_what_is_said_of_advertising_is_kept_with_its_proof_and_apart_from_the_policy(
    ana, http, count_rows
):  # case 112
    talking = bearer(Principal("customer", ana.id, conversation_id="c-1", message_id="m-7"))
    ana.act("PUT", "/customers/me/preferences", {"order_updates": False})
    assert count_rows(Consent) == 0
    for key, wanted in (("a", True), ("b", True), ("c", False)):
        headers = talking | {"Idempotency-Key": key}
        answer = http.request("PUT", "/customers/me/preferences", json={"marketing": wanted}, headers=headers)
        assert answer.json()["marketing"] == wanted

    proofs = http.request("GET", f"/staff/customers/{ana.id}/consents", headers=staff_as("agent")).json()
    assert [
        (each["kind"], each["is_given"], each["version"], each["channel"], each["evidence"]) for each in proofs
    ] == [
        ("marketing", True, None, "chat", "m-7"),
        ("marketing", False, None, "chat", "m-7"),
    ]
