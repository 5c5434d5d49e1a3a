"""The draft of a return: what was said of it so far, what is missing, and what later words change of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actions import wording
from actions.message import Message, OrderLine
from actions.returns import heard
from actions.words import covers, fold
from backend.schemas.returns import (
    ExchangeLine,
    NewReturn,
    NewReturnLine,
    Returnable,
    ReturnableLine,
    ReturnReason,
    VouchedPhoto,
)

STEPS = ("line", "quantity", "reason", "photo", "wish", "instead", "way", "slot", "confirm")
# Exchanged before anything else is offered; the same again only for what is the shop's fault.
WISHES = ("exchange", "replacement", "refund", "store_credit")
WAYS = ("pickup", "drop_off", "store")


@dataclass(frozen=True, slots=True)
class Draft:
    """`facts` are kept in the open question; `found` is what the OMS says may come back of the order."""

    facts: dict[str, Any]
    found: Returnable

    @property
    def line(self) -> ReturnableLine | None:
        return next((line for line in self.free if line.line == self.facts.get("line")), None)

    @property
    def free(self) -> list[ReturnableLine]:
        return [line for line in self.found.lines if line.refusal is None and line.left > 0]

    @property
    def reason(self) -> ReturnReason | None:
        return next((each for each in self.found.reasons if each.code == self.facts.get("reason")), None)

    @property
    def wishes(self) -> list[str]:
        is_ours = self.reason is not None and self.reason.is_our_fault
        return [wish for wish in WISHES if is_ours or wish != "replacement"]

    @property
    def count(self) -> int:
        """In the unit of the order's line."""
        return int(self.facts["quantity"]) // self.line.unit_factor if self.line else 0

    @property
    def most(self) -> int:
        return self.line.left // self.line.unit_factor if self.line else 0

    def missing(self) -> str:
        """The first step that is not settled."""
        facts, reason = self.facts, self.reason
        is_missing = {
            "line": self.line is None,
            "quantity": "quantity" not in facts,
            "reason": reason is None,
            "photo": reason is not None and reason.photo_required and not facts.get("photos"),
            "wish": facts.get("wish") not in self.wishes,
            "instead": facts.get("wish") == "exchange" and "instead" not in facts,
            "way": not facts.get("keeps_goods") and "way" not in facts,
            "slot": not facts.get("keeps_goods") and facts.get("way") == "pickup" and "slot" not in facts,
            "confirm": True,
        }
        return next(step for step in STEPS if is_missing[step])

    def hear(self, text: str, message: Message) -> dict[str, Any]:
        """What these words settle, or change of what was settled."""
        said: dict[str, Any] = {}
        if quantity := self._quantity(text, message):
            said["quantity"] = quantity
        if reason := heard.reason(text, [each.code for each in self.found.reasons]):
            said["reason"] = reason
        if wish := heard.wish(text):
            said["wish"] = wish
        if (instead := heard.instead(text)) and wish == "exchange":
            said["instead_said"] = instead
        if way := heard.way(text):
            said["way"] = way
        if not said and "line" in self.facts and (other := self._other_line(text)):
            said["line"] = other
        return {name: value for name, value in said.items() if self.facts.get(name) != value}

    def with_(self, said: Mapping[str, Any]) -> Draft:
        """Changed by what was said; what hangs on what changed is asked for again."""
        facts = self.facts | dict(said)
        hanging = {
            "line": ("quantity", "photos", "keeps_goods"),
            "quantity": ("keeps_goods",),
            "reason": ("keeps_goods",),
            "way": ("slot",),
        }
        lost = {name for changed in said for name in hanging.get(changed, ()) if name not in said}
        facts = {name: value for name, value in facts.items() if name not in lost}
        if "quantity" in said and "instead" in facts:
            # As many are wanted instead as come back.
            facts.setdefault("instead_said", facts.pop("instead")["said"])
        if "instead_said" in said:
            facts.pop("instead", None)
        if facts.get("wish", "exchange") != "exchange":
            facts = {name: value for name, value in facts.items() if name not in ("instead", "instead_said", "among")}
        return Draft(facts, self.found)

    def request(self) -> NewReturn:
        facts, instead, slot = self.facts, self.facts.get("instead"), self.facts.get("slot")
        is_exchange = facts.get("wish") == "exchange" and instead is not None
        line = NewReturnLine(
            line=facts["line"],
            quantity=facts["quantity"],
            reason=facts["reason"],
            photos=[VouchedPhoto(voucher=voucher) for voucher in facts.get("photos", [])],
        )
        wish = facts.get("wish", "refund")
        return NewReturn(
            lines=[line],
            wish=wish if wish != "exchange" or is_exchange else "refund",
            way=facts.get("way", "store"),
            pickup_on=slot[0] if slot else None,
            pickup_slot=slot[1] if slot else None,
            exchange_for=[ExchangeLine(sku=instead["sku"], quantity=instead["quantity"], unit=instead["unit"])]
            if is_exchange and instead
            else [],
        )

    def _quantity(self, text: str, message: Message) -> int | None:
        """Base units, if it is clear how many are meant: of "dos no, una" the number that is new."""
        line = self.line
        if line is None or self.most <= 1:
            return None
        if heard.ALL.search(fold(text)):
            return line.left
        known = self.count if "quantity" in self.facts else None
        new = {number for number in heard.numbers(text, f"{line.names.es} {line.names.en}") if number != known}
        if not new and known is None:
            spoken = [int(each.quantity) for each in message.spoken_lines if _is_count(each)]
            new = set(spoken) if len(spoken) == 1 and not message.is_button else set()
        return new.pop() * line.unit_factor if len(new) == 1 else None

    def _other_line(self, text: str) -> str | None:
        named = [line for line in self.free if is_named(line, text)]
        return named[0].line if len(named) == 1 and named[0].line != self.facts["line"] else None


def is_named(line: ReturnableLine, text: str) -> bool:
    names = f"{line.name} {line.names.es} {line.names.en}"
    return any(covers(word, names) for word in heard.what_comes_back(text).split() if len(word) > 2)


def name_of(line: ReturnableLine, language: str) -> str:
    return wording.words(line.names, language)


def _is_count(spoken: OrderLine) -> bool:
    return spoken.quantity_given and spoken.quantity.isdigit()
