"""The typed client of the bot's own API: the console's way in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import TypeAdapter

from bot.schemas import AttachmentView, ConversationView, MessageView
from kernel import tls
from kernel.errors import Unavailable, from_problem

__all__ = ["AttachmentContent", "AttachmentView", "BotClient", "BotUnavailable", "ConversationView", "MessageView"]

TIMEOUT = httpx.Timeout(10.0, connect=2.0)
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

    async def attachment(self, attachment_id: str) -> AttachmentContent:
        """What a customer sent, whole."""
        response = await self._get(f"attachments/{attachment_id}")
        return AttachmentContent(
            response.headers["Content-Type"], response.headers["Content-Disposition"], response.content
        )

    async def _get(self, path: str, **params: Any) -> httpx.Response:
        given = {name: value for name, value in params.items() if value is not None}
        try:
            response = await self._http.get(path, params=given)
            if response.is_success:
                return response
            problem = response.json()
        except (httpx.TransportError, ValueError) as error:
            raise BotUnavailable(type(error).__name__) from error
        if not isinstance(problem, dict) or "code" not in problem:
            raise BotUnavailable(f"HTTP {response.status_code} without a problem")
        raise from_problem(problem, response.status_code)
