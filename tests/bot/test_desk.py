"""What lies on the desk: the queue, teams, notes, tags, drafts, canned replies, files; who sees and does what."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.client import BotClient
from bot.handoff import policy
from bot.handoff import service as handoffs
from bot.handoff.models import Agent, Handoff
from kernel import clock
from kernel.db import Database
from kernel.errors import ComandaError
from tests.bot.desk_of import Shop, refusal, token_of
from tests.bot.pictures import picture

TEAMS = {
    "teams": {
        "service": {"title": {"es": "Servicio", "en": "Service"}},
        "returns": {"title": {"es": "Devoluciones", "en": "Returns"}, "reasons": ["claim", "return_appeal"]},
    },
    "capacity": 2,
}


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    path = tmp_path / "ours.yml"
    path.write_text(yaml.safe_dump(TEAMS))
    return Shop(database, tmp_path, {"COMANDA_HANDOFF_POLICY": path})


def asks(shop: Shop, sender: str, reason: str) -> str:
    """Someone who waits for a person, for that reason."""
    conversation_id = shop.opens(sender=sender, owner="assistant")
    with shop.delivery.to(conversation_id) as (session, conversation):
        handoffs.ask(session, conversation, reason)
    return conversation_id


# the queue


async def test_the_queue_has_the_urgent_first_then_who_has_waited_longest(shop: Shop) -> None:
    first, second = asks(shop, "a", "requested"), asks(shop, "b", "requested")
    angry = asks(shop, "c", "complaint")

    queue = await shop.agent("rosa").queue()

    assert [(each.id, each.priority) for each in queue] == [(angry, 2), (first, 0), (second, 0)]


async def test_each_reason_goes_to_the_team_that_knows_it_and_the_rest_to_the_fallback(shop: Shop) -> None:
    asks(shop, "a", "claim")
    asks(shop, "b", "whatever_else")

    queue = await shop.agent("rosa").queue()

    assert [each.team for each in queue] == ["returns", "service"]
    assert [each.handoff_reason for each in await shop.agent("rosa").queue("service")] == ["whatever_else"]


async def test_an_agent_takes_whose_turn_it_is_and_no_more_than_fits(shop: Shop) -> None:
    rosa = shop.agent("rosa")
    waiting = [asks(shop, sender, "requested") for sender in "abc"]

    taken = [(await rosa.take_next(key=key)).id for key in ("1", "1", "2")]

    assert taken == [waiting[0], waiting[0], waiting[1]]
    assert (await refusal(rosa.take_next(key="3")))[:2] == ("agent_full", 409)
    assert (await refusal(rosa.claim(waiting[2], 2, key="4")))[:2] == ("agent_full", 409)
    # What is put aside does not count.
    await rosa.snooze(waiting[0], clock.now() + timedelta(hours=1), key="5")
    assert (await rosa.take_next(key="6")).id == waiting[2]
    assert (await refusal(shop.agent("luis").take_next(key="1")))[:2] == ("queue_empty", 404)


# teams


async def test_who_is_bound_to_a_team_sees_nothing_of_the_others(shop: Shop) -> None:  # case 93
    theirs, others = asks(shop, "a", "claim"), asks(shop, "b", "requested")
    talking = shop.opens(sender="c", owner="assistant")
    rosa, boss = shop.agent("rosa"), shop.agent("boss", "admin")
    file = await boss.upload(others, "foto.jpg", picture())
    await rosa.be_there()
    arranged = await boss.arrange_agent("id-of-rosa", ["returns"], 3, key="1")
    assert (arranged.name, arranged.teams, arranged.capacity) == ("Rosa", ["returns"], 3)

    listed, _, _ = await rosa.conversations()
    assert {each.id for each in listed} == {theirs, talking}
    assert [each.id for each in await rosa.queue()] == [theirs]
    assert [each.id for each in await rosa.queue("service")] == [theirs]
    for asked in (
        rosa.conversation(others),
        rosa.messages(others),
        rosa.notes(others),
        rosa.acts(others),
        rosa.draft(others),
        rosa.keep_draft(others, "x"),
        rosa.claim(others, 2, key="2"),
        rosa.add_note(others, "x", key="3"),
        rosa.tag(others, ["x"], key="4"),
        rosa.upload(others, "x.jpg", picture()),
    ):
        assert (await refusal(asked))[:2] == ("conversation_not_found", 404)
    assert (await refusal(rosa.attachment(file.id)))[:2] == ("attachment_not_found", 404)
    assert (await boss.conversation(others)).owner == "queued"


async def test_only_an_admin_says_who_is_in_which_team_and_of_teams_that_there_are(shop: Shop) -> None:
    rosa, boss = shop.agent("rosa"), shop.agent("boss", "admin")
    await rosa.be_there()

    assert (await refusal(rosa.arrange_agent("id-of-rosa", [], None, key="1")))[:2] == ("wrong_role", 403)
    assert (await refusal(boss.arrange_agent("id-of-rosa", ["x"], None, key="1")))[0] == "team_unknown"
    assert (await refusal(boss.arrange_agent("nobody", ["returns"], None, key="2")))[0] == "agent_not_found"
    assert shop.rows("SELECT count(*) FROM bot_act") == [(0,)]


async def test_an_agent_hands_a_conversation_to_a_colleague_or_to_a_team(shop: Shop) -> None:
    rosa, luis, conversation_id = shop.agent("rosa"), shop.agent("luis"), asks(shop, "a", "requested")
    await luis.be_there()
    mine = await rosa.claim(conversation_id, 2, key="1")

    given = await rosa.transfer(conversation_id, mine.version, agent_id="id-of-luis", key="2")
    assert given
    assert (given.owner, given.agent_name, given.version) == ("agent", "Luis", 4)
    assert (await refusal(rosa.say(conversation_id, "hola", key="3")))[0] == "conversation_not_yours"
    assert (await refusal(rosa.transfer(conversation_id, 4, team="returns", key="4")))[0] == "conversation_not_yours"

    back = await luis.transfer(conversation_id, 4, team="returns", key="5")
    assert back
    assert (back.owner, back.agent_name, back.team) == ("queued", None, "returns")
    assert shop.rows("SELECT count(*) FROM bot_handoff") == [(1,)]
    whats = [(each.what, each.agent_name, each.after["team"]) for each in await luis.acts(conversation_id)]
    assert whats == [("transfer", "Luis", "returns"), ("transfer", "Rosa", "service"), ("claim", "Rosa", "service")]


async def test_an_admin_may_give_away_what_someone_else_has(shop: Shop) -> None:
    boss, conversation_id = shop.agent("boss", "admin"), asks(shop, "a", "requested")
    await shop.agent("rosa").claim(conversation_id, 2, key="1")
    await shop.agent("luis").be_there()

    given = await boss.transfer(conversation_id, 3, agent_id="id-of-luis", key="1")

    assert given
    assert given.agent_name == "Luis"


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ({"agent_id": "nobody"}, "agent_not_found"),
        ({"team": "x"}, "team_unknown"),
    ],
)
async def test_a_conversation_goes_to_someone_who_is_there(shop: Shop, to: dict[str, str], code: str) -> None:
    rosa, conversation_id = shop.agent("rosa"), asks(shop, "a", "requested")
    await rosa.claim(conversation_id, 2, key="1")
    assert (await refusal(rosa.transfer(conversation_id, 3, key="2", **to)))[0] == code
    assert (await refusal(rosa.transfer(conversation_id, 2, team="returns", key="3")))[0] == "conversation_taken"


# who is there


async def test_who_was_heard_of_lately_is_there_unless_they_are_away(shop: Shop) -> None:
    rosa, luis = shop.agent("rosa"), shop.agent("luis")
    # To read the inbox is to be there.
    await rosa.conversations()
    await luis.be_there(is_away=True)
    with shop.database.write() as session:
        session.add(Agent(staff_id="x", name="Eva", teams=[], is_away=False, seen_at=clock.now() - timedelta(hours=1)))

    there = {each.name: (each.is_present, each.is_away) for each in await rosa.agents()}

    assert there == {"Rosa": (True, False), "Luis": (False, True), "Eva": (False, False)}


async def test_a_sign_of_life_keeps_what_one_has(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), asks(shop, "a", "requested")
    await rosa.claim(conversation_id, 2, key="1")
    with shop.database.write() as session:
        session.execute(text("UPDATE bot_handoff SET lease_until = :past"), {"past": clock.now() - timedelta(hours=1)})

    assert (await rosa.be_there()).has == 1

    with shop.database.read() as session:
        handoff = session.get_one(Handoff, shop.rows("SELECT id FROM bot_handoff")[0][0])
    assert handoff.lease_until is not None
    assert handoff.lease_until > clock.now() + timedelta(minutes=4)


# papers


async def test_notes_are_for_colleagues_and_stay_as_they_are(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), asks(shop, "a", "requested")

    for _ in range(2):
        await rosa.add_note(conversation_id, " Ojo: ya le cambiamos dos veces. ", key="1")

    assert [(n.agent_name, n.text) for n in await rosa.notes(conversation_id)] == [
        ("Rosa", "Ojo: ya le cambiamos dos veces.")
    ]
    assert [m.author for m in await rosa.messages(conversation_id)] == ["customer"]
    for statement in ("UPDATE bot_note SET text = ''", "DELETE FROM bot_note"):
        with pytest.raises(DBAPIError, match="append-only"), shop.database.write() as session:
            session.execute(text(statement))


async def test_a_conversation_is_found_by_its_tags(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), asks(shop, "a", "requested")
    asks(shop, "b", "requested")

    tagged = await rosa.tag(conversation_id, ["Mayorista", " vip", "VIP"], key="1")
    assert tagged.tags == ["mayorista", "vip"]
    found, _, _ = await rosa.conversations(tag="VIP")
    assert [(each.id, each.tags) for each in found] == [(conversation_id, ["mayorista", "vip"])]

    await rosa.tag(conversation_id, ["mayorista"], key="2")
    assert (await rosa.conversations(tag="vip"))[0] == []
    [latest, _first] = await rosa.acts(conversation_id)
    assert (latest.before["tags"], latest.after["tags"]) == (["mayorista", "vip"], ["mayorista"])


async def test_a_draft_is_its_agents_own_until_it_is_sent(shop: Shop) -> None:
    rosa, luis, conversation_id = shop.agent("rosa"), shop.agent("luis"), asks(shop, "a", "requested")
    await rosa.claim(conversation_id, 2, key="1")
    for words in ("Hola, te cuen", "Hola, te cuento que"):
        await rosa.keep_draft(conversation_id, words)

    assert (await rosa.draft(conversation_id), await luis.draft(conversation_id)) == ("Hola, te cuento que", "")
    await rosa.say(conversation_id, "Hola, te cuento que ya salió.", key="2")
    assert await rosa.draft(conversation_id) == ""


async def test_what_a_customer_wrote_is_unread_until_its_agent_has_seen_it(shop: Shop) -> None:
    rosa, luis = shop.agent("rosa"), shop.agent("luis")
    waits = shop.opens("mi pedido PED-7 llegó roto", "¿alguien?", sender="ana")
    shop.opens("hola", sender="beto", owner="assistant")

    async def unread(agent: BotClient) -> tuple[list[int], int]:
        listed, _, unread = await agent.conversations()
        return [each.unread for each in listed if each.id == waits], unread

    assert await unread(rosa) == ([2], 1)
    await rosa.note_seen(waits, 1)
    await rosa.note_seen(waits, 0)
    assert (await unread(rosa), await unread(luis)) == (([1], 1), ([2], 1))
    # What is to come nobody has seen.
    await rosa.note_seen(waits, 99)
    assert await unread(rosa) == ([0], 0)
    await rosa.claim(waits, 2, key="take")
    shop.hears(waits, "¿sigues ahí?")
    # What a colleague has is none of his to read.
    assert (await unread(rosa), await unread(luis)) == (([1], 1), ([0], 0))
    assert await unread(shop.agent("wanda", "warehouse")) == ([0], 0)
    assert (await refusal(shop.agent("wanda", "warehouse").note_seen(waits, 1)))[:2] == ("wrong_role", 403)
    [gist] = [each.gist for each in (await rosa.conversations())[0] if each.id == waits]
    assert gist == {"es": "Sobre PED-7 · sin responder: 3", "en": "About PED-7 · unanswered: 3"}
    await rosa.say(waits, "Ya lo reviso", key="say")
    assert [each.gist for each in (await rosa.conversations())[0]] == [
        {"es": "Sobre PED-7 · «¿sigues ahí?»", "en": "About PED-7 · “¿sigues ahí?”"}, None,
    ]  # fmt: skip


async def test_who_is_bound_to_a_team_counts_and_marks_nothing_of_the_others(shop: Shop) -> None:
    rosa, admin = shop.agent("rosa"), shop.agent("pilar", "admin")
    await rosa.be_there()
    await admin.arrange_agent("id-of-rosa", ["returns"], None, key="bind")
    theirs = asks(shop, "a", "requested")

    assert ((await rosa.conversations()).unread, (await admin.conversations()).unread) == (0, 1)
    assert (await refusal(rosa.note_seen(theirs, 1)))[0] == "conversation_not_found"


async def test_canned_replies_are_kept_in_both_languages_with_who_changed_them(shop: Shop) -> None:
    rosa = shop.agent("rosa")
    await rosa.set_canned_reply(
        "salio", "Tu pedido {{order.number}} ya salió.", "{{order.number}} is on its way.", key="1"
    )
    await rosa.set_canned_reply("salio", "¡Ya salió {{order.number}}!", "{{order.number}} is on its way.", key="2")
    assert [(c.name, c.es, c.en) for c in await rosa.canned_replies()] == [
        ("salio", "¡Ya salió {{order.number}}!", "{{order.number}} is on its way.")
    ]

    await rosa.remove_canned_reply("salio", key="3")
    await rosa.remove_canned_reply("salio", key="3")
    assert (await refusal(rosa.remove_canned_reply("salio", key="4")))[:2] == ("canned_not_found", 404)
    assert await rosa.canned_replies() == []
    told = [(row[0], json.loads(row[1])["es"] if isinstance(row[1], str) else row[1]["es"]) for row in shop.rows(
        "SELECT what, before FROM bot_act WHERE key <> '1' ORDER BY at, id"
    )]  # fmt: skip
    assert told == [
        ("set_canned", "Tu pedido {{order.number}} ya salió."),
        ("remove_canned", "¡Ya salió {{order.number}}!"),
    ]


@pytest.mark.parametrize("name", ["Sal io", "Á", "x" * 41])
async def test_the_name_of_a_canned_reply_is_a_short_word(shop: Shop, name: str) -> None:
    assert (await refusal(shop.agent("rosa").set_canned_reply(name, "a", "b", key="1")))[:2] == ("request_invalid", 422)


# files and time


async def test_an_agent_sends_files_of_their_own(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), asks(shop, "a", "requested")
    await rosa.claim(conversation_id, 2, key="1")
    file = await rosa.upload(conversation_id, "guía de tallas.jpg", picture())

    said = await rosa.say(conversation_id, "", [file.id], key="2")

    assert [(each.name, each.type) for each in said.attachments] == [("guía de tallas.jpg", "image/jpeg")]
    assert (await rosa.attachment(file.id)).type == "image/jpeg"
    assert (await refusal(rosa.say(conversation_id, "otra vez", [file.id], key="3")))[0] == "attachment_gone"
    assert (await refusal(rosa.upload(conversation_id, "virus.exe", b"MZ")))[0] == "attachment_unsupported"
    assert (await refusal(shop.agent("hugo", "finance").upload(conversation_id, "a.jpg", picture())))[0] == "wrong_role"


async def test_what_is_put_aside_comes_back_when_its_customer_writes(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), asks(shop, "a", "requested")
    await rosa.claim(conversation_id, 2, key="1")
    until = clock.now() + timedelta(days=1)
    assert (await rosa.snooze(conversation_id, until, key="2")).snoozed_until == until

    with shop.delivery.to(conversation_id) as (session, conversation):
        handoffs.note_heard(session, conversation)

    assert (await rosa.conversation(conversation_id)).snoozed_until is None


@pytest.mark.parametrize("away", [timedelta(seconds=-1), timedelta(days=32)])
async def test_nothing_is_put_aside_until_yesterday_or_for_ever(shop: Shop, away: timedelta) -> None:
    rosa, conversation_id = shop.agent("rosa"), asks(shop, "a", "requested")
    await rosa.claim(conversation_id, 2, key="1")
    assert (await refusal(rosa.snooze(conversation_id, clock.now() + away, key="2")))[0] == "snooze_past"


@pytest.mark.parametrize(
    ("since", "replied", "alert"),
    [
        (timedelta(), False, "ok"),
        (timedelta(minutes=12), False, "soon"),
        (timedelta(minutes=16), False, "late"),
        (timedelta(minutes=16), True, "ok"),
        (timedelta(hours=7), True, "soon"),
        (timedelta(hours=9), True, "late"),
    ],
)
async def test_who_waits_too_long_is_marked(shop: Shop, since: timedelta, replied: bool, alert: str) -> None:
    conversation_id = asks(shop, "a", "requested")
    with shop.database.write() as session:
        handoff = handoffs.current(session, conversation_id)
        assert handoff is not None
        assert handoff.reply_due_at
        assert handoff.resolve_due_at
        handoff.asked_at -= since
        handoff.reply_due_at -= since
        handoff.resolve_due_at -= since
        handoff.replied_at = clock.now() if replied else None

    seen = await shop.agent("rosa").conversation(conversation_id)
    assert (seen.alert, seen.reply_due_at is None) == (alert, replied)


async def test_a_policy_that_cannot_be_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ours.yml"
    for wrong in ("fallback: nobody", "teams: {A: {title: {es: a, en: a}}}", "capacity: 0", "- a", "lease: 3"):
        path.write_text(wrong)
        with pytest.raises(ValueError):
            policy.read(path)


# case 84
async def test_every_route_of_the_desk_is_for_staff_alone(shop: Shop) -> None:
    async with httpx.AsyncClient(transport=shop.transport, base_url="http://bot") as http:
        tried = 0
        for path, methods in shop.app.openapi()["paths"].items():
            for method in methods if path.startswith("/bot/api") else ():
                answer = await http.request(method, path)
                assert (method, path, answer.status_code) == (method, path, 401)
                tried += 1
    assert tried >= 25
    assert token_of("rosa", "agent")


async def test_a_refusal_keeps_its_kind_on_the_way(shop: Shop) -> None:
    with pytest.raises(ComandaError) as refused:
        await shop.agent("rosa").conversation("no-such")
    assert refused.value.status == 404
