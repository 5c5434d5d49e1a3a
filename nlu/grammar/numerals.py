"""Numbers as customers write them: figures, fractions, words, dozens and pairs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from nlu.grammar.units import unit_named
from nlu.grammar.words import word_list

_DIGITS_MAX = 12
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.333", "⅔": "0.667", "⅛": "0.125"}

_UNITS_ES = word_list(
    """
    cero un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete
    dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete
    veintiocho veintinueve
    """
)
_UNITS_EN = word_list(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty
    """
)
_TENS_ES = {
    "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
    "veinte": 20,
}  # fmt: skip
_TENS_EN = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_HUNDREDS_ES = {
    "cien": 100, "ciento": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300, "trescientas": 300,
    "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500, "quinientas": 500, "seiscientos": 600,
    "seiscientas": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
}  # fmt: skip
_SPANISH = {
    **{word: value for value, word in enumerate(_UNITS_ES)}, **_TENS_ES, **_HUNDREDS_ES,
    "una": 1, "uno": 1, "otro": 1, "otra": 1, "veintiun": 21, "veintiuna": 21,
}  # fmt: skip
# Nobody orders "zero" of a thing in words, but many order a "coke zero".
_ENGLISH = {**{word: value for value, word in enumerate(_UNITS_EN) if value}, **_TENS_EN, "a": 1, "an": 1, "another": 1}
#: Either language understands the other's numbers, but for words that are something else in it ("once", "ten", "six").
_SMALL = {
    "es": {word: value for word, value in _ENGLISH.items() if word not in {"a", "an", "ten", "six"}} | _SPANISH,
    "en": {word: value for word, value in _SPANISH.items() if word not in {"once", "un"}} | _ENGLISH,
}
_ARTICLES = {"un", "una", "a", "an", "another", "otro", "otra"}
GROUPS = {
    "docena": 12, "docenas": 12, "docenita": 12, "par": 2, "pares": 2, "parcito": 2, "decena": 10, "decenas": 10,
    "gruesa": 144, "gruesas": 144, "centena": 100, "centenar": 100, "dozen": 12, "dozens": 12, "couple": 2, "pair": 2,
    "pairs": 2, "gross": 144,
}  # fmt: skip
#: "4 doz eggs", "2 doc. de huevos": only behind a number.
SHORT_GROUPS = {"doz": 12, "dozs": 12, "dz": 12, "dzn": 12, "doc": 12, "docs": 12}
_SCALES = {"mil": 1_000, "millon": 10**6, "millones": 10**6, "thousand": 1_000, "hundred": 100, "million": 10**6}
_HALVES = {"medio", "media", "half", "mediecito", "mediecita"}
_QUARTERS = {"cuarto", "cuartos", "cuartico", "cuartito", "quarter", "quarters"}
#: Parts that are also other things ("a third one", "un tercio de cerveza"): parts only of a measure.
_PARTS = {
    "tercio": 3, "tercios": 3, "third": 3, "thirds": 3, "octavo": 8, "octavos": 8, "eighth": 8, "eighths": 8,
    "quinto": 5, "quintos": 5, "fifth": 5, "fifths": 5,
}  # fmt: skip
#: "la tercera parte de un kilo".
_NAMED_PARTS = {"tercera": 3, "cuarta": 4, "quinta": 5, "octava": 8}


def group_of(plain: str) -> str:
    """The group in which a number as it was said ends ("docenas" of "4 docenas", "dz" of "3dz"), or nothing."""
    group = plain.split()[-1].lstrip("0123456789.,/")
    return group if group in GROUPS or group in SHORT_GROUPS else ""


@dataclass(frozen=True)
class Numeral:
    """A number read from words: its value, how many words it took, and whether it was only an article ("un")."""

    value: Decimal
    length: int
    is_article: bool = False


def figure(text: str) -> Decimal | None:
    """The value of "3", "1,5", "1.500", "1/2", "1-1/2", "2½" or "1e9"; None for what is no count (a phone number)."""
    for sign, decimal in _VULGAR.items():
        if text.endswith(sign):
            whole = figure(text[:-1]) if len(text) > 1 else Decimal(0)
            return None if whole is None else whole + Decimal(decimal)
    if sum(char.isdigit() for char in text) > _DIGITS_MAX:
        return None
    if "/" in text:
        *before, fraction = re.split(r"[\s-]+", text)
        above, below = fraction.split("/")
        if int(below) == 0:
            return None
        return Decimal(int(before[0]) if before else 0) + (Decimal(int(above)) / int(below)).quantize(Decimal("0.001"))
    if "e" in text:
        base, power = text.split("e")
        return Decimal(int(base)) * 10 ** int(power) if int(power) <= _DIGITS_MAX else None
    if _THOUSANDS.fullmatch(text):
        return Decimal(re.sub(r"[.,]", "", text))
    if text.count(".") + text.count(",") > 1:
        return None
    return Decimal(text.replace(",", "."))


def read_numeral(words: list[str], figures: list[Decimal | None], at: int, language: str) -> Numeral | None:
    """The longest number that starts at `at`.

    `words` are lower case without accents; `figures` holds the value of those written in figures.
    """
    plain = _read_plain(words, figures, at, language)
    end = at + (plain.length if plain else 0)
    value = plain.value if plain else Decimal(1)
    # "tres cuartos", "un cuarto", "a quarter"; "cuarto de libra" alone too, but not "el cuarto" or "cuarto frío".
    if _word(words, end) in _QUARTERS and (plain or _word(words, end + 1) in {"de", "of", "pound", "kilo"}):
        return Numeral(value / 4, end + 1 + _length_of_one(words, end + 1, language) - at)
    part = _part_of_measure(words, value, end, at, language)
    if part is not None:
        return part
    if _word(words, end) in _HALVES and (plain is None or plain.is_article):
        return _after_half(words, end, at)
    if _word(words, end) in GROUPS:
        return _after_group(words, value * GROUPS[words[end]], end + 1, at)
    if plain is None:
        return None
    if _word(words, end) in SHORT_GROUPS:
        return Numeral(value * SHORT_GROUPS[words[end]], end + 1 - at)
    half = _half_after(words, end) or _fraction_after(words, figures, end)
    if half:
        return Numeral(value + half[0], half[1] - at)
    return plain


def _part_of_measure(words: list[str], value: Decimal, end: int, at: int, language: str) -> Numeral | None:
    """ "two thirds of a pound", "un tercio de libra", "la tercera parte de un kilo"; `value` is how many of them."""
    word = _word(words, end)
    is_named = word in _NAMED_PARTS and _word(words, end + 1) == "parte"
    if not is_named and (word not in _PARTS or end == at):
        return None
    after = end + (2 if is_named else 1)
    of_one = _length_of_one(words, after, language)
    link = 1 if not of_one and _word(words, after) in {"de", "of"} else 0
    if unit_named(_word(words, after + of_one + link), language) is None:
        return None
    below = _NAMED_PARTS[word] if is_named else _PARTS[word]
    return Numeral((value / below).quantize(Decimal("0.001")), after + of_one - at)


def _length_of_one(words: list[str], at: int, language: str) -> int:
    """Two words for the "of a" in "a quarter of a pound", the "de una" in "un cuarto de una libra"; else none."""
    of_one = tuple(words[at : at + 2])
    if of_one in {("of", "a"), ("of", "an")}:
        return 2
    return 2 if of_one in {("de", "un"), ("de", "una")} and unit_named(_word(words, at + 2), language) else 0


def _read_plain(words: list[str], figures: list[Decimal | None], at: int, language: str) -> Numeral | None:
    """A number without dozens or halves: "3", "5 mil", "treinta y cinco", "ciento veinte", "twenty-five"."""
    small = _SMALL[language]
    first = figures[at]
    end = at + 1
    if first is not None:
        value = first
        if _word(words, end) in {"mil", "thousand"}:
            return Numeral(value * 1_000, end + 1 - at)
        return Numeral(value, 1)
    word = words[at]
    if "-" in word:
        tens, _, ones = word.partition("-")
        if tens in _TENS_EN and 0 < small.get(ones, 0) < 10:
            return Numeral(Decimal(_TENS_EN[tens] + small[ones]), 1)
        return None
    if word in {"mil", "millon"}:
        total = Decimal(0)
        end = at
    elif word in small and not (word == "otra" and _word(words, at + 1) == "vez"):
        total = Decimal(small[word])
    else:
        return None
    return _continue_words(words, at, end, total, small)


def _continue_words(words: list[str], at: int, end: int, total: Decimal, small: dict[str, int]) -> Numeral:
    """Adds tens, ones and scales that follow: "… y cinco", "… mil doscientos"."""
    done = Decimal(0)
    while end < len(words):
        word = words[end]
        if word in _SCALES:
            total = max(total, Decimal(1)) * _SCALES[word]
            if _SCALES[word] > 100:
                done, total = done + total, Decimal(0)
            end += 1
            continue
        joint = word if word in {"y", "and"} and total > 0 and total % 10 == 0 else ""
        step = 2 if joint else 1
        following = _word(words, end + step - 1)
        size = small.get(following, 0)
        fits = 0 < size < _room(total, done, joint)
        if not fits or following in _ARTICLES:
            break
        total += size
        end += step
    return Numeral(done + total, end - at, is_article=end - at == 1 and words[at] in _ARTICLES)


def _room(total: Decimal, done: Decimal, joint: str) -> int:
    """The first number too large to be added: after a hundred 100, after a ten 10, after "mil" 1000."""
    if total == 0:
        return 1_000 if done else 0
    if total % 100 == 0:
        return 0 if joint == "y" else 100
    return 10 if total % 10 == 0 and total % 100 >= 20 else 0


def _after_half(words: list[str], end: int, at: int) -> Numeral | None:
    """What "medio"/"half" halves: a dozen, or the unit or thing that follows."""
    following = end + 1
    if _word(words, following) in {"a", "an"}:
        following += 1
    if _word(words, following) in GROUPS:
        return _after_group(words, Decimal(GROUPS[words[following]]) / 2, following + 1, at)
    if _word(words, following) in SHORT_GROUPS:
        return Numeral(Decimal(SHORT_GROUPS[words[following]]) / 2, following + 1 - at)
    if words[end] == "media" and _word(words, following) == "crema":
        return None
    return Numeral(Decimal("0.5"), following - at)


def _after_group(words: list[str], value: Decimal, end: int, at: int) -> Numeral:
    """What may follow a dozen: "y media", "and a half"."""
    link = 1 if _word(words, end) in {"de", "of"} else 0
    if words[end - 1] in {"par", "couple"} and _word(words, end + link) in {"docenas", "dozen"}:
        return Numeral(value * 12, end + link + 1 - at)
    half = _half_after(words, end)
    if half and words[end - 1].startswith(("docena", "dozen")):
        return Numeral(value + 12 * half[0], half[1] - at)
    return Numeral(value, end - at)


def _half_after(words: list[str], at: int) -> tuple[Decimal, int] | None:
    if _word(words, at) not in {"y", "and", "con"}:
        return None
    at += 1
    if _word(words, at) in {"a", "un", "una"}:
        at += 1
    if _word(words, at) in _HALVES:
        # "2 panes y media libra de queso": that half belongs to what follows.
        return (Decimal("0.5"), at + 1)
    if _word(words, at) in _QUARTERS:
        return (Decimal("0.25"), at + 1)
    if words[at - 1] in {"a", "un"} and _word(words, at) in {"third", "tercio"}:
        return (Decimal("0.333"), at + 1)
    return None


def _fraction_after(words: list[str], figures: list[Decimal | None], at: int) -> tuple[Decimal, int] | None:
    """ "2 y 1/2 kilos"."""
    fraction = figures[at + 1] if at + 1 < len(figures) else None
    if _word(words, at) not in {"y", "and", "con"} or fraction is None or not 0 < fraction < 1:
        return None
    return fraction, at + 2


def _word(words: list[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def decimal_string(value: Decimal) -> str:
    """`value` without exponent and without trailing zeros: "0.5", "3", "1000000000"."""
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
