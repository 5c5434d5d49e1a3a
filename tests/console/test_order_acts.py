"""What an agent does with a customer's returns and documents, on the page of the order or beside a conversation."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.client import BackendClient
from backend.events import Event
from backend.schemas.returns import NewReturn, NewReturnLine
from backend.trail import AuditEntry
from console import csrf
from console.app import create_app
from kernel.tokens import Principal, mint
from tests import shop_staff
from tests.console.test_order_page import Pages, _ordered


class Agent:
    """Rosa, who talks with customers, and an order of hers that was delivered and is wanted back."""

    def __init__(self, pages: Pages, number: str, rma: str) -> None:
        self.pages, self.number, self.rma = pages, number, rma

    async def asks(self, method: str, path: str, role: str = "agent", /, **form: str) -> httpx.Response:
        key = self.pages.settings.signing_key()
        member = Principal("staff", "rosa", grants=frozenset({f"role:{role}"}))
        cookies = {"comanda_staff": mint(member, key, timedelta(minutes=1)), csrf.COOKIE: "seed"}
        app = httpx.ASGITransport(create_app(self.pages.settings, self.pages.transport, self.pages.transport))
        data = {"seal": csrf.seal("seed", key), **form} if method == "POST" else None
        async with httpx.AsyncClient(transport=app, base_url="http://console", cookies=cookies) as browser:
            return await browser.request(method, path, data=data, headers={"Accept-Language": "es"})

    async def does(self, what: str, role: str = "agent", /, **form: str) -> httpx.Response:
        return await self.asks("POST", f"/orders/{self.number}/{what}", role, **form)

    def finds(self, table: type[Any], /, **facts: str) -> list[Any]:
        with self.pages.database.read() as session:
            return list(session.scalars(select(table).filter_by(**facts)))


@pytest.fixture
async def agent(demo_shop: Path, tmp_path: Path) -> AsyncIterator[Agent]:
    pages = Pages(tmp_path, demo_shop)
    async with BackendClient("http://oms", pages.token, transport=pages.transport) as oms:
        number = await _ordered(oms, pages.settings)
        await shop_staff.ship(oms, number)
        await shop_staff.deliver(oms, number)
        policy = await oms.return_policy()
        await oms.set_return_policy(policy.model_copy(update={"accept_up_to_minor": 0}), key="by hand")
        line = NewReturnLine(line="HUEVO-AA", quantity=1, reason="not_wanted", note="Compré de más")
        wish = NewReturn(lines=[line], way="store")
        customer = (await oms.staff_order(number)).customer_id
        as_customer = oms.with_token(
            mint(Principal("customer", customer), pages.settings.signing_key(), timedelta(minutes=1))
        )
        rma = await as_customer.request_return(number, wish, key="eggs")
        assert rma.status == "requested"
        yield Agent(pages, number, rma.number)
    pages.database.dispose()


async def test_a_return_is_accepted_once_with_the_agents_rights_and_told(agent: Agent) -> None:
    page = (await agent.asks("GET", f"/orders/{agent.number}")).text
    assert "“Compré de más”" in page
    assert "Aprobar la devolución" in page
    refused = await agent.does("return/accept", "warehouse", act="w", rma=agent.rma)
    assert (refused.status_code, "No tienes permiso" in refused.text) == (403, True)

    first = await agent.does("return/accept", act="a", rma=agent.rma)
    again = await agent.does("return/accept", act="a", rma=agent.rma)
    other = await agent.does("return/accept", act="b", rma=agent.rma)

    assert [each.headers.get("location") for each in (first, again)] == [
        f"/orders/{agent.number}?did=return_accept"
    ] * 2  # fmt: skip
    assert (other.status_code, "Alguien ya respondió esa devolución." in other.text) == (409, True)
    assert len(agent.finds(Event, kind="return.accepted")) == 1
    [entry] = agent.finds(AuditEntry, act="POST /staff/returns/{number}/accept")
    assert (entry.who, entry.subject) == ("staff:rosa", agent.rma)
    after = (await agent.asks("GET", f"/orders/{agent.number}?did=return_accept")).text
    assert "Devolución aprobada; se le avisa al cliente." in after
    assert "Aprobar la devolución" not in after


async def test_a_return_is_refused_only_with_a_reason_that_the_customer_reads(agent: Agent) -> None:
    bare = await agent.does("return/reject", act="a", rma=agent.rma, answer="reject", note=" ")
    assert (bare.status_code, "Escribe por qué: el cliente lo lee." in bare.text) == (422, True)
    assert re.search(rf'id="act-return-reject-{agent.rma}"\s+open', bare.text)
    assert agent.finds(Event, kind="return.rejected") == []

    assert (await agent.does("return/reject", act="b", rma=agent.rma, note="Ya se abrió")).status_code == 303
    [told] = agent.finds(Event, kind="return.rejected")
    assert told.payload["reason"] == "Ya se abrió"


async def test_a_document_is_sent_again_once_however_often_it_is_pressed(agent: Agent) -> None:
    page = (await agent.asks("GET", f"/orders/{agent.number}")).text
    [number] = re.findall(r'name="document" value="([^"]+)"', page)
    for _ in range(2):
        sent = await agent.does("document", act="a", document=number)
        assert sent.headers["location"] == f"/orders/{agent.number}?did=document"

    [told] = agent.finds(Event, kind="invoice.sent")
    assert (told.subject, told.payload["document"]) == (agent.number, number)
    unknown = await agent.does("document", act="b", document="FV-999")
    assert (unknown.status_code, "No encontramos ese documento." in unknown.text) == (404, True)
    assert "Enviar otra vez" not in (await agent.asks("GET", f"/orders/{agent.number}", "warehouse")).text


async def test_what_is_refused_for_a_limit_is_a_sentence_and_shows_in_the_dialog(
    demo_shop: Path,
    tmp_path: Path,
) -> None:
    """htmx shows of a refusal what comes as 409 or 422."""
    pages = Pages(tmp_path, demo_shop)
    seen: list[str] = []

    async def limited(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/accept"):
            seen.append(request.url.path)
            problem = {"code": "refund_limit", "status": 403, "detail": "x", "params": {}}
            return httpx.Response(403, json=problem)
        return await pages.transport.handle_async_request(request)

    async with BackendClient("http://oms", pages.token, transport=pages.transport) as oms:
        number = await _ordered(oms, pages.settings)
    key = pages.settings.signing_key()
    cookies = {"comanda_staff": pages.token, csrf.COOKIE: "seed"}
    app = httpx.ASGITransport(create_app(pages.settings, httpx.MockTransport(limited), pages.transport))
    async with httpx.AsyncClient(transport=app, base_url="http://console", cookies=cookies) as browser:
        form = {"seal": csrf.seal("seed", key), "act": "a", "rma": "RMA-1"}
        headers = {"Accept-Language": "es"}
        whole = await browser.post(f"/orders/{number}/return/accept", data=form, headers=headers)
        part = await browser.post(
            f"/orders/{number}/return/accept", data=form, headers=headers | {"HX-Request": "true"}
        )
    pages.database.dispose()

    assert len(seen) == 2
    assert [each.status_code for each in (whole, part)] == [403, 422]
    for page in (whole, part):
        assert "Pasa de tu límite: lo aprueba otra persona." in page.text
        assert "refund_limit" not in page.text
