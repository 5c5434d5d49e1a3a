"""The typed client of the bot's own API: the console's way in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter

from bot.schemas.context import ContextView
from bot.schemas.conversations import (
    AttachmentView,
    Claim,
    Close,
    ConversationDetail,
    ConversationView,
    MessageView,
    NewMessage,
    Release,
    SeenUpTo,
)
from bot.schemas.desk import (
    ActView,
    AgentView,
    Arrangement,
    CannedView,
    DraftText,
    NewCanned,
    NewNote,
    NoteView,
    Presence,
    RatingView,
    Snooze,
    Tags,
    TeamView,
    TemplateView,
    Transfer,
)
from bot.schemas.insights import DoubtView, InsightsView, LabelView, NewLabel
from kernel import neighbours
from kernel.errors import Unavailable, from_problem

__all__ = [
    "ActView",
    "AgentView",
    "AttachmentContent",
    "AttachmentView",
    "BotClient",
    "BotUnavailable",
    "CannedView",
    "ContextView",
    "ConversationDetail",
    "ConversationPage",
    "ConversationView",
    "DoubtView",
    "InsightsView",
    "LabelView",
    "MessageView",
    "NewLabel",
    "NoteView",
    "RatingView",
    "TeamView",
    "TemplateView",
]

STREAM_SILENCE_S = 45.0
_CONVERSATIONS = TypeAdapter(list[ConversationView])
_MESSAGES = TypeAdapter(list[MessageView])
_DETAIL_OR_NONE: TypeAdapter[ConversationDetail | None] = TypeAdapter(ConversationDetail | None)
_DOUBTS = TypeAdapter(list[DoubtView])
_LABELS = TypeAdapter(list[LabelView])
_NOTES = TypeAdapter(list[NoteView])
_ACTS = TypeAdapter(list[ActView])
_TEAMS = TypeAdapter(list[TeamView])
_AGENTS = TypeAdapter(list[AgentView])
_RATINGS = TypeAdapter(list[RatingView])
_TEMPLATES = TypeAdapter(list[TemplateView])
_CANNED = TypeAdapter(list[CannedView])


@dataclass(frozen=True, slots=True)
class AttachmentContent:
    """`disposition` is the header that says how it is saved, and under which name."""

    type: str
    disposition: str
    content: bytes


class ConversationPage(NamedTuple):
    """`next_cursor` leads to the next page. `unread`: in how many conversations, of all that wait or that the caller
    has, there is something they have not seen.
    """

    found: list[ConversationView]
    next_cursor: str | None
    unread: int


class BotUnavailable(Unavailable):
    """The bot cannot be reached, or answered something that is not its language."""

    code, title = "bot_unavailable", "The conversations cannot be reached"


class BotClient:
    """Calls the bot at `base_url` (the public address, without `/bot/api`) with the authority of a staff token.

    Raises: the `kernel.errors` class of the refusal, with its `code`; BotUnavailable.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        transport: httpx.AsyncBaseTransport | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._http = neighbours.client(f"{base_url.rstrip('/')}/bot/api", transport)
        self._headers = {**(headers or {}), "Authorization": f"Bearer {token}"}

    def with_token(self, token: str, headers: Mapping[str, str] | None = None) -> BotClient:
        """The same connections, with someone else's authority. Close only the original."""
        other = object.__new__(type(self))
        other._http, other._headers = self._http, {**(headers or {}), "Authorization": f"Bearer {token}"}
        return other

    async def close(self) -> None:
        await self._http.aclose()

    async def conversations(
        self,
        owner: str | None = None,
        cursor: str | None = None,
        *,
        team: str | None = None,
        tag: str | None = None,
        agent_id: str | None = None,
        channel: str | None = None,
        query: str | None = None,
        customer_ids: Sequence[str] = (),
    ) -> ConversationPage:
        """A page of conversations, the latest first.

        Who asks for it is there, and keeps the conversations they have.
        """
        given = {"owner": owner, "cursor": cursor, "team": team, "tag": tag, "agent_id": agent_id, "channel": channel}
        response = await self._get("conversations", **given, q=query, customer_id=list(customer_ids) or None)
        found, told = _CONVERSATIONS.validate_json(response.content), response.headers
        return ConversationPage(found, told.get("Next-Cursor"), int(told["Unread-Conversations"]))

    async def note_seen(self, conversation_id: str, seq: int) -> None:
        """The caller has it before them, up to that message."""
        await self._put(f"conversations/{conversation_id}/seen", SeenUpTo(seq=seq))

    async def messages(self, conversation_id: str, after: int = 0, limit: int = 200) -> list[MessageView]:
        """What was said in a conversation after a `seq`, oldest first."""
        response = await self._get(f"conversations/{conversation_id}/messages", after=after, limit=limit)
        return _MESSAGES.validate_json(response.content)

    async def conversation(self, conversation_id: str) -> ConversationDetail:
        """One conversation as it stands."""
        response = await self._get(f"conversations/{conversation_id}")
        return ConversationDetail.model_validate_json(response.content)

    # What agents do. `key` names the act: the same again is done once. Raises also the codes of bot/handoff/errors.py.

    async def claim(self, conversation_id: str, version: int, *, key: str) -> ConversationDetail:
        """Take it over, as it was when one saw it; `conversation_taken` if it has changed hands since."""
        return await self._act(conversation_id, "claim", Claim(version=version), key)

    async def say(self, conversation_id: str, text: str, attachments: Sequence[str] = (), *, key: str) -> MessageView:
        """Write to the customer, with files that were taken in before."""
        body = NewMessage(text=text, attachments=list(attachments))
        response = await self._send("POST", f"conversations/{conversation_id}/messages", body, key)
        return MessageView.model_validate_json(response.content)

    async def templates(self, conversation_id: str) -> list[TemplateView]:
        """What may be sent there when the window is closed, in the customer's language."""
        return _TEMPLATES.validate_json((await self._get(f"conversations/{conversation_id}/templates")).content)

    async def say_template(
        self, conversation_id: str, template: str, values: Mapping[str, str], *, key: str
    ) -> MessageView:
        """Write to the customer at any time, by a template that the channel's provider approved."""
        body = NewMessage(template=template, values=dict(values))
        response = await self._send("POST", f"conversations/{conversation_id}/messages", body, key)
        return MessageView.model_validate_json(response.content)

    async def release(self, conversation_id: str, seen_seq: int, *, done: str = "", key: str) -> ConversationDetail:
        """Give it back to the assistant, having seen all up to `seen_seq`; else `message_unseen`.

        `done` says in a few words what one did.
        """
        return await self._act(conversation_id, "release", Release(seen_seq=seen_seq, done=done), key)

    async def close_conversation(
        self, conversation_id: str, seen_seq: int, *, ask_rating: bool = True, key: str
    ) -> ConversationDetail:
        """End it, having seen all up to `seen_seq`; else `message_unseen`. The customer is asked how it was."""
        return await self._act(conversation_id, "close", Close(seen_seq=seen_seq, ask_rating=ask_rating), key)

    async def ratings(self, days: int = 30) -> list[RatingView]:
        """How customers found it, by who had the conversation."""
        return _RATINGS.validate_json((await self._get("ratings", days=days)).content)

    async def upload(self, conversation_id: str, name: str, content: bytes) -> AttachmentView:
        """Take in a file (JPEG, PNG, WebP, PDF) to send with `say`."""
        response = await self._call(
            "POST",
            f"conversations/{conversation_id}/attachments",
            content=content,
            headers={"File-Name": quote(name)},
        )
        return AttachmentView.model_validate_json(response.content)

    async def transfer(
        self, conversation_id: str, version: int, *, agent_id: str | None = None, team: str | None = None, key: str
    ) -> ConversationDetail | None:
        """Give it to another agent or to a team's queue. None for who may not see it from then on."""
        body = Transfer(version=version, agent_id=agent_id, team=team)
        response = await self._send("POST", f"conversations/{conversation_id}/transfer", body, key)
        return _DETAIL_OR_NONE.validate_json(response.content)

    async def snooze(self, conversation_id: str, until: datetime | None, *, key: str) -> ConversationDetail:
        """Put it aside until then, or until its customer writes; None takes it out again."""
        return await self._act(conversation_id, "snooze", Snooze(until=until), key)

    async def tag(self, conversation_id: str, tags: Sequence[str], *, key: str) -> ConversationDetail:
        """Say by which words it is found: all of them."""
        response = await self._send("PUT", f"conversations/{conversation_id}/tags", Tags(tags=list(tags)), key)
        return ConversationDetail.model_validate_json(response.content)

    async def notes(self, conversation_id: str) -> list[NoteView]:
        """What colleagues wrote for each other, oldest first."""
        response = await self._get(f"conversations/{conversation_id}/notes")
        return _NOTES.validate_json(response.content)

    async def add_note(self, conversation_id: str, text: str, *, key: str) -> NoteView:
        """Write something for colleagues; never sent."""
        response = await self._send("POST", f"conversations/{conversation_id}/notes", NewNote(text=text), key)
        return NoteView.model_validate_json(response.content)

    async def acts(self, conversation_id: str) -> list[ActView]:
        """What was done to it by whom, the latest first."""
        response = await self._get(f"conversations/{conversation_id}/acts")
        return _ACTS.validate_json(response.content)

    async def context(self, conversation_id: str) -> ContextView:
        """All that who takes it over must know: the summary, the open question, the window, and what the OMS has."""
        return ContextView.model_validate_json((await self._get(f"conversations/{conversation_id}/context")).content)

    async def draft(self, conversation_id: str) -> str:
        """What the caller has begun to write there."""
        response = await self._get(f"conversations/{conversation_id}/draft")
        return DraftText.model_validate_json(response.content).text

    async def keep_draft(self, conversation_id: str, text: str, *, is_note: bool = False) -> None:
        """Keep it until it is sent; empty for nothing. That something is written to them a customer on the web sees."""
        await self._put(f"conversations/{conversation_id}/draft", DraftText(text=text, is_note=is_note))

    # The queue, and who is there.

    async def queue(self, team: str | None = None) -> list[ConversationView]:
        """Who waits, who is next first."""
        return _CONVERSATIONS.validate_json((await self._get("queue", team=team)).content)

    async def take_next(self, *, key: str) -> ConversationDetail:
        """Take the one whose turn it is; `queue_empty`, `agent_full`."""
        return ConversationDetail.model_validate_json((await self._send("POST", "queue/next", None, key)).content)

    async def teams(self) -> list[TeamView]:
        return _TEAMS.validate_json((await self._get("teams")).content)

    async def agents(self) -> list[AgentView]:
        """Everyone who has been at the desk."""
        return _AGENTS.validate_json((await self._get("agents")).content)

    async def be_there(self, is_away: bool | None = None) -> AgentView:
        """A sign of life; without one for as long as the lease is, what one has goes back to the queue."""
        return AgentView.model_validate_json((await self._put("presence", Presence(is_away=is_away))).content)

    async def arrange_agent(self, agent_id: str, teams: Sequence[str], capacity: int | None, *, key: str) -> AgentView:
        """Whose conversations an agent sees and takes, and how many. For admins."""
        body = Arrangement(teams=list(teams), capacity=capacity)
        return AgentView.model_validate_json((await self._send("PUT", f"agents/{agent_id}", body, key)).content)

    async def canned_replies(self) -> list[CannedView]:
        return _CANNED.validate_json((await self._get("canned-replies")).content)

    async def set_canned_reply(self, name: str, es: str, en: str, *, key: str) -> CannedView:
        response = await self._send("PUT", f"canned-replies/{quote(name, safe='')}", NewCanned(es=es, en=en), key)
        return CannedView.model_validate_json(response.content)

    async def remove_canned_reply(self, name: str, *, key: str) -> None:
        await self._send("DELETE", f"canned-replies/{quote(name, safe='')}", None, key)

    async def attachment(self, attachment_id: str) -> AttachmentContent:
        """A file of a conversation, whole."""
        response = await self._get(f"attachments/{attachment_id}")
        return AttachmentContent(
            response.headers["Content-Type"], response.headers["Content-Disposition"], response.content
        )

    async def _act(self, conversation_id: str, act: str, body: BaseModel, key: str) -> ConversationDetail:
        response = await self._send("POST", f"conversations/{conversation_id}/{act}", body, key)
        return ConversationDetail.model_validate_json(response.content)

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """The stream of news as it comes, to hand on to a browser; silence longer than a keep-alive ends it."""
        timeout = httpx.Timeout(10.0, connect=2.0, read=STREAM_SILENCE_S)
        try:
            async with self._http.stream("GET", "events", timeout=timeout, headers=self._headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise from_problem(response.json(), response.status_code)
                yield response.aiter_raw()
        except (httpx.TransportError, ValueError) as error:
            raise BotUnavailable(type(error).__name__) from error

    async def insights(self, since: datetime, until: datetime) -> InsightsView:
        """How conversations went in that time."""
        response = await self._get("insights", since=since.isoformat(), until=until.isoformat())
        return InsightsView.model_validate_json(response.content)

    async def doubts(self, cursor: str | None = None) -> tuple[list[DoubtView], str | None]:
        """A page of messages of which the assistant was not sure, and the cursor of the next page if there is one."""
        response = await self._get("doubts", cursor=cursor)
        return _DOUBTS.validate_json(response.content), response.headers.get("Next-Cursor")

    async def label(self, message_id: str, label: NewLabel, *, key: str) -> None:
        """Say what such a message meant, or that it teaches nothing."""
        await self._send("PUT", f"doubts/{message_id}/label", label, key)

    async def labels(self) -> list[LabelView]:
        """All that people taught, the oldest first."""
        return _LABELS.validate_json((await self._get("labels")).content)

    async def _get(self, path: str, **params: Any) -> httpx.Response:
        given = {name: value for name, value in params.items() if value is not None}
        return await self._call("GET", path, params=given)

    async def _put(self, path: str, body: BaseModel) -> httpx.Response:
        """What may be said again and again."""
        return await self._call("PUT", path, json=body.model_dump(mode="json"))

    async def _send(self, method: str, path: str, body: BaseModel | None, key: str) -> httpx.Response:
        json = body.model_dump(mode="json") if body is not None else None
        return await self._call(method, path, {"Idempotency-Key": key}, json=json)

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        try:
            response = await self._http.request(method, path, headers={**self._headers, **(headers or {})}, **request)
            if response.is_success:
                return response
            problem = response.json()
        except (httpx.TransportError, ValueError) as error:
            raise BotUnavailable(type(error).__name__) from error
        if not isinstance(problem, dict) or "code" not in problem:
            raise BotUnavailable(f"HTTP {response.status_code} without a problem")
        raise from_problem(problem, response.status_code)
