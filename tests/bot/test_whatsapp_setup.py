"""What `comanda doctor` says of a shop's WhatsApp: its credentials, sender and templates, as Twilio has them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Health
from bot.channels.pushed import open_channels
from kernel.config import Settings
from tests.bot.line import BUTTON, CODES, LIST, NEWS, PUBLIC
from tests.bot.twilio import ACCOUNT, TOKEN, Twilio

NUMBER, HOOK = "+573001112200", f"{PUBLIC}/channels/whatsapp"
SEVERAL, AGENTS = f"HX{'5' * 32}", f"HX{'6' * 32}"
FILE = f"""
notices:
  any:
    es: {{sid: {NEWS}, variables: [number, text]}}
  several:
    es: {{sid: {SEVERAL}, variables: [text]}}
  identity.code_asked:
    es: {{sid: {CODES}, variables: [code]}}
agents:
  we_are_back:
    es: {{sid: {AGENTS}, variables: [name], text: "Hola {{name}}, ya tenemos tu respuesta. ¿Seguimos?"}}
buttons: {{2: {BUTTON}}}
lists: {{4: {LIST}}}
"""
APPROVED = {"status": "approved", "category": "UTILITY", "rejection_reason": ""}
LACKING = "news after 24 hours (en), several notices at once (en), one-time codes (en)"


def content(sid: str, types: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A template as Twilio lists it."""
    known = {"sid": sid, "account_sid": ACCOUNT, "language": "es", "variables": {}, "types": types}
    return known | {"friendly_name": sid, "approval_requests": APPROVED} | more


def contents() -> list[dict[str, Any]]:
    """What FILE names, as it should be."""
    places = [f"{{{{{at}}}}}" for at in range(1, 14)]
    actions = [{"title": places[1], "id": places[2]}, {"title": places[3], "id": places[4]}]
    items = [{"item": places[at], "id": places[at + 1], "description": places[at + 2]} for at in range(1, 13, 3)]
    return [
        content(NEWS, {"twilio/text": {"body": "Hay novedades de tu pedido {{1}}: {{2}} Responde para seguir."}}),
        content(SEVERAL, {"twilio/text": {"body": "Hay novedades de tus compras: {{1}} Responde para seguir."}}),
        content(CODES, {"whatsapp/authentication": {"code_expiration_minutes": 10}}, language="es_MX"),
        content(AGENTS, {"twilio/text": {"body": "Hola {{1}}, ya tenemos tu respuesta. ¿Seguimos?"}}),
        content(BUTTON, {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}, approval_requests={}),
        content(LIST, {"twilio/list-picker": {"body": "{{1}}", "items": items}}, approval_requests=None),
    ]


def sender(**webhook: Any) -> dict[str, Any]:
    known = {"callback_url": HOOK, "callback_method": "POST", "fallback_url": HOOK, "status_callback_url": ""}
    return {"sid": f"XE{'a' * 32}", "sender_id": f"whatsapp:{NUMBER}", "status": "ONLINE", "webhook": known | webhook}


@pytest.fixture
def set_up(twilio: Twilio) -> Twilio:
    """Of a shop that set up everything."""
    twilio.contents, twilio.senders = contents(), [sender()]
    return twilio


def health(twilio: Twilio, home: Path, file: str = FILE, **settings: Any) -> Health:
    (home / "templates.yml").write_text(file)
    given = {"COMANDA_HOME": home, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}
    given |= {"TWILIO_WHATSAPP_FROM": NUMBER, "TWILIO_API_BASE": twilio.url, "PUBLIC_URL": PUBLIC}
    given |= {"COMANDA_WHATSAPP_TEMPLATES": home / "templates.yml"} | settings
    return open_channels(Settings.model_validate(given))["whatsapp"].health()


def test_what_is_set_up_is_well_and_what_has_no_template_is_told(set_up: Twilio, tmp_path: Path) -> None:
    found = health(set_up, tmp_path)

    assert found == Health(True, f"{NUMBER} of an active account; no template for {LACKING}")


def test_a_shop_with_every_template_in_both_languages_lacks_none(set_up: Twilio, tmp_path: Path) -> None:
    english = {sid: f"HX{digit * 32}" for sid, digit in zip((NEWS, SEVERAL, CODES), "abc", strict=True)}
    set_up.contents += [
        content(english[each["sid"]], each["types"], language="en_US") for each in contents() if each["sid"] in english
    ]
    both = ""
    for line in FILE.splitlines(keepends=True):
        both += line
        for sid, other in english.items():
            both += line.replace("    es:", "    en:").replace(sid, other) if sid in line else ""

    assert health(set_up, tmp_path, both) == Health(True, f"{NUMBER} of an active account")


def test_wrong_credentials_and_an_address_that_twilio_cannot_reach_are_told(set_up: Twilio, tmp_path: Path) -> None:
    wrong = health(set_up, tmp_path, TWILIO_AUTH_TOKEN="wrong")
    local = health(set_up, tmp_path, PUBLIC_URL="http://127.0.0.1:8080")

    assert (wrong.is_well, wrong.says) == (False, "Twilio refuses the account's credentials (20003)")
    assert (local.is_well, local.remedy) == (False, "Twilio posts to https only: set PUBLIC_URL")


@pytest.mark.parametrize(
    ("webhook", "says"),
    [
        ({"callback_url": ""}, "what customers write is posted to nowhere"),
        ({"callback_url": None}, "what customers write is posted to nowhere"),
        ({"callback_url": "https://old.example/x"}, "what customers write is posted to https://old.example/x"),
        ({"callback_method": "GET"}, "what customers write comes by GET and not by POST"),
        ({"fallback_url": None}, "the fallback URL is not set"),
        ({"fallback_url": "https://old.example/x"}, "the fallback URL is https://old.example/x"),
    ],
)
def test_where_twilio_posts_what_customers_write_is_looked_at(
    set_up: Twilio, tmp_path: Path, webhook: dict[str, Any], says: str
) -> None:
    set_up.senders = [sender(**webhook)]
    found = health(set_up, tmp_path)

    assert (found.is_well, found.says) == (False, says)
    assert found.remedy == "correct it in Twilio's console; docs/channels.md has each step"


def test_a_number_that_is_no_sender_or_is_off_is_told(set_up: Twilio, tmp_path: Path) -> None:
    set_up.senders = [sender() | {"status": "OFFLINE"}]
    assert health(set_up, tmp_path).says == f"the sender {NUMBER} is OFFLINE"
    set_up.senders = [sender() | {"sender_id": "whatsapp:+573009999999"}]
    assert health(set_up, tmp_path).says == f"Twilio has no WhatsApp sender {NUMBER}"
    # The number with which everyone may try is nobody's.
    assert health(set_up, tmp_path, TWILIO_WHATSAPP_FROM="+14155238886").is_well is True


NEVER: dict[str, str] = {}
PENDING = {"status": "pending"}
REJECTED = {"status": "rejected", "rejection_reason": "INVALID_FORMAT"}
BODY = {"twilio/text": {"body": "Hay novedades: {{1}} Responde para seguir."}}


@pytest.mark.parametrize(
    ("sid", "change", "says"),
    [
        (NEWS, {"approval_requests": PENDING}, "any (es): WhatsApp has not approved it: pending"),
        (NEWS, {"approval_requests": REJECTED}, "any (es): WhatsApp has not approved it: rejected (INVALID_FORMAT)"),
        (SEVERAL, {"approval_requests": NEVER}, "several (es): WhatsApp has not approved it: not handed in"),
        (NEWS, {"types": BODY}, "any (es): it has 1 variables, and 2 are named for it"),
        (SEVERAL, {"language": "en"}, "several (es): its language is en"),
        (CODES, {"types": BODY}, "identity.code_asked (es): it is no whatsapp/authentication"),
        (AGENTS, {"approval_requests": PENDING}, "we_are_back (es): WhatsApp has not approved it: pending"),
        (BUTTON, {"types": BODY}, "buttons (2): it is no twilio/quick-reply"),
        (LIST, {"types": {"twilio/list-picker": BODY}}, "lists (4): it has 1 variables, and needs 13"),
        (NEWS, {"sid": "HXother"}, f"any (es): Twilio has no {NEWS}"),
        (LIST, {"sid": "HXother"}, f"lists (4): Twilio has no {LIST}"),
    ],
)
def test_a_template_with_which_nothing_would_leave_is_told(
    set_up: Twilio, tmp_path: Path, sid: str, change: dict[str, Any], says: str
) -> None:
    set_up.contents = [each | (change if each["sid"] == sid else {}) for each in contents()]

    assert (health(set_up, tmp_path).is_well, health(set_up, tmp_path).says) == (False, says)


def test_all_that_is_wrong_is_told_at_once(set_up: Twilio, tmp_path: Path) -> None:
    set_up.senders, set_up.contents = [sender(fallback_url="")], contents()[1:]

    assert health(set_up, tmp_path).says == f"the fallback URL is not set; any (es): Twilio has no {NEWS}"


def test_what_twilio_does_not_list_is_said_to_be_unseen_and_not_wrong(set_up: Twilio, tmp_path: Path) -> None:
    set_up.is_listing = False

    says = f"{NUMBER} of an active account, whose senders and templates cannot be looked at: TwilioException"
    assert health(set_up, tmp_path) == Health(True, says)


def test_the_texts_that_docs_channels_has_to_hand_in_are_such_as_whatsapp_takes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w[\w.]*)` \| `\[(.+)\]` \| (.+) \| (.+) \|$", page, re.MULTILINE)

    assert [row[0] for row in rows] == ["any", "several", "shipment.shipped", "agents"]
    for _, variables, *texts in rows:
        for text in texts:
            places = re.findall(r"\{\{(\d)\}\}", text)
            assert places == [str(at) for at, _ in enumerate(variables.split(", "), 1)]
            # Neither at an end nor side by side.
            assert all(re.search(r"\w", between) for between in re.split(r"\{\{\d\}\}", text)), text
