"""How people ask for an article: which of its facets they say, and the slips of fingers, ears and schools."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.backend.catalog.large_market import Article, Words

LANGUAGES = ("es", "en")
Slip = Callable[[str, random.Random, str], str]
_KEYS = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")
_SOUNDS_ES = (("v", "b"), ("b", "v"), ("z", "s"), ("ce", "se"), ("ci", "si"), ("ll", "y"), ("h", ""), ("qu", "k"),
              ("ge", "je"), ("gi", "ji"), ("j", "g"), ("s", "z"), ("y", "ll"))  # fmt: skip
_SOUNDS_EN = (("ee", "ea"), ("ea", "ee"), ("ck", "k"), ("er", "ar"), ("ph", "f"), ("le", "el"), ("ll", "l"),
              ("ss", "s"), ("tt", "t"), ("ie", "ei"), ("c", "k"), ("ou", "o"))  # fmt: skip
_SPOKEN = {
    "es": {1: "un", 2: "dos", 3: "tres", 4: "cuatro", 5: "cinco", 6: "seis", 8: "ocho", 10: "diez", 12: "doce",
           15: "quince", 20: "veinte", 25: "veinticinco", 30: "treinta", 50: "cincuenta", 60: "sesenta", 100: "cien",
           120: "ciento veinte", 200: "doscientos", 250: "doscientos cincuenta", 300: "trescientos",
           400: "cuatrocientos", 500: "quinientos", 750: "setecientos cincuenta"},
    "en": {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 8: "eight", 10: "ten", 12: "twelve",
           15: "fifteen", 20: "twenty", 25: "twenty five", 30: "thirty", 50: "fifty", 60: "sixty", 100: "a hundred",
           120: "a hundred and twenty", 200: "two hundred", 250: "two hundred and fifty", 300: "three hundred",
           400: "four hundred", 500: "five hundred", 750: "seven hundred and fifty"},
}  # fmt: skip
_MEASURES = {
    "es": {"g": ("gramos", "gramos"), "kg": ("kilo", "kilos"), "ml": ("mililitros", "mililitros"),
           "L": ("litro", "litros")},
    "en": {"g": ("grams", "grams"), "kg": ("kilo", "kilos"), "ml": ("milliliters", "milliliters"),
           "L": ("liter", "liters")},
}  # fmt: skip
_AROUND = {
    "es": (("eh me das", "mira necesito", "buenas quiero", "pues un"), ("por favor", "gracias", "")),
    "en": (("um i need", "can i get", "hey i want"), ("please", "thanks", "")),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A message, by which rule it was made, and the skus that have all that it says."""

    text: str
    language: str
    rule: str
    right: frozenset[str]


def wishes(articles: Sequence[Article], count: int) -> list[Wish]:
    """`count` messages, as many of every rule, about articles picked by chance; the same every time."""
    chance = random.Random(23)
    by_facet = _by_facet(articles)
    found: dict[str, Wish] = {}
    rules = list(RULES)
    while len(found) < count:
        rule = rules[len(found) % len(rules)]
        language = "es" if chance.random() < 0.65 else "en"
        wish = _wish(chance.choice(articles), rule, language, chance, by_facet)
        if wish is not None:
            found.setdefault(wish.text, wish)
    return list(found.values())


Facets = dict[tuple[str, str, str | None], set[str]]


def _by_facet(articles: Sequence[Article]) -> Facets:
    """Which skus have a facet. What tells one apart may also be in another's name: "chocolate" and its chips."""
    found: Facets = defaultdict(set)
    told: dict[str, set[str]] = {
        language: {getattr(each, language).told_by for each in articles} for language in LANGUAGES
    }
    for language in LANGUAGES:
        spoken: dict[frozenset[str], set[str]] = defaultdict(set)
        for article in articles:
            words: Words = getattr(article, language)
            sku = article.entry.sku
            for name in words.names:
                found[language, "name", name].add(sku)
                spoken[frozenset(f"{name} {words.told_by}".split())].add(sku)
            found[language, "brand", words.brand].add(sku)
            found[language, "size", words.size].add(sku)
        for value in told[language]:
            for said, skus in spoken.items():
                if said >= set(value.split()):
                    found[language, "told_by", value] |= skus
    return found


def _wish(article: Article, rule: str, language: str, chance: random.Random, by_facet: Facets) -> Wish | None:
    said, slip = RULES[rule]
    words: Words = getattr(article, language)
    values = {"name": chance.choice(words.names), "told_by": words.told_by, "brand": words.brand, "size": words.size}
    # "x3" behind a name counts articles for most people, not what is in a pack.
    if "size" in said and (words.size is None or words.size in ("x2", "x3", "x4", "x5")):
        return None
    right = set.intersection(*(by_facet[language, facet, values[facet]] for facet in said))
    text = slip(_phrase({facet: values[facet] or "" for facet in said}, language, chance), chance, language)
    return Wish(text, language, rule, frozenset(right)) if text else None


def _phrase(values: dict[str, str], language: str, chance: random.Random) -> str:
    name, told, brand, size = (values.get(facet, "") for facet in ("name", "told_by", "brand", "size"))
    size = size.replace(".", ",") if language == "es" else size
    if language == "en":
        head = " ".join(filter(None, (brand, told, name) if chance.random() < 0.6 else (told, name, brand)))
        return f"{head} {size}".strip()
    size = f"de {size}" if size and not size.startswith("x") and chance.random() < 0.6 else size
    order = (name, told, brand, size) if chance.random() < 0.7 else (name, brand, told, size)
    return " ".join(filter(None, order))


def _as_is(text: str, _chance: random.Random, _language: str) -> str:
    return text


def _without_accents(text: str, _chance: random.Random, _language: str) -> str:
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return bare.lower() if bare != text else ""


def _in_a_word(change: Callable[[str, random.Random], str]) -> Slip:
    def slip(text: str, chance: random.Random, _language: str) -> str:
        words = text.split()
        long = [at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
        if not long:
            return ""
        at = chance.choice(long)
        words[at] = change(words[at], chance)
        return " ".join(words)

    return slip


def _mistyped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    row = next((row for row in _KEYS if word[at] in row), None)
    if row is None:
        return word[:at] + word[at + 1 :]
    beside = row.index(word[at]) + (1 if row.index(word[at]) == 0 else -1)
    return word[:at] + row[beside] + word[at + 1 :]


def _by_ear(text: str, chance: random.Random, language: str) -> str:
    words = text.lower().split()
    sounds = _SOUNDS_EN if language == "en" else _SOUNDS_ES
    spots = [(at, old, new) for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()
             for old, new in sounds if old in word]  # fmt: skip
    if not spots:
        return ""
    at, old, new = chance.choice(spots)
    words[at] = words[at].replace(old, new, 1)
    return " ".join(words)


def _plural(text: str, chance: random.Random, language: str) -> str:
    first, *rest = text.split() if language == "es" else (text.split()[-1], *text.split()[:-1])
    if first.endswith("s") or not first.isalpha():
        return ""
    if language == "en":
        many = (
            first[:-1] + "ies"
            if re.search(r"[^aeiou]y$", first)
            else first + ("es" if first[-2:] in ("ch", "sh") or first[-1] in "xz" else "s")
        )
        return " ".join((f"{chance.randrange(2, 7)}", *rest, many))
    many = first[:-1] + "ces" if first.endswith("z") else first + ("s" if first[-1] in "aeiouáéíóú" else "es")
    return " ".join((chance.choice(("dos", "tres", "4", "unos", "varios")), many, *rest))


def _diminutive(text: str, _chance: random.Random, language: str) -> str:
    first, *rest = text.split()
    bare = _without_accents(first, _chance, language) or first
    if language == "en" or len(bare) < 4 or bare.endswith("s") or not bare.isalpha():
        return ""
    if bare[-1] in "ao":
        stem, end = bare[:-1], bare[-1]
        stem = {"c": stem[:-1] + "qu", "g": stem + "u", "z": stem[:-1] + "c"}.get(stem[-1], stem)
        small = f"{stem}it{end}"
    else:
        small = f"{bare[:-1]}ecito" if bare[-1] == "e" else f"{bare}{'cito' if bare[-1] in 'nr' else 'ito'}"
    return " ".join(("un", small, *rest))


def _voice(text: str, chance: random.Random, language: str) -> str:
    def spoken(match: re.Match[str]) -> str:
        number = match["number"].replace(",", ".")
        one, many = _MEASURES[language][match["measure"]]
        if number == "1.5":
            return f"{one} y medio" if language == "es" else f"one and a half {many}"
        said = _SPOKEN[language].get(int(float(number)) if float(number).is_integer() else -1)
        return f"{said} {one if number == '1' else many}" if said else match[0]

    def pieces(match: re.Match[str]) -> str:
        said = _SPOKEN[language].get(int(match["number"]))
        return f"{'por' if language == 'es' else 'pack of'} {said}" if said else match[0]

    heard = re.sub(r"(?P<number>\d+(?:[.,]\d+)?) (?P<measure>kg|g|ml|L)\b", spoken, text)
    heard = re.sub(r"\bx(?P<number>\d+)\b", pieces, heard).lower()
    before, after = _AROUND[language]
    return f"{chance.choice(before)} {heard} {chance.choice(after)}".strip()


def _in_packs(text: str, chance: random.Random, language: str) -> str:
    many = chance.randrange(2, 6)
    return f"{many} cajas de {text}" if language == "es" else f"{many} boxes of {text}"


RULES: dict[str, tuple[tuple[str, ...], Slip]] = {
    "the kind alone": (("name",), _as_is),
    "kind and brand": (("name", "brand"), _as_is),
    "brand for product": (("told_by", "brand"), _as_is),
    "kind, brand, what tells it and size": (("name", "told_by", "brand", "size"), _as_is),
    "size": (("name", "told_by", "size"), _as_is),
    "missing accents": (("name", "told_by", "brand"), _without_accents),
    "a slip of the finger": (("name", "told_by", "brand"), _in_a_word(_mistyped)),
    "a slip of the finger in the kind": (("name",), _in_a_word(_mistyped)),
    "a slip of the finger, with the size": (("name", "brand", "size"), _in_a_word(_mistyped)),
    "spelt by ear": (("name", "told_by", "brand"), _by_ear),
    "plural": (("name", "told_by"), _plural),
    "diminutive": (("name", "brand"), _diminutive),
    "voice transcription": (("name", "told_by", "size"), _voice),
    "units and packs": (("name", "brand", "told_by"), _in_packs),
}
