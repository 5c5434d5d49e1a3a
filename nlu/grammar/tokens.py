"""A message cut into words, quantities, units and marks, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from nlu.grammar.numerals import SHORT_GROUPS, figure, read_numeral
from nlu.grammar.units import MONEY_OF_THOUSANDS, unit_named
from nlu.normalization import without_accents

WORD, QUANTITY, MARK = "word", "quantity", "mark"
_FORGOTTEN_BLANK_MIN = 4

_PIECE = re.compile(
    r"(?P<times>[xX]\d{1,6}(?!\w)|\d{1,6}[xX](?!\w))"
    r"|(?P<figure>(?<![\w.,/-])\d{1,4}[ -]\d{1,2}/\d{1,2}(?![\w/])|\d+/\d+(?![\w/])|\d{1,6}[eE]\d{1,3}(?!\w)"
    r"|\d+[½¼¾⅓⅔⅛](?!\w)|[½¼¾⅓⅔⅛])"
    r"|(?P<glued>\d+(?:[.,]\d+)?(?P<letters>[^\W\d_]+)(?!\w))"
    r"|(?P<short>(?<![^\W_])[wW]/[oO]?(?=\s|$|[^\W\d_]))"
    r"|(?P<plain_figure>\d+(?:[.,]\d+)*(?!\w))"
    r"|(?P<word>[^\W_]+(?:['’&-][^\W_]+)*)"
    r"|(?P<mark>\n|[^\s\w])"
)


@dataclass(frozen=True)
class Token:
    """A word, a quantity or a mark at [start, end) of the message.

    `text` is what was written in lower case, `plain` the same without accents. A quantity may span several words
    ("docena y media") and knows its `value`; a word that names a unit knows the `unit`.
    """

    kind: str
    text: str
    plain: str
    start: int
    end: int
    value: Decimal | None = None
    unit: str | None = None
    is_article: bool = False
    is_times: bool = False
    is_glued: bool = False
    half_added: Decimal = Decimal(0)


def tokenize(text: str, language: str) -> list[Token]:
    """The tokens of `text` in order, numbers read as `language` reads them."""
    return _with_unit_halves(_with_quantities(_pieces(text, language), language))


def _pieces(text: str, language: str) -> list[Token]:
    tokens = []
    for match in _PIECE.finditer(text):
        kind = match.lastgroup if match.lastgroup != "letters" else "glued"
        written = match[0].lower()
        token = Token(WORD, written, without_accents(written), match.start(), match.end())
        if kind in {"figure", "plain_figure"}:
            value = figure(written)
            tokens.append(replace(token, kind=QUANTITY, value=value) if value is not None else token)
        elif kind == "times":
            value = Decimal(int(re.sub(r"[^\d]", "", written)))
            tokens.append(replace(token, kind=QUANTITY, value=value, is_times=True))
        elif kind == "glued":
            tokens += _unglued(token, match["letters"].lower(), language)
        elif kind == "short":
            word = "without" if written == "w/o" else "with"
            tokens.append(replace(token, text=word, plain=word))
        elif kind == "mark":
            tokens.append(replace(token, kind=MARK))
        else:
            tokens.append(replace(token, unit=unit_named(token.plain, language)))
    return tokens


def _unglued(token: Token, letters: str, language: str) -> list[Token]:
    """ "500g" is a quantity and a unit; "7up" and "27a" are words."""
    digits = token.text[: -len(letters)]
    value = figure(digits)
    unit = unit_named(without_accents(letters), language) if len(letters) <= 4 else None
    if value is not None and letters in SHORT_GROUPS:
        return [replace(token, kind=QUANTITY, value=value * SHORT_GROUPS[letters], is_glued=True)]
    # Nobody sells a product named like "3leches": a blank was forgotten.
    if value is None or (unit is None and len(letters) < _FORGOTTEN_BLANK_MIN):
        return [token]
    cut = token.start + len(digits)
    return [
        Token(QUANTITY, digits, digits, token.start, cut, value=value, is_glued=True),
        Token(WORD, letters, without_accents(letters), cut, token.end, unit=unit),
    ]


#: What one pours into coffee.
_HALF_AND_HALF = {("half", "and", "half"), ("half", "&", "half")}
_PACKS = {
    "6": "six pack", "six": "six pack", "12": "12 pack", "twelve": "12 pack", "24": "24 pack",
    "twenty-four": "24 pack",
}  # fmt: skip


def _with_quantities(tokens: list[Token], language: str) -> list[Token]:
    """Number words joined into one quantity each; "6 pack" into one unit."""
    words = [token.plain for token in tokens]
    figures = [token.value if token.kind == QUANTITY else None for token in tokens]
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.is_times or token.is_glued:
            joined.append(token)
            at += 1
            continue
        pack = at + 2 if words[at + 1 : at + 2] == ["-"] else at + 1
        if words[at] in _PACKS and words[pack : pack + 1] in (["pack"], ["packs"]):
            text = f"{token.text} pack"
            joined.append(Token(WORD, text, text, token.start, tokens[pack].end, unit=_PACKS[words[at]]))
            at = pack + 1
            continue
        if tuple(words[at : at + 3]) in _HALF_AND_HALF:
            text = "half and half"
            joined.append(Token(WORD, text, text, token.start, tokens[at + 2].end))
            at += 3
            continue
        numeral = read_numeral(words, figures, at, language)
        if numeral is None:
            joined.append(token)
            at += 1
            continue
        last = tokens[at + numeral.length - 1]
        text = " ".join(part.text for part in tokens[at : at + numeral.length])
        plain = " ".join(words[at : at + numeral.length])
        joined.append(
            Token(QUANTITY, text, plain, token.start, last.end, value=numeral.value, is_article=numeral.is_article)
        )
        at += numeral.length
    return joined


def _with_unit_halves(tokens: list[Token]) -> list[Token]:
    """ "libra y media" and "kilos y cuarto" joined into one unit that remembers the half."""
    words = [token.plain for token in tokens]
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        half = _half_behind(tokens, at) if token.unit or token.plain in MONEY_OF_THOUSANDS else None
        if half is None:
            joined.append(token)
            at += 1
            continue
        added, end = half
        text = " ".join(part.text for part in tokens[at:end])
        joined.append(
            replace(token, text=text, plain=" ".join(words[at:end]), end=tokens[end - 1].end, half_added=added)
        )
        at = end
    return joined


def _half_behind(tokens: list[Token], at: int) -> tuple[Decimal, int] | None:
    """The half that follows the unit at `at`, unless it opens the next line ("una libra y media docena")."""
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    if behind is not None and _is_fraction(behind) and _plain_at(tokens, at + 2) in {"de", "of"}:
        # "kilo 1/2 de frijol", "dos kilos tres cuartos de papa".
        return behind.value or Decimal(0), at + 2
    if at + 2 >= len(tokens) or tokens[at + 1].plain not in {"y", "and"}:
        return None
    half = tokens[at + 2]
    if _is_fraction(half) and not half.plain[0].isalpha() and _plain_at(tokens, at + 3) in {"de", "of", ""}:
        return half.value or Decimal(0), at + 3
    if half.plain not in {"media", "medio", "a half", "half", "half a", "cuarto", "un cuarto", "a quarter"}:
        return None
    following = tokens[at + 3] if at + 3 < len(tokens) else None
    if following is not None and (following.unit or following.kind == QUANTITY):
        return None
    if half.plain == "cuarto":
        return Decimal("0.25"), at + 3
    assert half.value is not None
    return half.value, at + 3


def _is_fraction(token: Token) -> bool:
    return token.kind == QUANTITY and not token.is_article and token.value is not None and 0 < token.value < 1


def _plain_at(tokens: list[Token], at: int) -> str:
    return tokens[at].plain if at < len(tokens) else ""


def word_at(tokens: list[Token], at: int) -> str:
    return tokens[at].plain if at < len(tokens) and tokens[at].kind == WORD else ""


def unit_at(tokens: list[Token], at: int) -> Token | None:
    return tokens[at] if at < len(tokens) and tokens[at].kind == WORD and tokens[at].unit else None
