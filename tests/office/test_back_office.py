"""The back office: looked at with sqladmin, changed by the verbs that own the tables, for admins alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import inspect, select, text
from starlette.applications import Starlette
from starlette.routing import Mount

import backend.app
import bot.app
from backend.base import Base
from backend.catalog import catalogue_csv, columns, importing
from backend.catalog.models import Variant
from backend.discounts.models import Discount
from backend.staff import service as staff
from backend.staff.models import ROLES
from backend.trail import AuditEntry
from bot.conversations.models import Base as BotBase
from console import csrf
from console.app import CONTENT_SECURITY_POLICY
from console.words import WORDS
from kernel.config import Settings
from kernel.db import Database
from office.app import PATH, LookingOnly, create_app
from office.views import TABLES
from tests.backend.shopper import KEY, MILK, open_market

AT = f"/console{PATH}"
PASSWORD = "cuatro caballos verdes"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Site:
    """The site as a browser meets it, in this process and this thread."""

    def __init__(self, app: Starlette) -> None:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")
        self.cookies = self._client.cookies

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **given))

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


@pytest.fixture
def site(database: Database, database_url: str, tmp_path: Path) -> Iterator[Site]:
    settings = Settings(COMANDA_HOME=tmp_path, DATABASE_URL=database_url, COMANDA_SECRET=KEY)
    oms, chat = backend.app.create_app(settings, database), bot.app.create_app(settings, database)
    api = Starlette(routes=[Mount("/api", oms)])
    office = create_app(settings, database.engine, httpx.ASGITransport(api), httpx.ASGITransport(chat))
    with database.write() as session:
        open_market(session)
        staff.add_member(session, "admin@shop.co", "Ada Min", "admin", PASSWORD)
    site = Site(Starlette(routes=[Mount("/api", oms), Mount(AT, office)]))
    yield site
    site.close()


def sign_in(site: Site, role: str = "admin") -> None:
    body = {"email": f"{role}@shop.co", "password": PASSWORD}
    token = site.post("/api/staff/sessions", json=body).json()["token"]
    site.cookies.clear()
    site.cookies.update({"comanda_staff": token, csrf.COOKIE: "seed"})


def filled(page: str, **changed: str) -> dict[str, str]:
    """The form of a page as a browser would send it, with what a member changed."""
    form = page[page.index('<form class="decide"') : page.index("</form>", page.index('<form class="decide"'))]
    fields = dict(re.findall(r'<input[^>]*?name="(\w+)"[^>]*?value="([^"]*)"', form))
    fields |= dict.fromkeys(re.findall(r'<textarea[^>]*name="(\w+)"', form), "")
    for name, options in re.findall(r'<select id="\w+" name="(\w+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields | {"seal": csrf.seal("seed", KEY)} | changed


def price_of_milk(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(Variant.price_minor).where(Variant.sku == MILK)).one()


def test_a_price_is_changed_by_its_verb_once_and_is_in_the_trail(site: Site, database: Database) -> None:
    sign_in(site)
    address = f"{AT}/variant/edit/{MILK}"
    form = filled(site.get(address).text, price="4.999")

    done = site.post(address, data=form)
    again = site.post(address, data=form)

    assert (done.status_code, done.headers["location"]) == (302, f"{AT}/variant/list?done={MILK}")
    assert again.status_code == 302
    assert price_of_milk(database) == 499_900
    with database.read() as session:
        acts = [entry for entry in session.scalars(select(AuditEntry)) if "catalog" in entry.act]
        told = [(entry.who[:6], entry.role, entry.act, entry.subject) for entry in acts]
        changes = [(change["before"], change["after"]) for entry in acts for change in entry.changes]
    assert told == [("staff:", "admin", "PUT /staff/catalog/variants/{sku}", MILK)]
    assert changes == [({"price_minor": 450_000}, {"price_minor": 499_900})]


def test_what_is_refused_is_said_by_field_and_what_was_typed_stays(site: Site, database: Database) -> None:
    sign_in(site)
    address = f"{AT}/variant/edit/{MILK}"

    refused = site.post(address, data=filled(site.get(address).text, price="gratis", name_es="Leche nueva"))

    assert refused.status_code == 400
    assert "Precio: no es un precio en la moneda de la tienda" in refused.text
    assert 'value="gratis"' in refused.text
    assert 'value="Leche nueva"' in refused.text
    assert price_of_milk(database) == 450_000


def test_a_form_that_is_not_our_own_changes_nothing(site: Site, database: Database) -> None:  # case 92
    sign_in(site)
    address = f"{AT}/variant/edit/{MILK}"
    form = filled(site.get(address).text, price="1")

    for seal in ("", "x" * 64):
        assert site.post(address, data=form | {"seal": seal}).status_code == 403
        assert site.post(f"{AT}/discount/remove/X", data={"seal": seal}).status_code == 403
        assert (
            site.post(f"{AT}/canned/create", data={"seal": seal, "name": "a", "es": "b", "en": "c"}).status_code == 403
        )

    assert price_of_milk(database) == 450_000


def test_only_an_admin_comes_in_and_only_while_signed_in(site: Site, database: Database) -> None:
    addresses = [f"{AT}/", f"{AT}/nothing", *(f"{AT}/{table.identity}/list" for table in TABLES)]
    for address in addresses:
        answer = site.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/console/signin?next={address}")
    with database.write() as session:
        for role in set(ROLES) - {"admin"}:
            staff.add_member(session, f"{role}@shop.co", role, role, PASSWORD)
    for role in ROLES:
        sign_in(site, role)
        codes = {site.get(address).status_code for address in addresses[2:]}
        assert codes == ({200} if role == "admin" else {403}), role

    sign_in(site)
    key = {"Authorization": f"Bearer {site.cookies['comanda_staff']}", "Idempotency-Key": "out"}
    assert site.request("DELETE", "/api/staff/sessions/current", headers=key).status_code == 200
    assert site.get(addresses[2]).status_code == 303


def test_nothing_but_looking_at_and_the_forms_can_be_called(site: Site) -> None:
    sign_in(site)
    for method, path in (
        ("DELETE", "/variant/delete?pks=LECHE-1L"),
        ("POST", "/variant/import"),
        ("GET", "/variant/export/csv"),
        ("GET", "/variant/ajax/lookup"),
        ("GET", "/login"),
        ("GET", "/statics/js/jquery.min.js"),
        ("POST", f"/variant/remove/{MILK}"),
    ):
        assert site.request(method, f"{AT}{path}").status_code in (404, 405), path


def test_every_page_is_ours_alone(site: Site) -> None:
    """The console's own policy, under which sqladmin's scripts and styles would not run: there are none."""
    sign_in(site)
    for table in TABLES:
        for path in ("list", *(["create"] if table.can_create else [])):
            page = site.get(f"{AT}/{table.identity}/{path}")
            assert page.status_code == 200
            assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
            assert page.headers["cache-control"] == "no-store"
            assert not re.search(r'<script(?![^>]*src="/console/static/)|style=|\son\w+=|https?://', page.text), path


def test_what_people_typed_is_text(site: Site, database: Database) -> None:  # case 61
    sign_in(site)
    with database.write() as session:
        session.get_one(Variant, MILK).name_es = '<img src=x onerror=alert(1)>"'

    for path in ("list", f"edit/{MILK}"):
        page = site.get(f"{AT}/variant/{path}").text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def append_only(database: Database) -> set[str]:
    """The tables whose rows a trigger keeps as they are."""
    with database.read() as session:
        triggers = session.execute(text("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    return {table for table, sql in triggers if "BEFORE DELETE" in sql or "BEFORE UPDATE" in sql}


def test_no_table_that_only_grows_can_be_changed_and_no_table_by_sqladmin(database: Database) -> None:
    kept = append_only(database)
    models = {mapper.class_.__tablename__ for base in (Base, BotBase) for mapper in base.registry.mappers}
    assert len(kept) > 20
    assert {
        "oms_posting",
        "oms_journal_entry",
        "oms_stock_move",
        "oms_invoice",
        "bot_message",
        "oms_audit_entry",
    } <= kept
    # What a workflow or a day of the shop writes has no table here at all.
    assert len(models) > 90
    changed = {table.model.__tablename__ for table in TABLES if table.can_create or table.can_edit or table.can_delete}
    assert changed == {
        "bot_canned", "oms_approval_rule", "oms_barcode", "oms_category", "oms_discount", "oms_rate",
        "oms_stock_threshold", "oms_variant", "oms_zone",
    }  # fmt: skip
    assert not changed & kept
    assert not {table.model.__tablename__ for table in TABLES} & kept
    with LookingOnly(database.engine) as session:
        for mapper in [*Base.registry.mappers, *BotBase.registry.mappers]:
            session.add(mapper.class_())
            with pytest.raises(AssertionError, match="writes no row"):
                session.flush()
            session.expunge_all()


def test_a_discount_is_put_up_and_withdrawn(site: Site, database: Database) -> None:
    sign_in(site)
    new = filled(site.get(f"{AT}/discount/create").text, code="PAN5", name_es="5 %", name_en="5%", percent="5")
    assert site.post(f"{AT}/discount/create", data=new | {"kind": "percentage"}).status_code == 302
    page = site.get(f"{AT}/discount/edit/PAN5").text
    form = {"act": "withdraw", "seal": csrf.seal("seed", KEY)}

    assert "PAN5" in page
    assert site.post(f"{AT}/discount/remove/PAN5", data=form).status_code == 303
    with database.read() as session:
        row = session.get_one(Discount, "PAN5")
        assert (str(row.percent), row.withdrawn_at is not None) == ("5", True)


def test_no_password_is_shown(site: Site, database: Database) -> None:
    sign_in(site)
    page = site.get(f"{AT}/staff-member/list").text
    member = re.search(r"/staff-member/details/[^\"]+", page)
    assert member
    for shown in (page, site.get(f"/console{PATH}{member[0]}").text):
        assert "admin@shop.co" in shown
        assert "argon2" not in shown


@pytest.mark.parametrize("language", ["es", "en"])
def test_everything_has_words(database: Database, language: str) -> None:
    words = WORDS[language]
    for table in TABLES:
        assert table.identity in words.table_name
        shown: list[Any] = [*table.column_list, *(field.name for field in table.fields)]
        assert [name for name in shown if name not in words.table_column] == [], table.identity
        assert not table.can_delete or table.identity in words.table_remove_hint
        assert table.can_edit or table.identity in words.table_look_only
        choices = [each for field in table.fields if isinstance(field.choices, tuple) for each in field.choices]
        assert [each for each in choices if each not in words.table_choice and field_is_words(each)] == []
    sources = "".join(Path(str(module.__file__)).read_text() for module in (catalogue_csv, columns, importing))
    codes = set(re.findall(r'(?:CellWrong\("|, ")([a-z_]+)"(?:\)|, )', sources)) & set(
        re.findall(r'(?:CellWrong\(|_refuse\(line, [\w."]+, |Problem\([^")]*(?:"[^"]*")?, )"([a-z_]+)"', sources)
    )
    assert len(codes) > 10
    assert codes <= words.catalogue_problem.keys()


def field_is_words(choice: str) -> bool:
    """Units are called what they are called."""
    return choice not in columns.UNITS


def test_columns_are_those_of_their_tables(database: Database) -> None:
    for table in TABLES:
        known = {attribute.key for attribute in inspect(table.model).mapper.column_attrs}
        assert set(table.column_list) <= known
