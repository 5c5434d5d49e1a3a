"""What a member does to a conversation: take it over, write, note, hand on, put aside, give back, close."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.client import BotClient
from console.acts import key_of, new_act, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.inbox import canned, customers, thread
from console.inbox.page import page
from console.inbox.thread import Draft
from kernel.errors import ComandaError, Conflict, Forbidden, Invalid, NotFound, Unavailable

MAX_TEXT, MAX_TAG, MAX_TAGS, MAX_CANNED = 4_000, 40, 20, 8

Act = Callable[[BotClient, str, FormData], Awaitable[object]]


async def _claim(bot: BotClient, conversation_id: str, form: FormData) -> object:
    return await bot.claim(conversation_id, whole(form, "version", 1) or 1, key=key_of(form))


async def _release(bot: BotClient, conversation_id: str, form: FormData) -> object:
    return await bot.release(conversation_id, whole(form, "seen") or 0, key=key_of(form))


async def _close(bot: BotClient, conversation_id: str, form: FormData) -> object:
    return await bot.close_conversation(conversation_id, whole(form, "seen") or 0, key=key_of(form))


async def _snooze(bot: BotClient, conversation_id: str, form: FormData) -> object:
    until = typed(form, "until", 40)
    return await bot.snooze(conversation_id, datetime.fromisoformat(until) if until else None, key=key_of(form))


async def _transfer(bot: BotClient, conversation_id: str, form: FormData) -> object:
    kind, _, to = typed(form, "to", 60).partition(":")
    given = {"agent_id": to} if kind == "agent" else {"team": to}
    return await bot.transfer(conversation_id, whole(form, "version", 1) or 1, **given, key=key_of(form))


async def _tag(bot: BotClient, conversation_id: str, form: FormData) -> object:
    tags = [each.strip()[:MAX_TAG] for each in typed(form, "tags", 800).split(",")]
    return await bot.tag(conversation_id, list(dict.fromkeys(filter(None, tags)))[:MAX_TAGS], key=key_of(form))


ACTS: dict[str, Act] = {
    "claim": _claim,
    "release": _release,
    "close": _close,
    "snooze": _snooze,
    "transfer": _transfer,
    "tag": _tag,
}


async def do(request: Request) -> Response:
    """One of `ACTS`. What is refused is said where one writes, and what was typed there stays."""
    form = await sent(request)
    act = ACTS.get(request.path_params["act"])
    if act is None:
        raise NotFound(request.path_params["act"])
    return await done(request, form, act)


async def say(request: Request) -> Response:
    """Write to the customer, once however often it is pressed; what is refused stays in the composer."""
    form = await sent(request)
    text = str(form.get("text", ""))[:MAX_TEXT].replace("\r\n", "\n")

    async def act(bot: BotClient, conversation_id: str, form: FormData) -> object:
        if form.get("note"):
            done: object = await bot.add_note(conversation_id, text, key=key_of(form))
            await bot.keep_draft(conversation_id, "")
            return done
        return await bot.say(conversation_id, text, [id for id, _ in _files(form)], key=key_of(form))

    return await done(request, form, act, is_said=True)


async def done(
    request: Request, form: FormData, act: Act, *, is_said: bool = False, is_template: bool = False
) -> Response:
    """What is shown after an act: the composer and the head, with why it was refused."""
    desk, words, conversation_id = desk_of(request), words_of(request), request.path_params["conversation_id"]
    is_part = "HX-Request" in request.headers
    problem, status = "", 200
    async with desk.bot(request) as bot:
        try:
            await act(bot, conversation_id, form)
        except (Conflict, Invalid, NotFound, Unavailable) as refusal:
            problem = words.refused.get(refusal.code, words.unavailable)
            status = 409 if refusal.status != 503 else 422
        except Forbidden:
            problem, status = words.forbidden, 409
        if not problem and not is_part:
            return RedirectResponse(f"{root_of(request)}/conversations/{conversation_id}", 303)
        if is_part:
            conversation = await bot.conversation(conversation_id)
            messages = await bot.messages(conversation_id, after=max(conversation.last_seq - thread.WATCHED, 0))
            shown = thread.stand(request, conversation, thread.heard_at(messages))
        else:
            shown = {}
    # Words leave the composer when they are said. A repeat of what was refused is the same act.
    kept = "" if is_said and not problem else str(form.get("text", ""))[:MAX_TEXT]
    act_id = str(form.get("act", "")) if is_said and problem else new_act()
    files = [] if is_said and not problem else _files(form)
    again = typed(form, "act", 60) if is_template and problem else ""
    draft = Draft(kept, files, problem, act_id, is_note=bool(problem and form.get("note")), template_act=again)
    if not is_part:
        # A browser without scripts: the whole page.
        return await page(request, conversation_id, status, draft=draft)
    names = await customers.names_of(request).of(request, [shown["conversation"].customer_id])
    html = await desk.render(request, "_composer.html", **shown, draft=draft)
    head = await desk.render(request, "_thread_head.html", **shown, names=names, is_swap=True)
    headers = {"HX-Trigger": f'{{"read": "{conversation_id}"}}'}
    return HTMLResponse(html + head, status, headers)


def _files(form: FormData) -> list[tuple[str, str]]:
    """The (id, name) of the files that go with it."""
    said = [str(each).partition("|") for each in form.getlist("with")]
    return [(id[:40], name[:200]) for id, _, name in said]


async def keep_draft(request: Request) -> Response:
    form = await sent(request)
    text, is_note = str(form.get("text", ""))[:MAX_TEXT], bool(form.get("note"))
    async with desk_of(request).bot(request) as bot:
        await bot.keep_draft(request.path_params["conversation_id"], text, is_note=is_note)
    return Response(status_code=204)


async def note_seen(request: Request) -> Response:
    """The page is before its reader's eyes, up to that message."""
    form = await sent(request)
    async with desk_of(request).bot(request) as bot:
        await bot.note_seen(request.path_params["conversation_id"], whole(form, "seen") or 0)
    return Response(status_code=204)


async def take_files(request: Request) -> Response:
    """Take in what is to go with the message; what cannot go is said in its place."""
    desk, words, form = desk_of(request), words_of(request), await sent(request)
    html = ""
    async with desk.bot(request) as bot:
        for file in form.getlist("file"):
            if not isinstance(file, UploadFile) or not file.filename:
                continue
            try:
                taken = await bot.upload(request.path_params["conversation_id"], file.filename, await file.read())
                html += await desk.render(request, "_file.html", id=taken.id, name=taken.name)
            except ComandaError as refusal:
                # Too large and of a kind that cannot go are kinds of their own on the wire.
                known = isinstance(refusal, Conflict | Invalid | NotFound | Unavailable)
                if not known and refusal.code not in words.file_refused:
                    raise
                problem = words.file_refused.get(refusal.code, words.unavailable)
                html += await desk.render(request, "_file_problem.html", name=file.filename, problem=problem)
    return HTMLResponse(html)


async def show_more(request: Request) -> Response:
    """What is done now and then, with who there is to hand it on to."""
    desk, conversation_id = desk_of(request), request.path_params["conversation_id"]
    async with desk.bot(request) as bot:
        conversation, teams, agents, acts = await asyncio.gather(
            bot.conversation(conversation_id), bot.teams(), bot.agents(), bot.acts(conversation_id)
        )
    html = await desk.render(
        request,
        "_more.html",
        **thread.stand(request, conversation),
        teams=teams,
        agents=agents,
        acts=acts,
        moments=await _moments(request),
    )
    return HTMLResponse(html)


async def _moments(request: Request) -> list[tuple[str, str]]:
    """Until when a conversation is put aside: in some hours, or at eight of a morning, in the shop's time."""
    words = words_of(request)
    now = await desk_of(request).shop_time(request)
    morning = (now + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    monday = morning + timedelta(days=(7 - morning.weekday()) % 7)
    hours = [(now + timedelta(hours=each), words.snooze_hours.format(hours=each)) for each in (1, 3)]
    return [
        (at.isoformat(), title)
        for at, title in (*hours, (morning, words.snooze_morning), (monday, words.snooze_monday))
    ]


async def list_canned(request: Request) -> Response:
    """The replies whose name begins, or whose words hold, what was typed after the slash; filled in."""
    desk, conversation_id = desk_of(request), request.path_params["conversation_id"]
    asked = request.query_params.get("q", "").casefold()
    async with desk.bot(request) as bot:
        conversation, replies = await asyncio.gather(bot.conversation(conversation_id), bot.canned_replies())
    found = [each for each in replies if each.name.startswith(asked)] or [
        each for each in replies if asked in f"{each.es} {each.en}".casefold()
    ]
    filled = [
        (each.name, await canned.filled(request, conversation, each.es if conversation.language == "es" else each.en))
        for each in found[:MAX_CANNED]
    ]
    return HTMLResponse(await desk.render(request, "_canned.html", replies=filled))


routes = [
    Route("/conversations/{conversation_id}/messages", say, methods=["POST"]),
    Route("/conversations/{conversation_id}/draft", keep_draft, methods=["PUT"]),
    Route("/conversations/{conversation_id}/seen", note_seen, methods=["PUT"]),
    Route("/conversations/{conversation_id}/files", take_files, methods=["POST"]),
    Route("/conversations/{conversation_id}/more", show_more),
    Route("/conversations/{conversation_id}/canned", list_canned),
    Route("/conversations/{conversation_id}/acts/{act}", do, methods=["POST"]),
]
