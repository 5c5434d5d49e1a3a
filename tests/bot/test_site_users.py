"""Visitors whom the shop's own site has signed in, and tokens that sign nobody in."""

from __future__ import annotations

import base64
import hmac
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from bot.channels.site_users import SiteUser, SiteUsers
from kernel import tokens
from kernel.config import Settings
from tests.bot.conftest import SITE_KEY, Running
from tests.bot.page import Page

SHOP = "https://chat.example"
OURS = "a key of tests that is long enough to be one"
# What everyone may know.
PUBLIC_KEY = b"-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL\n-----END PUBLIC KEY-----\n"


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"sub": "ana-7", "aud": SHOP, "iat": now, "exp": now + 600} | changed


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in claims().items() if key != name}


def signed(payload: dict[str, Any], key: Any = SITE_KEY, algorithm: str = "HS256", **head: Any) -> str:
    return jwt.encode(payload, key, algorithm=algorithm, headers=head)


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def tampered() -> str:
    head, _, signature = signed(claims()).split(".")
    return f"{head}.{part(json.dumps(claims(sub='beto-8')).encode())}.{signature}"


def by_hand(algorithm: str, key: bytes, digest: str = "sha256") -> str:
    """What the library does not make: any algorithm in the head, an HMAC by any key behind it."""
    said = ".".join(part(json.dumps(each).encode()) for each in ({"alg": algorithm, "typ": "JWT"}, claims()))
    return f"{said}.{part(hmac.digest(key, said.encode(), digest))}"


REFUSED = {
    "no algorithm": lambda: jwt.encode(claims(), None, algorithm="none"),
    "another algorithm of the same key": lambda: by_hand("HS512", SITE_KEY.encode(), "sha512"),
    "an algorithm of two keys": lambda: by_hand("RS256", SITE_KEY.encode()),
    "a public key taken for the secret": lambda: by_hand("HS256", PUBLIC_KEY),
    "another key": lambda: signed(claims(), "a key that someone else signs with, and long"),
    "our own key": lambda: signed(claims(), OURS),
    "a key by its path": lambda: signed(claims(), "\0" * 32, kid="../../../dev/null"),
    "a key that it brings along": lambda: signed(claims(), "k" * 32, jwk={"kty": "oct", "k": "a2tr"}),
    "changed on the way": tampered,
    "expired": lambda: signed(claims(iat=int(time.time()) - 601, exp=int(time.time()) - 1)),
    "for another shop": lambda: signed(claims(aud="https://other.example")),
    "for nobody": lambda: signed(without("aud")),
    "without an end": lambda: signed(without("exp")),
    "without a beginning": lambda: signed(without("iat")),
    "of nobody": lambda: signed(without("sub")),
    "of a blank": lambda: signed(claims(sub="  ")),
    "longer than an hour": lambda: signed(claims(exp=int(time.time()) + 3_700)),
    "from tomorrow": lambda: signed(claims(iat=int(time.time()) + 86_400, exp=int(time.time()) + 86_500)),
    "ours for the OMS": lambda: tokens.mint(tokens.Principal("customer", "ana-7"), SITE_KEY, timedelta(minutes=5)),
    "no token at all": lambda: "hola",
}


@pytest.fixture
def users(tmp_path: Path) -> SiteUsers:
    given = {"COMANDA_SECRET": OURS, "COMANDA_HOME": tmp_path, "PUBLIC_URL": SHOP, "COMANDA_SITE_KEY": SITE_KEY}
    return SiteUsers(Settings.model_validate(given))


def test_a_good_token_names_its_user_and_what_the_site_has_proven(users: SiteUsers) -> None:
    proven = {"email": "ana@ejemplo.co", "email_verified": True, "phone_number": "+573001112233"}

    assert users.read(signed(claims(name="Ana", **proven))) == SiteUser("ana-7", "Ana", "ana@ejemplo.co", None)
    assert users.read(signed(claims(email="ana@ejemplo.co", email_verified="true"))) == SiteUser("ana-7")


# case 90
@pytest.mark.parametrize("name", REFUSED)
def test_a_token_that_is_not_good_signs_nobody_in(users: SiteUsers, name: str) -> None:
    assert users.read(signed(claims())) == SiteUser("ana-7")

    assert users.read(REFUSED[name]()) is None


def test_without_a_key_nobody_is_signed_in(tmp_path: Path) -> None:
    given = {"COMANDA_SECRET": OURS, "COMANDA_HOME": tmp_path, "PUBLIC_URL": SHOP}

    assert SiteUsers(Settings.model_validate(given)).read(by_hand("HS256", b"")) is None


# case 86
def test_a_session_is_of_its_user_and_nobody_makes_one(users: SiteUsers) -> None:
    ana = SiteUser("ana-7")
    session = users.session_of(ana)

    assert users.sender_of(session) == ana.sender
    assert users.sender_of(f"site.{signed(claims())}") is None
    assert users.sender_of(f"site.{signed(claims(aud='comanda-web-chat'))}") is None
    # The name of a signed-in sender is no token for it.
    assert users.sender_of(ana.sender) is None


def _sign_in(bot: Running, subject: str, token: str | None = None, **more: Any) -> Page:
    page = Page(bot.url, user=signed(claims(sub=subject, aud=bot.settings.public_url, **more)))
    page.token = token
    bot.pages.append(page)
    return page.open()


def test_a_user_of_the_site_has_one_conversation_in_every_browser(bot: Running) -> None:
    ana = _sign_in(bot, "ana-1", name="Ana")
    ana.say("desde el computador")
    ana.until_replies(1)

    phone = _sign_in(bot, "ana-1")

    assert phone.welcome["is_signed_in"] is True
    assert [each["text"] for each in phone.welcome["messages"]] == ["desde el computador", "echo: desde el computador"]
    assert phone.conversation_id == ana.conversation_id
    told = [each for each in bot.neighbours.signed_in if each["site_id"] == "ana-1"]
    assert told[0] == {
        "channel": "web",
        "external_id": SiteUser("ana-1").sender,
        "site_id": "ana-1",
        "name": "Ana",
    }


# case 86
def test_who_signs_in_later_in_the_same_browser_sees_nothing_of_who_was_there(bot: Running) -> None:
    nobody = bot.page()
    nobody.say("sin nombre")
    nobody.until_replies(1)
    ana = _sign_in(bot, "ana-2", nobody.token)
    beto = _sign_in(bot, "beto-2", ana.token)

    assert len({nobody.conversation_id, ana.conversation_id, beto.conversation_id}) == 3
    assert ana.welcome["messages"] == beto.welcome["messages"] == []
    # The token from before she signed in opens nothing of hers.
    assert bot.page_of(nobody.token).conversation_id == nobody.conversation_id


def test_a_socket_that_is_opened_again_goes_on_without_the_sites_token(bot: Running) -> None:
    ana = _sign_in(bot, "ana-3")
    ana.drop()
    ana.user = signed(claims(sub="ana-3", iat=int(time.time()) - 601, exp=int(time.time()) - 1))

    again = ana.conversation_id
    ana.open()

    assert (ana.conversation_id, ana.welcome["is_signed_in"]) == (again, False)


def test_a_token_that_is_not_good_leaves_the_visitor_without_a_name(bot: Running) -> None:
    page = Page(bot.url, user=signed(claims(aud="https://other.example")))
    bot.pages.append(page)
    page.open()

    assert page.welcome["is_signed_in"] is False
    assert page.token is not None
    assert not page.token.startswith("site.")
