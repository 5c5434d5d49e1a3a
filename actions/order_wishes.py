"""What a message wants changed in a placed order: which verb goes with which goods, and whether it means an order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from actions.message import Message, OrderLine
from actions.words import plain, tokens
from nlu.order_lines import parse_order_lines

Verb = Literal["add", "set", "remove"]

# "…al pedido PED-10001", "…del pedido que ya hice", "…to the order I just placed"; "un pedido" is a new one.
_THE = r"(?:el|la|mi|ese|esa|este|esta|the|my|that|this)"
_ORDER = (
    r"(?:ultim[oa] |last |placed |existing )?(?:pedido|orden|compra|order)\b"
    r"(?: que (?:ya |acabo de )?\w+| (?:that )?i (?:just |already |have )*\w+| de (?:ayer|hoy|hace un\w* \w+))?"
)
_OF_AN_ORDER = re.compile(
    rf"\b(?:(?:al|del)|(?:a|de|en|to|from|in|into|on|off|out of) {_THE}|(?:to|from|in|on|off)(?= order\b)) {_ORDER}"
    r"|\ba lo que (?:ya )?\w+"
)
_AN_ORDER = re.compile(rf"\b{_THE} {_ORDER}")
_NUMBER = re.compile(r"#?\s*\b(?:ped|ord)[- ]?\d+\b|#\s?\d{3,}\b|\b\d{5,}\b")
# "Cambia a 3 panes": read as English, its "a" would be a number.
_TO_A_NUMBER = re.compile(r"\ba (?=\d)")
_VERBS: tuple[tuple[Verb, re.Pattern[str]], ...] = (
    (
        "remove",
        re.compile(
            r"\b(?:quit\w*|sac[aoue]\w*|saqu\w*|elimin\w*|borr\w*|retir\w*|remove|delete|drop|without|sin)\b"
            r"|(?<!ll )\btake\b"
        ),
    ),
    ("set", re.compile(r"\b(?:cambi\w*|dej[ae]\w*|mejor|sean?|corrig\w*|make|change|set|swap|replace|instead)\b")),
    (
        "add",
        re.compile(
            r"\b(?:agreg\w*|anad\w*|sum[ae]\w*|adicion\w*|pon\w*|ech\w*|inclu\w*|falt\w*|add|put|forgot|need"
            r"|mas|otr[oa]s?|more|another|extra)\b"
        ),
    ),
)
_MORE = re.compile(r"\b(?:mas|otr[oa]s?|more|another|extra)\b")
_BY_INTENT: dict[str, Verb] = {"cart_add": "add", "cart_change": "set", "cart_remove": "remove"}
# "Quiero cambiar algo": these name no goods.
_NOTHING_NAMED = frozenset(
    re.findall(
        r"\w+",
        """
        algo cosa producto item articulo cambio modificar cambiar corregir editar puedo
        something item product thing change modify edit amend update can need off out
        """,
    )
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Add so much of it, make it so much, or take it (or so much of it) away."""

    verb: Verb
    line: OrderLine

    @property
    def is_bare(self) -> bool:
        """ "Una más": it does not say of what."""
        return not tokens(self.line.text)

    def to_remember(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def remembered(cls, saved: dict[str, Any]) -> Self:
        return cls(saved["verb"], OrderLine(**saved["line"]))


def speaks_of_order(message: Message) -> bool:
    """Does it name an order that was placed, by number or as "the order"?"""
    return _OF_AN_ORDER.search(plain(message.text)) is not None


def speaks_of_more(message: Message) -> bool:
    """ "Otra leche", "one more"."""
    return _MORE.search(plain(message.text)) is not None


def wishes(message: Message) -> list[Wish]:
    """The changes in a message, in the order of its text."""
    said = plain(message.text)
    if message.is_button:
        return []
    for of_no_goods in (_OF_AN_ORDER, _AN_ORDER, _NUMBER):
        said = of_no_goods.sub(" ", said)
    said = _TO_A_NUMBER.sub("", " ".join(said.split()))
    found = []
    for each in parse_order_lines(said, message.detected_language):
        line = OrderLine.from_entity(each.as_value())
        verb = _verb(said, each.start, each.end) or _BY_INTENT.get(message.intent)
        if verb is None and message.intent == "order_change" and not line.quantity_given:
            # "Quiero modificar mi orden": no goods are named.
            continue
        is_named = bool(tokens(line.text)) and not _NOTHING_NAMED.intersection(tokens(line.text))
        if is_named or (line.quantity_given and not tokens(line.text)):
            found.append(Wish(verb or "add", line))
    return found


def _verb(said: str, start: int, end: int) -> Verb | None:
    """The last verb before the goods; "más" and "another" make a number one to add."""
    before = said[:start]
    last = max(
        ((match.end(), verb) for verb, words in _VERBS for match in words.finditer(before)),
        default=(0, None),
    )[1]
    if last in (None, "set") and _MORE.search(said[start:end]):
        return "add"
    return last


def as_saved(found: Sequence[Wish]) -> list[dict[str, Any]]:
    return [wish.to_remember() for wish in found]
