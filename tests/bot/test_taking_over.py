"""People take conversations over and give them back: one of them at a time, each act once, all of it written down."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.contacts import service as contacts
from bot.conversations import service
from bot.conversations.service import Button
from kernel import clock
from kernel.db import Database
from kernel.errors import ComandaError
from tests.bot.desk_of import Shop, refusal, token_of
from tests.bot.twilio import ACCOUNT, TOKEN


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, tmp_path)


async def test_an_agent_takes_over_answers_and_gives_back(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens("quiero hablar con alguien")
    [waiting], _, _ = await rosa.conversations(owner="queued")
    assert (waiting.id, waiting.handoff_reason, waiting.agent_name) == (conversation_id, "requested", None)
    assert waiting.asked_at is not None

    taken = await rosa.claim(conversation_id, waiting.version, key="1")
    assert (taken.owner, taken.agent_id, taken.agent_name) == ("agent", "id-of-rosa", "Rosa")
    assert (taken.version, taken.handoff_reason) == (waiting.version + 1, "requested")

    said = await rosa.say(conversation_id, "  Hola, soy Rosa. ", key="2")
    assert (said.author, said.agent_name, said.text, said.seq) == ("agent", "Rosa", "Hola, soy Rosa.", 2)

    back = await rosa.release(conversation_id, seen_seq=2, key="3")
    assert (back.owner, back.agent_name, back.handoff_reason) == ("assistant", None, None)
    assert shop.rows("SELECT reason, ending, agent_name FROM bot_handoff") == [("requested", "returned", "Rosa")]


async def test_an_agent_may_step_in_unasked(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens(owner="assistant")

    taken = await rosa.claim(conversation_id, 1, key="1")

    assert (taken.owner, taken.handoff_reason) == ("agent", "stepped_in")


async def test_what_the_assistant_offered_ends_then_and_what_is_offered_since_stays_for_the_next_one(
    shop: Shop,
) -> None:
    rosa, luis, conversation_id = shop.agent("rosa"), shop.agent("luis"), shop.opens()
    await luis.be_there()

    def offer(title: str) -> None:
        with shop.database.write() as session:
            conversation = service.lock(session, conversation_id)
            service.append(session, conversation, "assistant", "¿Qué prefieres?", buttons=[Button(title, "/affirm")])

    offer("Seguir con el asistente")
    taken = await rosa.claim(conversation_id, 2, key="1")

    assert shop.rows("SELECT title FROM bot_choice WHERE ended_at IS NULL") == []
    offer("Acepto la cotización")
    await rosa.transfer(conversation_id, taken.version, agent_id="id-of-luis", key="2")

    assert shop.rows("SELECT title FROM bot_choice WHERE ended_at IS NULL") == [("Acepto la cotización",)]


async def test_whether_a_link_was_theirs_can_be_said_after_a_person_came(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    with shop.database.write() as session:
        conversation = service.lock(session, conversation_id)
        buttons = [Button("Sí, fui yo", f"{service.LINK}token"), Button("No fui yo", service.LINK)]
        service.append(session, conversation, "assistant", "¿Fuiste tú?", buttons=buttons)

    await rosa.claim(conversation_id, 2, key="1")

    open_ = "SELECT title FROM bot_choice WHERE ended_at IS NULL ORDER BY position"
    assert shop.rows(open_) == [("Sí, fui yo",), ("No fui yo",)]


# case 45
async def test_of_two_agents_who_claim_one_conversation_one_is_told_who_has_it(shop: Shop) -> None:
    rosa, luis, conversation_id = shop.agent("rosa"), shop.agent("luis"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")

    told = {"owner": "agent", "version": 3, "agent": "Rosa"}
    assert await refusal(luis.claim(conversation_id, 2, key="1")) == ("conversation_taken", 409, told)
    assert await refusal(luis.claim(conversation_id, 3, key="2")) == ("conversation_taken", 409, told)
    assert shop.rows("SELECT staff_name, what FROM bot_act") == [("Rosa", "claim")]


# case 45
async def test_of_twenty_who_claim_at_once_one_has_it(shop: Shop) -> None:
    conversation_id = shop.opens()
    names = [f"agent{n}" for n in range(20)]

    async def claim(name: str) -> str:
        try:
            return (await shop.agent(name).claim(conversation_id, 2, key="1")).agent_name or ""
        except ComandaError as refused:
            return refused.code

    outcomes = await asyncio.gather(*(claim(name) for name in names))

    assert sorted(set(outcomes) - {"conversation_taken"}) == [shop.rows("SELECT agent_name FROM bot_handoff")[0][0]]
    assert outcomes.count("conversation_taken") == 19
    print("of 20 who claim at once: 1 owner, 19 told whose it is")


async def test_a_conversation_that_changed_since_it_was_seen_is_not_taken(shop: Shop) -> None:
    rosa, luis, conversation_id = shop.agent("rosa"), shop.agent("luis"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")
    await rosa.release(conversation_id, seen_seq=1, key="2")

    told = {"owner": "assistant", "version": 4, "agent": None}
    assert await refusal(luis.claim(conversation_id, 2, key="1")) == ("conversation_taken", 409, told)


@pytest.mark.parametrize("owner", ["queued", "assistant", "closed"])
async def test_who_has_not_taken_it_over_says_nothing(shop: Shop, owner: str) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens(owner=owner)  # type: ignore[arg-type]

    told = {"owner": owner, "version": 1 if owner == "assistant" else 2, "agent": None}
    for asked in (rosa.say(conversation_id, "hola", key="1"), rosa.release(conversation_id, 1, key="2")):
        assert await refusal(asked) == ("conversation_not_yours", 409, told)
    if owner != "assistant":
        assert (await refusal(rosa.close_conversation(conversation_id, 1, key="3")))[0] == "conversation_not_yours"
    assert shop.rows("SELECT count(*) FROM bot_message") == [(1,)]
    assert shop.rows("SELECT count(*) FROM bot_act") == [(0,)]


# case 30
async def test_send_pressed_twice_makes_one_message(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")

    sent = await asyncio.gather(*(rosa.say(conversation_id, "Hola", key="2") for _ in range(5)))

    assert len({message.id for message in sent}) == 1
    assert shop.rows("SELECT text FROM bot_message WHERE author = 'agent'") == [("Hola",)]
    print("sent 5 times with one key: 1 copy")


async def test_the_same_key_for_something_else_is_refused(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    other = shop.opens(sender="other")
    await rosa.claim(conversation_id, 2, key="1")

    assert (await refusal(rosa.claim(other, 2, key="1")))[0] == "idempotency_conflict"
    assert shop.rows("SELECT count(*) FROM bot_act") == [(1,)]


async def test_what_the_customer_wrote_last_is_read_before_an_agent_leaves(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")
    shop.hears(conversation_id, "una cosa más")

    for leave in (rosa.release, rosa.close_conversation):
        assert await refusal(leave(conversation_id, 1, key="2")) == ("message_unseen", 409, {"last_seq": 2})
    assert (await rosa.close_conversation(conversation_id, 2, key="3")).owner == "closed"


async def test_the_next_message_opens_a_closed_conversation_again_for_the_assistant(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")
    await rosa.close_conversation(conversation_id, 1, key="2")

    shop.hears(conversation_id, "otra pregunta")

    assert (await rosa.conversation(conversation_id)).owner == "assistant"
    assert shop.rows("SELECT count(*) FROM bot_conversation") == [(1,)]


@pytest.mark.parametrize("role", ["agent", "sales", "admin"])
async def test_who_talks_with_customers_may_take_over(shop: Shop, role: str) -> None:
    conversation_id = shop.opens()
    assert (await shop.agent("rosa", role).claim(conversation_id, 2, key="1")).owner == "agent"


# case 84, case 93
@pytest.mark.parametrize("role", ["warehouse", "finance", "nothing"])
async def test_everyone_else_may_look_and_not_act(shop: Shop, role: str) -> None:
    hugo, conversation_id = shop.agent("hugo", role), shop.opens()

    assert (await hugo.conversation(conversation_id)).owner == "queued"
    for asked in (
        hugo.claim(conversation_id, 2, key="1"),
        hugo.say(conversation_id, "hola", key="2"),
        hugo.release(conversation_id, 1, key="3"),
        hugo.close_conversation(conversation_id, 1, key="4"),
    ):
        assert (await refusal(asked))[:2] == ("wrong_role", 403)
    assert shop.rows("SELECT count(*) FROM bot_act") == [(0,)]


@pytest.mark.parametrize(
    ("body", "headers", "code", "status"),
    [
        ({"version": 2}, {}, "idempotency_key_required", 422),
        ({"version": 2}, {"Idempotency-Key": "two words"}, "idempotency_key_invalid", 422),
        ({"version": "soon"}, {"Idempotency-Key": "1"}, "request_invalid", 422),
        ({}, {"Idempotency-Key": "1"}, "request_invalid", 422),
    ],
)
async def test_an_act_needs_a_name_and_its_facts(
    shop: Shop, body: dict[str, object], headers: dict[str, str], code: str, status: int
) -> None:
    conversation_id = shop.opens()
    async with httpx.AsyncClient(transport=shop.transport, base_url="http://bot") as http:
        bearer = {"Authorization": f"Bearer {token_of('rosa', 'agent')}"}
        answer = await http.post(f"/bot/api/conversations/{conversation_id}/claim", json=body, headers=bearer | headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nothing_can_be_done_to_a_conversation_that_is_not_there(shop: Shop) -> None:
    assert (await refusal(shop.agent("rosa").claim("no-such", 1, key="1")))[:2] == ("conversation_not_found", 404)


async def test_a_message_says_something_and_never_a_card_number(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")

    assert (await refusal(rosa.say(conversation_id, " \n", key="2")))[0] == "message_empty"
    said = await rosa.say(conversation_id, "¿es la 4111 1111 1111 1111?", key="3")
    assert "4111" not in said.text


STANDING = ("owner", "version", "agent")


def _read(kept: Any) -> dict[str, Any]:
    """JSON as either database gives it out."""
    return dict(kept if isinstance(kept, dict) else json.loads(kept))


# case 92
async def test_every_act_is_written_down_with_how_things_stood(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")
    await rosa.say(conversation_id, "una palabra secreta", key="2")
    await rosa.close_conversation(conversation_id, 2, key="3")

    acts = shop.rows("SELECT what, staff_id, before, after FROM bot_act ORDER BY at, id")
    stood = [
        (what, who, *({name: _read(each)[name] for name in STANDING} for each in (before, after)))
        for what, who, before, after in acts
    ]
    waiting = {"owner": "queued", "version": 2, "agent": None}
    held = {"owner": "agent", "version": 3, "agent": "Rosa"}
    assert stood == [
        ("claim", "id-of-rosa", waiting, held),
        ("say", "id-of-rosa", held, held),
        ("close", "id-of-rosa", held, {"owner": "closed", "version": 4, "agent": None}),
    ]
    # case 108
    assert "secreta" not in str(shop.rows("SELECT * FROM bot_act"))


# case 92
@pytest.mark.parametrize("statement", ["UPDATE bot_act SET what = 'nothing'", "DELETE FROM bot_act"])
async def test_what_was_done_cannot_be_undone_in_the_books(shop: Shop, statement: str) -> None:
    await shop.agent("rosa").claim(shop.opens(), 2, key="1")

    with pytest.raises(DBAPIError, match="append-only"), shop.database.write() as session:
        session.execute(text(statement))
    assert shop.rows("SELECT what FROM bot_act") == [("claim",)]


TWILIO = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_WHATSAPP_FROM": "+14155238886"}
PHONE = "+573001112233"


@pytest.mark.parametrize(
    ("heard", "opted_out", "unreachable", "code"),
    [
        (timedelta(hours=1), None, None, None),
        (timedelta(hours=1), timedelta(hours=1), None, "customer_opted_out"),
        (timedelta(hours=1), timedelta(hours=2), None, None),
        (timedelta(hours=1), None, "blocked", "customer_unreachable"),
        (timedelta(hours=25), None, None, "window_closed"),
        (None, None, None, "window_closed"),
    ],
    ids=["heard", "said STOP last", "asked again after STOP", "blocked us", "silent for a day", "never heard"],
)
async def test_who_may_not_be_written_to_gets_nothing_and_the_agent_hears_why(
    database: Database,
    tmp_path: Path,
    heard: timedelta | None,
    opted_out: timedelta | None,
    unreachable: str | None,
    code: str | None,
) -> None:
    shop = Shop(database, tmp_path, TWILIO)
    rosa, conversation_id = shop.agent("rosa"), shop.opens(channel="whatsapp", sender=PHONE)
    now = clock.now()
    with database.write() as session:
        contact = contacts.ensure(session, "whatsapp", PHONE, PHONE)
        contact.heard_at = now - heard if heard else None
        contact.opted_out_at = now - opted_out if opted_out else None
        contact.unreachable = unreachable
    await rosa.claim(conversation_id, 2, key="1")

    if code is None:
        await rosa.say(conversation_id, "Hola", key="2")
        assert shop.rows("SELECT count(*) FROM bot_outgoing") == [(1,)]
    else:
        assert (await refusal(rosa.say(conversation_id, "Hola", key="2")))[:2] == (code, 409)
        assert shop.rows("SELECT count(*) FROM bot_message WHERE author = 'agent'") == [(0,)]
        assert shop.rows("SELECT count(*) FROM bot_outgoing") == [(0,)]
