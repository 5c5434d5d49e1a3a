"""Several wishes in one message: where it may be cut, and whether its parts are wishes of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from nlu.addresses import find_address
from nlu.normalization import without_accents
from nlu.verdict import FALLBACK, Verdict

#: What is said beside a wish and asks for nothing.
COURTESIES = frozenset({"greet", "goodbye", "thanks"})
# These answer, lead in or stand for not understanding: beside a wish they belong to it.
_BELONGING = frozenset(
    {"affirm", "deny", "option_choose", "complaint", "out_of_scope", "bot_challenge", "help", FALLBACK}
)
# Told apart by a shade, and served by one answer.
_ALIKE = (
    frozenset({"order_track", "delivery_eta"}),
    frozenset({"return_start", "refund_status", "return_appeal", "return_cancel"}),
    frozenset({"store_info", "delivery_info"}),
    frozenset({"cart_remove", "cart_clear"}),
    frozenset({"cart_change", "order_change"}),
    frozenset({"discount_apply", "discount_remove"}),
    frozenset({"identity_link", "identity_move", "identity_part"}),
    frozenset({"payment_info", "payment_choose"}),
    frozenset({"product_info", "product_stock", "product_recommend", "catalog_browse"}),
    frozenset({"balance_ask", "pay_start"}),
)
#: A message of more parts is a list or a letter; it is judged whole.
CLAUSES_MAX = 5
# How sure a part must be: at all; where the whole surely says another wish of them; where it says none of them.
# Chosen on training lines that the judging model had not seen, where one line in a thousand is cut in error.
_SURE = 0.75
_SURE_BESIDE_A_WHOLE = 0.9
_SURE_AGAINST_A_WHOLE = 0.95
_WHOLE_SURE = 0.8

_GREETING = re.compile(
    r"\W*(?:(?:h?ol(?:a+|i+s?)|buen[ao]s?(?: (?:dias?|tardes?|noches?))?|buen dia|que tal|que mas"
    r"|como (?:estas?|estan?|va)|salud(?:os|itos)|hey+|hi+|hello+|good (?:morning|afternoon|evening|day)"
    r"|how are you|(?:muchas |mil )?gracias|thanks(?: a lot)?|thank you(?: so much)?)\b[\s,.!?]*)+"
)
_LINKS = "y|e|and|pero|but|tambien|ademas|also|luego|then"
_CUT = re.compile(
    rf"[.!?;,\n]+\s*(?:(?:{_LINKS}|de paso)\b\s*)*"
    rf"|\s(?:{_LINKS}|tmb|tb)\s(?:(?:{_LINKS}|de paso)\s)*"
)
# What begins so goes on with a list: a quantity, an article, a product of the line before.
_LISTED = re.compile(
    r"[\W\d]*(?:un[ao]?s?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|docena|medi[ao]|otr[ao]s?|el|la|los|las|de"
    r"|del|con|sin|an|one|two|three|four|five|six|seven|eight|nine|ten|dozen|half|another|the|some|of|with|without"
    r"|\d[\d.,/]*)\b"
)
# It says what is not wanted, and what is comes behind it: "en lugar de leche entera, deslactosada".
_INSTEAD = re.compile(r"\W*(?:en (?:vez|lugar) del?|instead of|rather than)\b")
# It speaks of what was named before: "quiero devolverlo", "remove it".
_SPEAKS_BACK = re.compile(
    r"\b(?:it|them|that off|those)\b|\b\w+(?:[aei]r|[aei]|ndo)(?:me|te|se|nos)?l[oa]s?\b"
    r"|\blos? (?!de\b|del\b|que\b)\w+|\b(?:no|ya|me|te|se) l[ao]s? \w+"
    r"|^\W*(?:(?:a )?(?:cuanto|como|que precio)(?: (?:vale|cuesta|sale|es|seria|tiene|queda)n?)?"
    r"|how much(?: is (?:it|that))?|precios?|prices?|hay|tienen?)\W*$"
)
# It tells what was, so that one knows what is meant by the rest.
_TELLS = re.compile(r"\b(?:pedi|pedimos|compre|compramos|ordene|encargue|i (?:had )?(?:ordered|bought))\b")
# "mándame 2 leches | a la calle 45 # 12-30", "… | mi dirección es …".
_TOWARDS = re.compile(
    r"(?:\s+|^)(?:(?:a|en|para|to|at|for)\s+)?(?:(?:la|el|mi|my|the)\s+)?(?:(?:direccion|dir|address)\W*(?:es|is)?\W*)?$"
)


@dataclass(frozen=True)
class Wish:
    """One wish of several, in [start, end) of the message."""

    text: str
    start: int
    end: int
    verdict: Verdict


def find_wishes(text: str, whole: Verdict, judge: Callable[[list[str]], list[Verdict]]) -> list[Wish]:
    """The wishes and courtesies of `text` in order, two or more; none where it is one wish.

    `judge` reads parts as the `whole` was read.
    """
    spans = clauses(text)
    if len(spans) == 1:
        return []
    verdicts = judge([text[start:end] for start, end in spans])
    groups = _grouped(text, spans, verdicts)
    if len(groups) == 1:
        return []
    if len(groups) < len(spans):
        verdicts = judge([text[start:end] for start, end in groups])
    wishes = [
        Wish(text[start:end], start, end, verdict) for (start, end), verdict in zip(groups, verdicts, strict=True)
    ]
    return wishes if _are_wishes(wishes, whole) else []


def main_wish(wishes: list[Wish]) -> Wish:
    """The first that is more than a courtesy."""
    return next(wish for wish in wishes if wish.verdict.intent not in COURTESIES)


def clauses(text: str) -> list[tuple[int, int]]:
    """Spans of the parts of `text` that could each be a wish; the whole where there are too many or none."""
    plain = without_accents(text)
    if len(plain) != len(text):
        plain = text.lower()
    address = find_address(text)
    spans: list[tuple[int, int]] = []
    start, is_half_said = 0, False
    for end, next_start in [*sorted(_edges(plain, address)), (len(text), len(text))]:
        if end < start:
            continue
        part = plain[start:end]
        holds_address = address is not None and start <= address[1] < end
        if spans and (is_half_said or not (holds_address or _may_be_a_wish(part))):
            spans[-1], is_half_said = (spans[-1][0], end), False
        elif part.strip():
            spans.append((start, end))
            is_half_said = _INSTEAD.match(part) is not None
        start = next_start
    return spans if 1 < len(spans) <= CLAUSES_MAX else [(0, len(text))]


def _edges(plain: str, address: tuple[str, int, int] | None) -> list[tuple[int, int]]:
    """Where one part may end and the next begin."""
    edges = [(cut.start() + (plain[cut.start()] == "?"), cut.end()) for cut in _CUT.finditer(plain)]
    greeting = _GREETING.match(plain)
    if greeting and greeting.end() < len(plain):
        edges = [(greeting.end(), greeting.end())] + [edge for edge in edges if edge[0] >= greeting.end()]
    if address:
        _, start, end = address
        edges = [edge for edge in edges if not start <= edge[0] < end]
        towards = _TOWARDS.search(plain[:start])
        edges += [(towards.start(), towards.start())] if towards and towards.start() else []
        edges += [(end, end)] if end < len(plain) else []
    return edges


def _may_be_a_wish(part: str) -> bool:
    return "?" in part or (len(part.split()) > 1 and _LISTED.match(part) is None)


def _grouped(text: str, spans: list[tuple[int, int]], verdicts: list[Verdict]) -> list[tuple[int, int]]:
    """The spans, neighbours that are one wish put together."""
    groups: list[tuple[int, int, str | None]] = []
    for (start, end), verdict in zip(spans, verdicts, strict=True):
        part = without_accents(text[start:end])
        is_sure = verdict.confidence >= _SURE and verdict.intent not in _BELONGING and _TELLS.search(part) is None
        intent = verdict.intent if is_sure else None
        before = groups[-1][2] if groups else None
        belongs = intent is None or before is None or _alike(intent, before) or _SPEAKS_BACK.search(part) is not None
        if groups and belongs:
            groups[-1] = (groups[-1][0], end, before or intent)
        else:
            groups.append((start, end, intent))
    return [(start, end) for start, end, _ in groups]


def _alike(one: str, other: str) -> bool:
    return one == other or any({one, other} <= family for family in _ALIKE)


def _are_wishes(wishes: list[Wish], whole: Verdict) -> bool:
    """Is each part surely a wish of its own, and none what the whole was surely not?"""
    intents = [wish.verdict.intent for wish in wishes]
    if _BELONGING & set(intents) or set(intents) <= COURTESIES or any(_alike(*pair) for pair in pairwise(intents)):
        return False
    if whole.confidence < _WHOLE_SURE:
        return all(wish.verdict.confidence >= _SURE for wish in wishes)
    others = [wish.verdict.confidence for wish in wishes if not _alike(whole.intent, wish.verdict.intent)]
    least = _SURE_AGAINST_A_WHOLE if len(others) == len(wishes) else _SURE_BESIDE_A_WHOLE
    return all(confidence >= least for confidence in others)
