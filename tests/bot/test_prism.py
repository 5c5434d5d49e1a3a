"""Everything that goes to Twilio passes Prism, by Twilio's own OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import text

from kernel.db import Database
from tests.bot.line import BUTTON, LIST, NEWS, PUBLIC, TEMPLATES, Line, message
from tests.bot.neighbours import Neighbours
from tests.bot.twilio import ACCOUNT, SPECIFICATION, TOKEN, Twilio
from tests.peers import prism

FORM = "application/x-www-form-urlencoded"
SEVERAL = f"HX{'5' * 32}"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twilio's document, or the excerpt of it that the project carries."""
    whole = prism.specification("twilio_api_v2010.json")
    specified = json.loads(whole.read_text()) if whole else _excerpt()
    form = specified["paths"][SPECIFICATION["path"]]["post"]["requestBody"]["content"][FORM]
    # What OpenAPI has by default, and Prism only where it is written.
    form["encoding"] = {
        name: {"style": "form", "explode": True}
        for name, schema in form["schema"]["properties"].items()
        if schema.get("type") == "array"
    }
    path = tmp_path_factory.mktemp("prism") / "twilio.json"
    path.write_text(json.dumps(specified))
    return path


def _excerpt() -> dict[str, Any]:
    answer = {"201": {"description": "", "content": {"application/json": {"schema": SPECIFICATION["response"]}}}}
    post = {"requestBody": {"content": {FORM: {"schema": SPECIFICATION["request"]}}}, "responses": answer}
    signed = {"securitySchemes": {"account": {"type": "http", "scheme": "basic"}}}
    listing = SPECIFICATION["list"]
    listed = {"200": {"description": "", "content": {"application/json": {"schema": listing["response"]}}}}
    get = {"parameters": listing["parameters"], "responses": listed}
    security = {"security": [{"account": []}]}
    path = {"parameters": SPECIFICATION["parameters"], "post": post | security, "get": get | security}
    return {
        "openapi": "3.0.1",
        "info": {"title": SPECIFICATION["source"], "version": "1"},
        "paths": {SPECIFICATION["path"]: path},
        "components": SPECIFICATION["components"] | signed,
    }


@pytest.fixture(scope="module")
def twilio(document: Path) -> Iterator[Twilio]:
    """The stand-in for Twilio, which is reached through Prism alone."""
    twilio = Twilio()
    with prism.proxy(document, twilio.url) as url:
        twilio.url = url
        yield twilio
    twilio.stop()


@pytest.fixture
def line(
    database: Database, neighbours: Neighbours, twilio: Twilio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Line:
    of_several = f"  several:\n    es: {{sid: {SEVERAL}, variables: [text]}}\nbuttons:"
    monkeypatch.setattr("tests.bot.line.TEMPLATES", TEMPLATES.replace("buttons:", of_several, 1))
    twilio.sent.clear()
    twilio.copies.clear()
    return Line(database, neighbours, twilio, tmp_path)


async def test_every_kind_of_what_is_sent_is_what_twilios_document_allows(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        line.say("¿Seguimos?", "Sí", "No")
        line.say("¿Cuál?", "leche", "pan", "huevos", "queso")
        line.say("¿Cuál de estos?", *(f"producto {number}" for number in range(12)))
        line.say("ñandú, ¿«sí»? " * 300)
        line.say("Tu factura", enclosed=f"{PUBLIC}/f/a/pdf")
        line.send()
        traveller.shift(timedelta(hours=25))
        line.say("Va en camino", notice="order.shipped")
        line.send()
        line.say("Va en camino", notice="shipment.shipped")
        line.say("Tu factura", notice="invoice.issued")
        line.send()

    assert line.outgoing()[-2:] == [("sent", None), ("skipped", "said_by_template")]
    assert {status for status, _reason in line.outgoing()[:-1]} == {"sent"}
    assert [each["ContentSid"] for each in line.twilio.sent if "ContentSid" in each] == [BUTTON, LIST, NEWS, SEVERAL]
    assert [each["MediaUrl"] for each in line.twilio.sent if "MediaUrl" in each] == [[f"{PUBLIC}/f/a/pdf"]]
    assert len(line.twilio.sent) == len(line.outgoing()) - 1 >= 10


# case 17
async def test_what_may_have_arrived_is_looked_for_as_twilios_document_allows(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("Tu pedido salió")
    line.send()
    with line.database.write() as session:
        cut_off = "UPDATE bot_outgoing SET status = 'sending', provider_message_id = NULL WHERE status = 'sent'"
        session.execute(text(cut_off))
    line.send()

    line.look()

    assert [status for status, _reason in line.outgoing()] == ["delivered", "delivered"]
    assert line.twilio.bodies() == ["echo: hola", "Tu pedido salió"]


def test_a_call_that_the_document_does_not_allow_is_refused_before_it_reaches_anyone(twilio: Twilio) -> None:
    url = f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    before = len(twilio.sent)

    statuses = [
        httpx.post(url, data={"Body": "hola"}, auth=(ACCOUNT, TOKEN)).status_code,
        httpx.post(url, data={"To": "whatsapp:+57300", "Body": "hola"}).status_code,
        httpx.post(
            url, data={"To": "x", "StatusCallback": "not an address", "Body": "a"}, auth=(ACCOUNT, TOKEN)
        ).status_code,
    ]

    assert statuses == [422, 401, 422]
    assert len(twilio.sent) == before
