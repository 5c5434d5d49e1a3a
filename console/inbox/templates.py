"""Approved templates, sent by hand when the window is closed: their blanks filled in, looked at, then sent."""

from __future__ import annotations

import re

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.client import BotClient, TemplateView
from console.acts import key_of, new_act, sent, typed
from console.desk import desk_of, words_of
from console.inbox import acting, customers

# What a template calls a blank, and the fact that fills it in.
FACTS = {
    "name": "customer.name", "customer": "customer.name", "number": "order.number", "order": "order.number",
    "total": "order.total", "amount": "order.total", "agent": "agent.name",
}  # fmt: skip
MAX_VALUE = 900
_BLANK = re.compile(r"\{(\w+)\}")


async def show_list(request: Request) -> Response:
    """Those that may be sent there, each blank filled in as far as something is known."""
    desk, conversation_id = desk_of(request), request.path_params["conversation_id"]
    async with desk.bot(request) as bot:
        conversation, found = await bot.conversation(conversation_id), await bot.templates(conversation_id)
    facts = {"agent.name": desk.staff(request).name}
    if conversation.customer_id and any(each.variables for each in found):
        facts |= await customers.facts(request, conversation.customer_id)
    known = {name: facts.get(fact, "") for name, fact in FACTS.items()}
    html = await desk.render(
        request,
        "_templates.html",
        chosen=conversation_id,
        templates=found,
        known=known,
        act=request.query_params.get("act") or new_act(),
    )
    return HTMLResponse(html)


async def preview(request: Request) -> Response:
    """As the customer would read it, to be looked at before it is sent; or which blank is still empty."""
    desk, conversation_id, form = desk_of(request), request.path_params["conversation_id"], await sent(request)
    async with desk.bot(request) as bot:
        found = await bot.templates(conversation_id)
    template = next((each for each in found if each.name == form.get("template")), None)
    values = _values(form, template) if template else {}
    html = await desk.render(
        request,
        "_template_preview.html",
        chosen=conversation_id,
        approved=template,
        values=values,
        missing=[words_of(request).template_blank.get(each, each) for each, value in values.items() if not value],
        text=_filled(template.text, values) if template else "",
        act=typed(form, "act", 60),
    )
    return HTMLResponse(html)


async def send(request: Request) -> Response:
    """What was previewed, once; what is refused is said where one writes."""
    form = await sent(request)

    async def act(bot: BotClient, conversation_id: str, form: FormData) -> object:
        values = {name.removeprefix("v-"): str(value) for name, value in form.items() if name.startswith("v-")}
        return await bot.say_template(conversation_id, typed(form, "template", 60), values, key=key_of(form))

    return await acting.done(request, form, act, is_template=True)


def _values(form: FormData, template: TemplateView) -> dict[str, str]:
    return {name: " ".join(typed(form, f"v-{name}", MAX_VALUE).split()) for name in template.variables}


def _filled(text: str, values: dict[str, str]) -> str:
    return _BLANK.sub(lambda found: values.get(found[1], found[0]), text)


routes = [
    Route("/conversations/{conversation_id}/templates", show_list),
    Route("/conversations/{conversation_id}/templates/preview", preview, methods=["POST"]),
    Route("/conversations/{conversation_id}/templates/send", send, methods=["POST"]),
]
