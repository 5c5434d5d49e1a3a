"""The assistant: what to ask Rasa over HTTP, and what its answer means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import httpx

from bot.conversations.service import Button, Enclosed
from bot.learning.service import Unsure
from kernel import telemetry, tls
from kernel.errors import Unavailable
from kernel.logging import get_logger

log = get_logger(__name__)

# Rasa may wait for our action server, and that for the OMS (5 s a call): longer than that and nobody answers.
ANSWER_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 2.0
# Someone waits for a page.
GLANCE_TIMEOUT_S = 3.0
# The slot in which the assistant keeps what is being asked (actions/turn.py).
_QUESTIONS = "open_questions"
# What Rasa answers while it has no model loaded (409), or a proxy in front of it.
_NOT_READY = frozenset({404, 409, 502, 503})


Via = Literal["text", "button", "attachment"]


class AssistantUnreachable(Unavailable):
    """Rasa is not there: it certainly did not take the message."""

    code = "assistant_unreachable"


class AssistantFailed(Unavailable):
    """Rasa gave no answer to this message, or none that says anything; it may have taken it or not."""

    code = "assistant_failed"


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that came with a message; `voucher` says to the OMS that it is the customer's (kernel/vouchers.py)."""

    id: str
    type: str
    voucher: str


@dataclass(frozen=True, slots=True)
class Question:
    """One message of a customer, as the assistant gets it. `text` is plain words, or a button's payload.

    `via` is "attachment" for a message without words. `start_token` is of a link that they opened, `has_shared_phone`
    says that they shared their own number; `doors` are the addresses by which the shop's channels are opened.
    `handed_back` is what a person did who gives the conversation back: then it is no message of the customer's.
    `is_rephrased`: the words are a language model's for what the customer wrote.
    """

    conversation_id: str
    message_id: str
    channel: str
    text: str
    via: Via
    locale: str
    customer_token: str
    attachments: tuple[Carried, ...] = ()
    start_token: str | None = None
    has_shared_phone: bool = False
    doors: Mapping[str, str] = field(default_factory=dict)
    handed_back: Mapping[str, Any] | None = None
    is_rephrased: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    buttons: tuple[Button, ...] = ()
    enclosures: tuple[Enclosed, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the assistant says, and what it directs: a handoff (with its reason), another language; and of what it was
    not sure.
    """

    said: tuple[Said, ...]
    handoff: str | None = None
    language: str | None = None
    unsure: Unsure | None = None

    @property
    def is_silent(self) -> bool:
        return not self.said and self.handoff is None


class Assistant:
    """A client of one Rasa server. Safe to use from several threads."""

    def __init__(self, rasa_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            base_url=rasa_url,
            timeout=httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            transport=transport,
            # Rasa is on loopback: a proxy meant for the world outside has no business here.
            trust_env=False,
            verify=tls.context(),
        )

    def ask(self, question: Question) -> Reply:
        """Have the message answered.

        Raises: AssistantUnreachable, also where it cannot remember; AssistantFailed, also for the empty answer with
        HTTP 200 by which Rasa says that it failed inside.
        """
        body: dict[str, Any] = {
            "sender": question.conversation_id,
            "message": question.text,
            "metadata": {
                "conversation_id": question.conversation_id,
                "message_id": question.message_id,
                "channel": question.channel,
                "locale": question.locale,
                "customer_token": question.customer_token,
                "via": question.via,
                "attachments": [asdict(each) for each in question.attachments],
                "start_token": question.start_token,
                "has_shared_phone": question.has_shared_phone,
                "doors": dict(question.doors),
            }
            | ({"handed_back": dict(question.handed_back)} if question.handed_back else {})
            | ({"is_rephrased": True} if question.is_rephrased else {}),
        }
        with telemetry.within("assistant"):
            body["metadata"] |= telemetry.carried()
            items = self._call("POST", "/webhooks/rest/webhook", json=body)
        if not isinstance(items, list):
            raise AssistantFailed("the answer is not a list")
        reply = read_items(items)
        if reply.is_silent:
            self._look_at_memory(question.conversation_id)
            raise AssistantFailed("the answer says nothing")
        return reply

    def _look_at_memory(self, conversation_id: str) -> None:
        """Raises: AssistantUnreachable when it is not there: then Rasa answers nothing (comanda/trackers.py)."""
        try:
            self.remembered(conversation_id)
        except AssistantFailed as error:
            raise AssistantUnreachable("without its memory") from error

    def understand(self, text: str) -> list[tuple[str, float]]:
        """The intents of a text that nobody says, with their confidences: its own, then each of its wishes'.

        Raises: as `ask`.
        """
        parsed = self._call("POST", "/model/parse", json={"text": text})
        try:
            found = [parsed["intent"], *(wish["intent"] for wish in parsed.get("wishes") or ())]
            return [(str(intent["name"]), float(intent["confidence"])) for intent in found]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise AssistantFailed("the text was not parsed") from error

    def recall(self, conversation_id: str, message_id: str) -> Reply | None:
        """What the assistant has said to this message before, by its own memory; None for nothing.

        Raises: AssistantUnreachable, AssistantFailed.
        """
        tracker = self._call("GET", f"/conversations/{conversation_id}/tracker", params={"include_events": "ALL"})
        reply = read_items(_said_after(tracker.get("events") or [], message_id))
        return None if reply.is_silent else reply

    def open_question(self, conversation_id: str, question: dict[str, Any]) -> None:
        """Have the assistant know that this was asked, so that plain words answer it. Again: it is asked once.

        Only where no turn of the conversation runs at the same time.
        Raises: AssistantUnreachable, AssistantFailed.
        """
        path = f"/conversations/{conversation_id}"
        tracker = self._call("GET", f"{path}/tracker", params={"include_events": "NONE"})
        asked = (tracker.get("slots") or {}).get(_QUESTIONS) or []
        if any(each["id"] == question["id"] for each in asked):
            return
        if (tracker.get("latest_message") or {}).get("text") is None:
            # Nobody has written here yet. The first event begins Rasa's session, but is dated before it and forgotten.
            self._append(path, {"event": "action", "name": "action_listen"})
        self._append(path, {"event": "slot", "name": _QUESTIONS, "value": [*asked, question]})

    def remembered(self, conversation_id: str) -> dict[str, Any]:
        """The assistant's slots of a conversation. Raises: AssistantUnreachable, AssistantFailed."""
        tracker = self._call(
            "GET",
            f"/conversations/{conversation_id}/tracker",
            params={"include_events": "NONE"},
            timeout=GLANCE_TIMEOUT_S,
        )
        slots = tracker.get("slots")
        return slots if isinstance(slots, dict) else {}

    def forget(self, conversation_id: str) -> None:
        """Have the assistant know nothing of what was said and asked here: someone else goes on.

        Only within a turn of the conversation.
        Raises: AssistantUnreachable, AssistantFailed.
        """
        self._append(f"/conversations/{conversation_id}", {"event": "restart"})

    def _append(self, path: str, event: dict[str, Any]) -> None:
        self._call("POST", f"{path}/tracker/events", params={"include_events": "NONE"}, json=[event])

    def _call(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = self._http.request(method, path, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise AssistantUnreachable(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise AssistantFailed(type(error).__name__) from error
        if response.status_code in _NOT_READY:
            raise AssistantUnreachable(f"HTTP {response.status_code}")
        if response.status_code != httpx.codes.OK:
            raise AssistantFailed(f"HTTP {response.status_code}")
        try:
            return response.json()
        except ValueError as error:
            raise AssistantFailed("the answer is not JSON") from error

    def close(self) -> None:
        self._http.close()


def _said_after(events: list[dict[str, Any]], message_id: str) -> list[dict[str, Any]]:
    """The bot's items between the (last) user event of this message and the next user event."""
    said: list[dict[str, Any]] = []
    is_ours = False
    for event in events:
        if event.get("event") == "user":
            is_ours = (event.get("metadata") or {}).get("message_id") == message_id
            said = [] if is_ours else said
        elif event.get("event") == "bot" and is_ours:
            said.append({"text": event.get("text"), **(event.get("data") or {})})
    return said


def read_items(items: Iterable[Any]) -> Reply:
    """A reply from Rasa's items.

    Shapes: `{"text": "…", "buttons": [{"title": "…", "payload": "/…"}]}`, `{"attachment": {"name": "…", "url": "…"}}`
    (of the text before it, or beside it), `{"custom": {"handoff": {"reason": "…"}}}`, `{"custom": {"language": "en"}}`,
    `{"custom": {"unsure": {"guess": "cart_add", "confidence": 41, "is_misunderstood": true}}}`; anything else is
    passed over.
    """
    said: list[Said] = []
    handoff = language = None
    unsure: Unsure | None = None
    for item in items:
        if not isinstance(item, dict):
            continue
        buttons = tuple(
            Button(title=str(button["title"]), payload=str(button["payload"]))
            for button in item.get("buttons") or ()
            if button.get("title") and button.get("payload")
        )
        text = item.get("text")
        if isinstance(text, str) and text.strip():
            said.append(Said(text.strip(), buttons))
        enclosed = item.get("attachment")
        if said and isinstance(enclosed, dict) and enclosed.get("name") and enclosed.get("url"):
            more = Enclosed(str(enclosed["name"]), str(enclosed["url"]))
            said[-1] = replace(said[-1], enclosures=(*said[-1].enclosures, more))
        custom = item.get("custom")
        if isinstance(custom, dict):
            handoff = str(custom["handoff"].get("reason", "requested")) if custom.get("handoff") else handoff
            language = custom.get("language") or language
            unsure = _unsure(custom.get("unsure")) or unsure
    return Reply(tuple(said), handoff, language, unsure)


def _unsure(told: Any) -> Unsure | None:
    if not isinstance(told, dict) or not isinstance(told.get("confidence"), int):
        return None
    confidence = max(0, min(told["confidence"], 100))
    return Unsure(str(told.get("guess", ""))[:40], confidence, told.get("is_misunderstood") is True)
