"""One customer message, the open questions around it and the reply that is being made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rasa_sdk import Tracker

from actions import language, oms
from actions.message import Message
from actions.questions import KINDS, MAX_OPEN, Option, Question
from actions.texts import render
from backend.client import BackendClient
from backend.schemas.shop import Shop

# Rasa's memory between two messages: the language, what is being asked, and what "it" refers to. Nothing else.
SLOTS = (
    "language",
    "open_questions",
    "misunderstandings",
    "failures",
    "focus_sku",
    "placed_confirmation",
    "suggestion",
    "email_offered",
)


@dataclass(frozen=True, slots=True)
class Button:
    title: str
    payload: str


def payload(intent: str, **entities: Any) -> str:
    """What a button sends: `/intent{"entity": value}`. Only the bot can turn a press into it."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"


class Turn:
    """`questions` is a stack, the open one last; `replies` are Rasa's response items."""

    def __init__(self, tracker: Tracker) -> None:
        self.message = Message.from_tracker(tracker)
        self._before = {slot: tracker.get_slot(slot) for slot in SLOTS}
        self.language = language.choose(self._before["language"], self.message)
        # The bot asks, too: what a notice asks is put here by it, and might be older or newer than we are.
        asked = (Question.from_slot(saved) for saved in self._before["open_questions"] or ())
        self.questions = [question for question in asked if question.kind in KINDS]
        self._asked_before = {question.id for question in self.questions}
        self.misunderstandings = int(self._before["misunderstandings"] or 0)
        self.failures = int(self._before["failures"] or 0)
        self.focus_sku: str | None = self._before["focus_sku"]
        # Only a yes right after the order may be a second yes to it.
        is_yes = self.message.intent == "affirm"
        self.placed_confirmation: str | None = self._before["placed_confirmation"] if is_yes else None
        # What was offered last is not offered with every summary.
        self.suggestion: str | None = self._before["suggestion"]
        # Asked for once; what is not given then can be given any time.
        self.email_offered: bool = bool(self._before["email_offered"])
        self.oms: BackendClient = oms.acting_for(self.message.token)
        self.replies: list[dict[str, Any]] = []
        self.is_misunderstood = False
        # The message answered what was asked.
        self.is_answer = False
        # A skill that knows what to do with the files of the message says so here.
        self.files_taken = False
        self.is_over = False
        self._acts: Counter[str] = Counter()

    # what the reply says

    def say(self, key: str, /, *, buttons: Iterable[Button] = (), **params: object) -> None:
        """Add a message: `key` is a text of the catalogue."""
        shown = [asdict(button) for button in buttons]
        self.replies.append({"text": self.text(key, **params), "buttons": shown})

    def enclose(self, name: str, url: str) -> None:
        """Send a PDF with what was said last, which says a link to it, too."""
        self.replies[-1]["attachment"] = {"name": name, "url": url}

    def text(self, key: str, /, **params: object) -> str:
        return render(key, self.language, **params)

    def direct(self, **directive: Any) -> None:
        """Tell the bot something that is not said to the customer."""
        self.replies.append({"custom": directive})

    def button(self, title: str, intent: str, /, **entities: Any) -> Button:
        """A button whose title is a key of the catalogue."""
        return Button(self.text(title), payload(intent, **entities))

    def choices(self, question: Question, *, most: int = 6) -> list[Button]:
        """A button for each of the first options of a question."""
        return [
            Button(option.title, payload("option_choose", option=number, question=question.id))
            for number, option in enumerate(question.options[:most], start=1)
        ]

    def hand_off(self, reason: str) -> None:
        """Ask for a person. The conversation leaves the assistant, so no question is asked after it."""
        self.direct(handoff={"reason": reason})
        self.is_over = True

    # what is being asked

    @property
    def open_question(self) -> Question | None:
        return self.questions[-1] if self.questions else None

    def was_asked(self, question: Question) -> bool:
        """Was it open when the message came?"""
        return question.id in self._asked_before

    def ask(self, kind: str, options: Iterable[Option] = (), **context: Any) -> None:
        """Open a question; the one on top when the turn ends is put to the customer."""
        assert kind in KINDS, f"no such question: {kind}"
        self.questions.append(Question(kind, tuple(options), context))
        del self.questions[:-MAX_OPEN]

    def withdraw(self, *kinds: str) -> None:
        """Close the questions of these kinds, wherever they stand."""
        self.questions = [question for question in self.questions if question.kind not in kinds]

    # what the reply rests on

    async def shop(self) -> Shop:
        return await oms.shop(self.oms)

    def key(self, act: str) -> str:
        """The name of a logical act of this message: the same when the message is tried again."""
        self._acts[act] += 1
        number = self._acts[act]
        return f"{self.message.id}:{act}" + (f":{number}" if number > 1 else "")

    def misunderstood(self) -> None:
        self.is_misunderstood = True

    def slots(self) -> dict[str, Any]:
        """The slots that this turn changed."""
        after = {
            "language": self.language,
            "open_questions": [asdict(question) for question in self.questions],
            "misunderstandings": self.misunderstandings,
            "failures": self.failures,
            "focus_sku": self.focus_sku,
            "placed_confirmation": self.placed_confirmation,
            "suggestion": self.suggestion,
            "email_offered": self.email_offered,
        }
        return {slot: value for slot, value in after.items() if value != (self._before[slot] or _EMPTY.get(slot))}


_EMPTY: dict[str, Any] = {"open_questions": [], "misunderstandings": 0, "failures": 0, "email_offered": False}
