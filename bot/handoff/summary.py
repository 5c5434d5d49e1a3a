"""The summary of a dialogue for who takes it over: counted and quoted, nothing invented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

# What the shop's documents are called (docs/glossary.md).
_NUMBERS = re.compile(r"\b(?:PED|RMA|CPB|FV|NC|ND|OC)-\d{1,9}\b", re.IGNORECASE)
QUOTED, QUOTED_MOST, NUMBERS_MOST = 3, 160, 6


class Said(Protocol):
    """A message, as far as it is summed up."""

    @property
    def seq(self) -> int: ...

    @property
    def author(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Summary:
    """`last_words` are the customer's, oldest first; `numbers` the documents that were spoken of, the latest first."""

    since: datetime | None
    from_customer: int
    from_assistant: int
    from_agents: int
    last_words: tuple[str, ...]
    last_answer: str
    numbers: tuple[str, ...]
    unanswered: int

    @property
    def is_theirs_last(self) -> bool:
        """Did the customer write last?"""
        return self.unanswered > 0

    def in_a_line(self, language: str) -> str:
        """What a list says of it beside the last message: what it is about, what the customer said, what is open."""
        is_english = language == "en"
        said = [f"{'About' if is_english else 'Sobre'} {', '.join(self.numbers[:2])}"] if self.numbers else []
        if self.last_words and not self.is_theirs_last:
            said.append(f"“{self.last_words[-1]}”" if is_english else f"«{self.last_words[-1]}»")
        if self.unanswered > 1:
            said.append(f"{'unanswered' if is_english else 'sin responder'}: {self.unanswered}")
        return " · ".join(said)

    def in_words(self, language: str) -> str:
        """A few sentences, in Spanish or English."""
        is_english = language == "en"
        if not self.from_customer:
            return "The customer has written nothing yet." if is_english else "El cliente todavía no ha escrito nada."
        said = [_counted(self, is_english)]
        if self.numbers:
            said.append(f"{'About' if is_english else 'Sobre'} {', '.join(self.numbers)}.")
        quoted = " · ".join(f"«{each}»" if not is_english else f"“{each}”" for each in self.last_words)
        if quoted:
            said.append(f"{'Last words' if is_english else 'Lo último que dijo'}: {quoted}")
        if self.unanswered:
            said.append(
                f"Unanswered: {self.unanswered}." if is_english else f"Sin responder: {self.unanswered}."
            )  # fmt: skip
        return " ".join(said)


def _counted(summary: Summary, is_english: bool) -> str:
    parts = (
        (("from the customer", "del cliente"), summary.from_customer),
        (("from the assistant", "del asistente"), summary.from_assistant),
        (("from people", "de personas"), summary.from_agents),
    )
    told = ", ".join(f"{count} {words[0 if is_english else 1]}" for words, count in parts if count)
    return f"{'Messages' if is_english else 'Mensajes'}: {told}."


def summarise(messages: Sequence[Said]) -> Summary:
    """Of what was said, oldest first."""
    theirs = [each for each in messages if each.author == "customer"]
    answers = [each for each in messages if each.author != "customer"]
    last_answer = answers[-1] if answers else None
    numbers = [found.upper() for each in reversed(messages) for found in reversed(_NUMBERS.findall(each.text))]
    return Summary(
        since=messages[0].at if messages else None,
        from_customer=len(theirs),
        from_assistant=sum(each.author == "assistant" for each in messages),
        from_agents=sum(each.author == "agent" for each in messages),
        last_words=tuple(_cut(each.text) for each in theirs if each.text.strip())[-QUOTED:],
        last_answer=_cut(last_answer.text) if last_answer else "",
        numbers=tuple(dict.fromkeys(numbers))[:NUMBERS_MOST],
        unanswered=sum(each.seq > (last_answer.seq if last_answer else 0) for each in theirs),
    )


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED_MOST else f"{line[: QUOTED_MOST - 1].rstrip()}…"
