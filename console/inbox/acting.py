"""What a member does to a conversation: take it over, write, give it back, close it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.client import BotClient
from console.acts import key_of, new_act, sent, whole
from console.desk import desk_of, root_of, words_of
from console.inbox import thread
from console.inbox.page import page
from console.inbox.thread import Draft
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable

MAX_TEXT = 4_000

Act = Callable[[BotClient, str, FormData], Awaitable[object]]


async def _claim(bot: BotClient, conversation_id: str, form: FormData) -> object:
    return await bot.claim(conversation_id, whole(form, "version", 1) or 1, key=key_of(form))


async def _release(bot: BotClient, conversation_id: str, form: FormData) -> object:
    return await bot.release(conversation_id, whole(form, "seen") or 0, key=key_of(form))


async def _close(bot: BotClient, conversation_id: str, form: FormData) -> object:
    return await bot.close_conversation(conversation_id, whole(form, "seen") or 0, key=key_of(form))


ACTS: dict[str, Act] = {"claim": _claim, "release": _release, "close": _close}


async def do(request: Request) -> Response:
    """One of `ACTS`. What is refused is said where one writes, and what was typed there stays."""
    act = ACTS[request.path_params["act"]]
    form = await sent(request)
    return await _done(request, form, act)


async def say(request: Request) -> Response:
    """Write to the customer, once however often it is pressed; what is refused stays in the composer."""
    form = await sent(request)
    text = str(form.get("text", ""))[:MAX_TEXT].replace("\r\n", "\n")

    async def act(bot: BotClient, conversation_id: str, form: FormData) -> object:
        return await bot.say(conversation_id, text, key=key_of(form))

    return await _done(request, form, act, is_said=True)


async def _done(request: Request, form: FormData, act: Act, *, is_said: bool = False) -> Response:
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
        shown = thread.stand(request, await bot.conversation(conversation_id)) if is_part else {}
    # Words leave the composer when they are said. A repeat of what was refused is the same act.
    kept = "" if is_said and not problem else str(form.get("text", ""))[:MAX_TEXT]
    act_id = str(form.get("act", "")) if is_said and problem else new_act()
    draft = Draft(kept, problem=problem, act=act_id)
    if not is_part:
        # A browser without scripts: the whole page.
        return await page(request, conversation_id, status, draft=draft)
    html = await desk.render(request, "_composer.html", **shown, draft=draft)
    head = await desk.render(request, "_thread_head.html", **shown, is_swap=True)
    headers = {"HX-Trigger": f'{{"read": "{conversation_id}"}}'}
    return HTMLResponse(html + head, status, headers)


routes = [
    Route("/conversations/{conversation_id}/messages", say, methods=["POST"]),
    Route("/conversations/{conversation_id}/acts/{act}", do, methods=["POST"]),
]
