"""The typed client of the bot's own API: the console's way in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, TypeAdapter

from bot.schemas import (
    AttachmentView,
    Claim,
    ConversationDetail,
    ConversationView,
    Leave,
    MessageView,
    NewMessage,
)
from kernel import tls
from kernel.errors import Unavailable, from_problem

__all__ = [
    "AttachmentContent",
    "AttachmentView",
    "BotClient",
    "BotUnavailable",
    "ConversationDetail",
    "ConversationView",
    "MessageView",
]

TIMEOUT = httpx.Timeout(10.0, connect=2.0)
STREAM_SILENCE_S = 45.0
_CONVERSATIONS = TypeAdapter(list[ConversationView])
_MESSAGES = TypeAdapter(list[MessageView])


@dataclass(frozen=True, slots=True)
class AttachmentContent:
    """`disposition` is the header that says how it is saved, and under which name."""

    type: str
    disposition: str
    content: bytes


class BotUnavailable(Unavailable):
    """The bot cannot be reached, or answered something that is not its language."""

    code, title = "bot_unavailable", "The conversations cannot be reached"


class BotClient:
    """Calls the bot at `base_url` (the public address, without `/bot/api`) with the authority of a staff token.

    Raises: the `kernel.errors` class of the refusal, with its `code`; BotUnavailable.
    """

    def __init__(self, base_url: str, token: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{base_url.rstrip('/')}/bot/api/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
            verify=tls.context(),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def conversations(
        self, owner: str | None = None, cursor: str | None = None
    ) -> tuple[list[ConversationView], str | None]:
        """A page of conversations, the latest first, and the cursor of the next page if there is one."""
        response = await self._get("conversations", owner=owner, cursor=cursor)
        return _CONVERSATIONS.validate_json(response.content), response.headers.get("Next-Cursor")

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

    async def release(self, conversation_id: str, seen_seq: int, *, key: str) -> ConversationDetail:
        """Give it back to the assistant, having seen all up to `seen_seq`; else `message_unseen`."""
        return await self._act(conversation_id, "release", Leave(seen_seq=seen_seq), key)

    async def close_conversation(self, conversation_id: str, seen_seq: int, *, key: str) -> ConversationDetail:
        """End it, having seen all up to `seen_seq`; else `message_unseen`."""
        return await self._act(conversation_id, "close", Leave(seen_seq=seen_seq), key)

    async def attachment(self, attachment_id: str) -> AttachmentContent:
        """What a customer sent, whole."""
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
            async with self._http.stream("GET", "events", timeout=timeout) as response:
                if not response.is_success:
                    await response.aread()
                    raise from_problem(response.json(), response.status_code)
                yield response.aiter_raw()
        except (httpx.TransportError, ValueError) as error:
            raise BotUnavailable(type(error).__name__) from error

    async def _get(self, path: str, **params: Any) -> httpx.Response:
        given = {name: value for name, value in params.items() if value is not None}
        return await self._call("GET", path, params=given)

    async def _send(self, method: str, path: str, body: BaseModel | None, key: str) -> httpx.Response:
        json = body.model_dump(mode="json", exclude_unset=True) if body is not None else None
        return await self._call(method, path, json=json, headers={"Idempotency-Key": key})

    async def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **request)
            if response.is_success:
                return response
            problem = response.json()
        except (httpx.TransportError, ValueError) as error:
            raise BotUnavailable(type(error).__name__) from error
        if not isinstance(problem, dict) or "code" not in problem:
            raise BotUnavailable(f"HTTP {response.status_code} without a problem")
        raise from_problem(problem, response.status_code)
