"""Comparing what a customer typed with what a thing is called: no accents, no plurals, small slips forgiven."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz import fuzz

TYPO_RATIO = 82
# Words that carry no choice: "la deslactosada porfa", "the first one please", "mejor el de avena".
_FILLER = frozenset(
    re.findall(
        r"\w+",
        """
        a al con da dame de del deme el en entonces era esa ese eso esta este esto favor gracias la las lo los me mejor
        mi no o ok okay para por porfa porfavor porfis plis prefiero quiero quisiera regala regalame seria si son te un
        una unas uno unos vale y ya bueno otra otro
        and better but get give i id it just ll my of on one or please pls prefer some take thanks that the then this
        to want with yes
        """,
    )
)
_FILE = re.compile(
    r"fotos?|fotico|imagen(?:es)?|pantallazo|captura|archivo|documento|recibo|comprobante|soporte"
    r"|photos?|pictures?|pic|images?|screenshot|file|document|receipt"
)
_POINTING = re.compile(
    r"aca|aqui|ahi|est[aeo]s?|te|les?|l[ao]s?|el|una?|mis?|mando|envio|paso|adjunto|va|van|es|son|tienes?|mira|mire|vea"
    r"|ve|de|del|y|here|there|this|these|is|are|the|an?|my|your?|it|s|i|m|am|sending|attach(?:ed)?|look|see|have|and|of"
)
_REFUSALS = re.compile(
    r"(?:no )?(?:ningun[oa]?(?: de (?:es[ao]s|est[ao]s|ell[ao]s|l[ao]s anteriores))?|nada|olvidal[oa]|"
    r"dejal[oa](?: asi)?|deja asi|none(?: of (?:these|those|them))?|neither|nothing|never ?mind|forget it|skip it)"
    r"(?: gracias| thanks| porfa| please)?"
)


def fold(text: str) -> str:
    """Lower case, without accents or punctuation, single spaces."""
    return " ".join(re.findall(r"\w+", plain(text)))


def plain(text: str) -> str:
    """Lower case, without accents; punctuation stays."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def tokens(text: str) -> list[str]:
    """The words of a text that can tell things apart, in the singular."""
    return [singular(word) for word in fold(text).split() if word not in _FILLER]


def singular(word: str) -> str:
    """A rough singular, good enough to compare: the same for "panes" and "pan", "boxes" and "box"."""
    if len(word) > 4 and word.endswith("es") and word[-3] in "nrlszxdj":
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def covers(said: str, name: str) -> bool:
    """Does every telling word that was said occur in the name? "la deslactosada" fits "Leche deslactosada 1 L"."""
    wanted, offered = tokens(said), tokens(name)
    return bool(wanted) and all(any(_same(word, other) for other in offered) for word in wanted)


def points_at_a_file(text: str) -> bool:
    """ "Esta es la foto", "here is the receipt": words that only say that a file is there."""
    said = fold(text).split()
    return any(map(_FILE.fullmatch, said)) and all(_FILE.fullmatch(each) or _POINTING.fullmatch(each) for each in said)


def is_refusal(text: str) -> bool:
    """ "Ninguna", "none of these", "olvídalo": not any of what was offered."""
    return _REFUSALS.fullmatch(fold(text)) is not None


def _same(word: str, other: str) -> bool:
    if word == other:
        return True
    has_figures = any(character.isdigit() for character in word + other)
    return not has_figures and len(word) >= 4 and len(other) >= 4 and fuzz.ratio(word, other) >= TYPO_RATIO
