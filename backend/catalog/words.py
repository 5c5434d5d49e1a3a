"""How words are compared: without accents, plurals, diminutives or the slips of spelling that sound the same."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\d+(?:\.\d+)?|[a-z]+")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_THOUSANDS = re.compile(r"(?<=\d)\.(?=\d{3}(?!\d))")
_LONG_RUN = re.compile(r"(?<=[a-z])([a-z])\1{2,}|([a-z])\2{2,}(?=[a-z])")
_DIMINUTIVE = re.compile(r"(?:[ei]?c|t)?(?:it|ic)(?P<vowel>[oa])s?$")
MAX_TEXT = 300

# Words that tell no product from another, in a wish for one.
_FILLER = """
    a al algo algun alguna alguno an and any barata barato bien brand buena bueno cada cheap cual de del e el en esa
    ese eso esta este favor for fresca fresco fresh fria frio from good i is la las le lo los marca me mi mis muy my
    nice o of or pa para please pls por porfa porfavor porfis que quiero rica rico se some su the tipo to tu un una
    unas uno unos want y ya your
"""
FILLER = frozenset(_FILLER.split())


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Lower case letters and digits without accents, single spaces: `fold("Piña  1,5L") == "pina 1.5 l"`."""
    decomposed = unicodedata.normalize("NFKD", text[:MAX_TEXT].lower())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    numbers = _THOUSANDS.sub("", _DECIMAL_COMMA.sub(".", bare))
    return _LONG_RUN.sub(r"\1\2", " ".join(_WORD.findall(numbers)))


def tokens(text: str) -> list[str]:
    """The telling words of a text, folded; all of its words if none of them tells anything."""
    words = fold(text).split()
    return [word for word in words if word not in FILLER] or words


@lru_cache(maxsize=50_000)
def singulars(word: str) -> tuple[str, ...]:
    """The word and what it may be the plural of, in either language: `singulars("peces")` has `"pez"`."""
    if len(word) < 4 or not word.endswith("s"):
        return (word,)
    found = [word, word[:-1]]
    if word.endswith("es"):
        found.append(word[:-2])
    if word.endswith("ces"):
        found.append(word[:-3] + "z")
    if word.endswith("ies"):
        found.append(word[:-3] + "y")
    if word.endswith("ves"):
        found += [word[:-3] + "f", word[:-3] + "fe"]
    return tuple(form for form in found if len(form) >= 3)


@lru_cache(maxsize=50_000)
def undiminished(word: str) -> tuple[str, ...]:
    """What a word may be the diminutive of: `"pancitos"` of `"pan"`, `"juguito"` of `"jugo"`."""
    match = _DIMINUTIVE.search(word)
    if match is None or len(word) - len(match["vowel"]) < 5:
        return ()
    vowel = match["vowel"]
    stems = {word[: match.start()]}
    plain = re.sub(r"(?:it|ic)[oa]s?$", "", word)
    stems |= {plain, plain.removesuffix("c"), plain.removesuffix("ec")}
    for stem in tuple(stems):
        if stem.endswith("gu"):  # jugo → juguito, vaca → vaquita, arroz → arrocito: the spelling keeps the sound
            stems.add(stem[:-1])
        if stem.endswith("qu"):
            stems.add(stem[:-2] + "c")
        if stem.endswith("c"):
            stems.add(stem[:-1] + "z")
    return tuple(
        sorted({stem + ending for stem in stems if len(stem) >= 2 for ending in ("", vowel, "e", "o", "a")} - {word})
    )


_SOUNDS = (
    (re.compile(r"^w(?=[aeiou])"), "gu"),
    (re.compile(r"^(?:hu|gu|gü)(?=[ae])"), "gu"),
    (re.compile(r"ch"), "x"),
    (re.compile(r"sh"), "x"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"h"), ""),
    (re.compile(r"qu(?=[ei])"), "k"),
    (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"g(?=[ei])"), "j"),
    (re.compile(r"c(?=[ei])"), "s"),
    (re.compile(r"[cq]"), "k"),
    (re.compile(r"z"), "s"),
    (re.compile(r"v|w"), "b"),
    (re.compile(r"ll|y(?=[aeiou])"), "y"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """How a word sounds in Latin America: the same for `"queso"` and `"keso"`, for `"huevo"` and `"guebo"`."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word
