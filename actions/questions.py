"""The open questions: what was asked, what may be answered, and how an answer is read.

They form a stack. The one on top is asked at the end of every turn until it is answered, so whatever the customer
talks about meanwhile, the conversation comes back to it; then the one beneath is asked again.
"""

from __future__ import annotations

import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from actions.message import Message, OrderLine
from actions.words import covers, fold, is_refusal

if TYPE_CHECKING:
    from actions.turn import Turn

MAX_OPEN = 12
_NUMBER = re.compile(r"\W*(?:n[uú]mero|opci[oó]n|number|option|#|la|el|the)?\s*(\d{1,2})\W*", re.IGNORECASE)
# In these a product is wished for; "¿cuánto vale la deslactosada?" names one without choosing it.
_WISHES = frozenset({"cart_add", "cart_change", "option_choose", "affirm", "nlu_fallback", "out_of_scope"})


@dataclass(frozen=True, slots=True)
class Option:
    """`value` is what the OMS calls it, `title` what the customer reads, `also` other words for it."""

    value: str
    title: str
    also: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """`id` ties a button to this very asking of the question; `context` is the kind's own."""

    kind: str
    options: tuple[Option, ...] = ()
    context: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    @classmethod
    def from_slot(cls, value: dict[str, Any]) -> Self:
        options = tuple(Option(**option) for option in value["options"])
        return cls(value["kind"], options, value["context"], value["id"])


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of the options; `amount` if it was said how much of it; `rest` are the other wishes of the message."""

    option: Option
    amount: OrderLine | None = None
    rest: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was said fits several of the options."""

    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Yes:
    pass


@dataclass(frozen=True, slots=True)
class No:
    """A plain no, "none of these", "forget it"."""


@dataclass(frozen=True, slots=True)
class Said:
    """Free text that answers the question."""

    text: str


Answer = Chosen | Narrowed | Yes | No | Said


class Kind(ABC):
    """One kind of question. A passing one is dropped when the customer talks about something else.

    One that `takes_files` is answered by a photo without a word, too.
    """

    is_passing: ClassVar[bool] = False
    takes_files: ClassVar[bool] = False

    def read(self, message: Message, question: Question) -> Answer | None:
        """The answer in a message, or None when the message is about something else."""
        return read_choice(message, question.options)

    @abstractmethod
    async def ask(self, turn: Turn, question: Question) -> None:
        """Say the question, for the first time or again."""

    @abstractmethod
    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        """Act on the answer. The question is no longer open; open it again if the answer does not settle it."""


KINDS: dict[str, Kind] = {}


def question_kind(name: str) -> Callable[[type[Kind]], type[Kind]]:
    """Register how one kind of question is asked, read and answered."""

    def register(kind: type[Kind]) -> type[Kind]:
        assert name not in KINDS, f"two kinds of question are called {name}"
        KINDS[name] = kind()
        return kind

    return register


def read_yes_no(message: Message) -> Answer | None:
    """A yes or a no."""
    if message.intent == "affirm":
        return Yes()
    if message.intent == "deny" or is_refusal(message.text):
        return No()
    return None


def read_choice(message: Message, options: Sequence[Option]) -> Answer | None:
    """Which option a message means: a button, a number, an ordinal, or words that fit the option's title."""
    if not message.is_button and is_refusal(message.text):
        return No()
    position = _position(message)
    if position is not None:
        if position == -1:
            position = len(options)
        if not 1 <= position <= len(options):
            return Narrowed(tuple(options))
        # "4 of the first one": how many comes with which.
        amounts = [line for line in message.spoken_lines if line.text and _is_amount(line, message)]
        return Chosen(options[position - 1], amounts[0] if len(amounts) == 1 else None)
    answer = _read_words(message, options)
    if answer is not None:
        return answer
    if message.intent == "deny":
        return No()
    if message.intent == "affirm":
        return Chosen(options[0]) if len(options) == 1 else Narrowed(tuple(options))
    return None


def _position(message: Message) -> int | None:
    """The number of an option: from a button, from "la segunda", or a bare figure, whatever the intent."""
    figure = _NUMBER.fullmatch(message.text)
    if figure:
        return int(figure[1])
    position = message.first("option")
    return position if type(position) is int and message.intent == "option_choose" else None


def _read_words(message: Message, options: Sequence[Option]) -> Answer | None:
    """The option whose title has all the words that were said: of the whole text, or of one of its wishes."""
    if not message.order_lines or message.intent not in _WISHES:
        answer = _fitting(OrderLine(message.text), options)
        if answer is not None:
            return answer
    is_wish = message.intent in _WISHES and "?" not in message.text
    lines = message.spoken_lines if is_wish else ()
    for number, line in enumerate(lines):
        answer = _fitting(line, options)
        rest = (*lines[:number], *lines[number + 1 :])
        if isinstance(answer, Chosen):
            return Chosen(answer.option, line if _is_amount(line, message) else None, rest)
        if answer is not None and not rest:
            return answer
    return None


def _is_amount(line: OrderLine, message: Message) -> bool:
    """Is the quantity of a line one that was meant? The "one" of "the lactose-free one" is not."""
    return line.quantity_given and (line.quantity != "1" or "1" in message.text)


def _fitting(line: OrderLine, options: Sequence[Option]) -> Chosen | Narrowed | None:
    fitting = tuple(option for option in options if covers(line.text, f"{option.title} {option.also}"))
    exact = tuple(option for option in fitting if fold(option.title) == fold(line.text))
    if len(exact or fitting) == 1:
        return Chosen((exact or fitting)[0])
    return Narrowed(fitting) if fitting else None
