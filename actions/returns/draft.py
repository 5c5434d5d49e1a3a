"""The draft of a return: what was said of it so far, what is missing, and what later words change of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

# The first four are asked of each of the goods, the others once.
OF_ITEM = ("line", "quantity", "reason", "photo")
STEPS = (*OF_ITEM, "wish", "instead", "way", "point", "slot", "confirm")
_ITEM = ("line", "quantity", "reason", "photos")
# Exchanged before anything else is offered; the same again only for what is the shop's fault.
WISHES = ("exchange", "replacement", "refund", "store_credit")
WAYS = ("pickup", "drop_off", "store")


@dataclass(frozen=True, slots=True)
class Draft:
    """`facts` are kept in the open question; `found` is what the OMS says may come back of the order.

    One of the goods is asked about at a time: `line`, `quantity`, `reason` and `photos` are its own. Those that are
    settled are `others`, those that were named and not asked about yet are `next`. `points` are the words for each of
    the drop-off points that were offered.
    """

    facts: dict[str, Any]
    found: Returnable

    @property
    def line(self) -> ReturnableLine | None:
        return next((line for line in self.free if line.line == self.facts.get("line")), None)

    @property
    def free(self) -> list[ReturnableLine]:
        """What may still be chosen, or is being asked about."""
        taken = {item["line"] for item in self.others}
        return [line for line in may_come_back(self.found) if line.line not in taken]

    @property
    def others(self) -> list[dict[str, Any]]:
        return list(self.facts.get("others", ()))

    @property
    def items(self) -> list[dict[str, Any]]:
        """All the goods that were chosen, the one that is asked about last."""
        return [*self.others, *([self._item()] if self.line else [])]

    @property
    def is_more_left(self) -> bool:
        return any(line.line != self.facts.get("line") for line in self.free)

    @property
    def reason(self) -> ReturnReason | None:
        return self._reason_of(self.facts)

    @property
    def wishes(self) -> list[str]:
        """The same again only where all of it is the shop's fault."""
        reasons = [self._reason_of(item) for item in self.items]
        is_ours = all(each is not None and each.is_our_fault for each in reasons)
        return [wish for wish in WISHES if is_ours or wish != "replacement"]

    @property
    def count(self) -> int:
        """In the unit of the order's line."""
        return int(self.facts["quantity"]) // self.line.unit_factor if self.line else 0

    @property
    def count_of_all(self) -> int:
        return sum(count for _, count, _ in self.goods())

    @property
    def most(self) -> int:
        return self.line.left // self.line.unit_factor if self.line else 0

    def goods(self) -> list[tuple[ReturnableLine, int, ReturnReason | None]]:
        """Each of the goods that were chosen: how many in the unit of the order's line, and why."""
        by_id = {line.line: line for line in self.found.lines}
        chosen = [(by_id[item["line"]], item) for item in self.items]
        return [(line, int(item["quantity"]) // line.unit_factor, self._reason_of(item)) for line, item in chosen]

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
            "point": not facts.get("keeps_goods") and facts.get("way") == "drop_off" and "point" not in facts,
            "slot": not facts.get("keeps_goods") and facts.get("way") == "pickup" and "slot" not in facts,
            "confirm": True,
        }
        return next(step for step in STEPS if is_missing[step])

    def following(self) -> Draft | None:
        """The draft at the next of the goods that were named, once all is known of this one."""
        waiting = list(self.facts.get("next", ()))
        if not waiting or self.missing() in OF_ITEM:
            return None
        return self._at(waiting[0], others=self.items, waiting=waiting[1:])

    def more(self) -> Draft:
        """The draft where another of the goods is to be chosen."""
        return self._at({}, others=self.items)

    def back(self) -> Draft:
        """The draft at the last of the goods that were settled: no other was chosen after all."""
        *others, last = self.others
        return self._at(last, others=others)

    def about(self, text: str) -> Draft:
        """The draft at that of the settled goods which these words name; the one asked about waits."""
        named = [item for item in self.others if self._names(item, text)]
        if len(named) != 1 or (self.line and is_named(self.line, text)):
            return self
        others = [item for item in self.others if item != named[0]]
        waiting = list(self.facts.get("next", ()))
        if self.line is not None:
            is_settled = self.missing() not in OF_ITEM
            others, waiting = ([*others, self._item()], waiting) if is_settled else (others, [self._item(), *waiting])
        return self._at(named[0], others=others, waiting=waiting)

    def with_more(self, text: str) -> Draft | None:
        """With another of the goods, where the words ask for one besides ("también el pan")."""
        if self.line is None or not heard.ALSO.search(fold(text)):
            return None
        chosen = {item["line"] for item in [*self.items, *self.facts.get("next", ())]}
        named = [line for line in best_named(self.free, text) if line.line not in chosen]
        if len(named) != 1:
            return None
        item = item_of(named[0], text, self.found)
        return Draft(self._changed({"next": [*self.facts.get("next", ()), item]}), self.found)

    def without(self, text: str) -> Draft | None:
        """Without that of several goods which these words keep out ("el pan no", "quita el pan")."""
        items = [*self.items, *self.facts.get("next", ())]
        named = [item for item in items if self._names(item, text)]
        if len(items) < 2 or len(named) != 1 or not heard.DROPS.search(fold(text)):
            return None
        kept = [item for item in self.others if item != named[0]]
        waiting = [item for item in self.facts.get("next", ()) if item != named[0]]
        if self.line is None or self._item() != named[0]:
            return Draft(self._changed({"others": kept, "next": waiting}), self.found)
        return self._at(kept.pop() if kept else waiting.pop(0), others=kept, waiting=waiting)

    def hear(self, text: str, message: Message) -> dict[str, Any]:
        """What these words settle, or change of what was settled."""
        said: dict[str, Any] = {}
        if quantity := self._quantity(text, message):
            said["quantity"] = quantity
        if reason := heard.reason(text, [each.code for each in self.found.reasons]):
            said["reason"] = reason
        said |= self.hear_of_all(text)
        if not said and "line" in self.facts and (other := self._other_line(text)):
            said["line"] = other
        return {name: value for name, value in said.items() if self.facts.get(name) != value}

    def hear_of_all(self, text: str) -> dict[str, Any]:
        """What these words settle that is not asked of each of the goods."""
        said: dict[str, Any] = {}
        if wish := heard.wish(text):
            said["wish"] = wish
        if (instead := heard.instead(text)) and wish == "exchange":
            said["instead_said"] = instead
        if way := heard.way(text):
            said["way"] = way
        points = [code for code, words in self.facts.get("points", {}).items() if covers(text, words)]
        if len(points) == 1:
            said["point"] = points[0]
        return said

    def with_(self, said: Mapping[str, Any]) -> Draft:
        """Changed by what was said; what hangs on what changed is asked for again."""
        facts = self.facts | dict(said)
        hanging = {
            "line": ("quantity", "photos", "keeps_goods"),
            "quantity": ("keeps_goods",),
            "reason": ("keeps_goods",),
            "way": ("slot", "point", "points"),
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
        lines = [
            NewReturnLine(
                line=item["line"],
                quantity=item["quantity"],
                reason=item["reason"],
                photos=[VouchedPhoto(voucher=voucher) for voucher in item.get("photos", [])],
            )
            for item in self.items
        ]
        wish = facts.get("wish", "refund")
        return NewReturn(
            lines=lines,
            wish=wish if wish != "exchange" or is_exchange else "refund",
            way=facts.get("way", "store"),
            pickup_on=slot[0] if slot else None,
            pickup_slot=slot[1] if slot else None,
            drop_off_point=facts.get("point"),
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
        named = best_named(self.free, text)
        return named[0].line if len(named) == 1 and named[0].line != self.facts["line"] else None

    def _item(self) -> dict[str, Any]:
        return {name: self.facts[name] for name in _ITEM if name in self.facts}

    def _names(self, item: Mapping[str, Any], text: str) -> bool:
        return any(line.line == item["line"] and is_named(line, text) for line in self.found.lines)

    def _reason_of(self, item: Mapping[str, Any]) -> ReturnReason | None:
        return next((each for each in self.found.reasons if each.code == item.get("reason")), None)

    def _at(
        self, item: Mapping[str, Any], *, others: Sequence[dict[str, Any]], waiting: Sequence[dict[str, Any]] = ()
    ) -> Draft:
        facts = {name: value for name, value in self._changed({}).items() if name not in _ITEM}
        return Draft({**facts, **item, "others": list(others), "next": list(waiting)}, self.found)

    def _changed(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The facts when the goods are others: whether they are wanted back is asked of the OMS again."""
        return {name: value for name, value in self.facts.items() if name != "keeps_goods"} | dict(said)


def may_come_back(found: Returnable) -> list[ReturnableLine]:
    return [line for line in found.lines if line.refusal is None and line.left > 0]


def is_named(line: ReturnableLine, text: str) -> bool:
    return _words_of(line, text) > 0


def best_named(lines: Sequence[ReturnableLine], text: str) -> list[ReturnableLine]:
    """The lines of which most words are said: of two milks the one that "la leche deslactosada" names."""
    most = max((_words_of(line, text) for line in lines), default=0)
    return [line for line in lines if most and _words_of(line, text) == most]


def named_apart(lines: Sequence[ReturnableLine], text: str, found: Returnable) -> list[dict[str, Any]]:
    """The goods of "dos leches y el pan, llegaron dañados", each with what is said of it; fewer if one is unclear.

    A reason that is said once at the end is that of all before it.
    """
    items: list[dict[str, Any]] = []
    for part in heard.parts(text):
        named = best_named(lines, part)
        if len(named) == 1 and all(item["line"] != named[0].line for item in items):
            items.append(item_of(named[0], part, found))
        reason = heard.reason(part, [each.code for each in found.reasons])
        for item in items if reason else ():
            item.setdefault("reason", reason)
    return items


def item_of(line: ReturnableLine, text: str, found: Returnable) -> dict[str, Any]:
    """What a part of a message says of one of the goods; of more than there is nothing is taken."""
    item: dict[str, Any] = {"line": line.line}
    count = heard.count(text, f"{line.names.es} {line.names.en}")
    quantity = line.left if heard.ALL.search(fold(text)) else (count or 0) * line.unit_factor
    if 0 < quantity <= line.left:
        item["quantity"] = quantity
    if reason := heard.reason(text, [each.code for each in found.reasons]):
        item["reason"] = reason
    return item


def _words_of(line: ReturnableLine, text: str) -> int:
    names = f"{line.name} {line.names.es} {line.names.en}"
    return len({word for word in heard.what_comes_back(text).split() if len(word) > 2 and covers(word, names)})


def name_of(line: ReturnableLine, language: str) -> str:
    return wording.words(line.names, language)


def _is_count(spoken: OrderLine) -> bool:
    return spoken.quantity_given and spoken.quantity.isdigit()
