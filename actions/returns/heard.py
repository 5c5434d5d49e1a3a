"""What is said of a return, in whatever step: why, how many, what for, how it comes back."""

from __future__ import annotations

import re
from collections.abc import Iterable

from actions.message import Message
from actions.words import covers, fold, plain
from backend.schemas.claims import ClaimKind

# The first that fits counts.
REASONS = {
    "expired": re.compile(
        r"\b(vencid\w*|bencid\w*|caducad\w*|expir\w*|past (?:its|the) date|out of date|sour|agri\w*)\b"
    ),
    "wrong_item": re.compile(
        r"\b(equivocad\w*|otr[oa] (?:producto|cosa)|no es (?:lo|el|la) que|no era (?:lo|el|la) que|"
        r"wrong|not what i (?:ordered|asked)|something else)\b"
    ),
    "damaged": re.compile(
        r"\b(dan(?:ad|o)\w*|rot[oa]s?|quebrad\w*|golpead\w*|aplastad\w*|reventad\w*|regad\w*|mal estado|podrid\w*|"
        r"abiert[oa]s?|damaged|broken?|crushed|spoil\w*|rotten|leak\w*)\b"
    ),
    "not_wanted": re.compile(
        r"\b(ya no (?:l[oa]s? )?quiero|no l[oa]s? quiero|no quiero (?:el|la|los|las) (?!plat|diner|cambi)|"
        r"me arrepenti|no me gust\w*|don ?t want|no longer want|changed my mind|didn ?t like|don ?t like)\b"
    ),
}
_WISHES = {
    "exchange": re.compile(r"\b(?:cambi\w*|canje\w*|swap\w*)\b.*\b(?:por(?! favor)|for)\b|\b(?:exchang|swap|canje)\w*"),
    "replacement": re.compile(
        r"\b(otr[oa] igual|un[oa] (?:nuev[oa]|buen[oa])|el mismo|la misma|reposicion|reponer\w*|reponga\w*|replac\w*|"
        r"same (?:one|product|thing)? ?again|(?:a )?new one)\b"
    ),
    "store_credit": re.compile(r"\b(saldo|credito|bono|store credit|credit|voucher)\b"),
    "refund": re.compile(
        r"\b((?:devuel\w+|regres\w+|reintegr\w+|quiero|prefiero|mejor) (?:la|mi|el|me la)? ?(?:plat\w+|dinero|guita)|"
        r"reembols\w*|reintegro|money back|my money|refund\w*|cash)\b"
    ),
}
_WAYS = {
    "pickup": re.compile(
        r"\b(recoj\w*|recog\w*|rekoj\w*|pas\w+ por (?:el|ell)\w+|pick (?:it )?up|pickup|collect\w*)\b"
    ),
    "drop_off": re.compile(r"\b(punto\w*|drop ?off)\b"),
    "store": re.compile(r"\b((?:a|en) la tienda|al local|(?:to|in|at) the (?:store|shop)|in store)\b"),
}
_CLAIMS: dict[ClaimKind, re.Pattern[str]] = {
    "missing": re.compile(
        r"\b(falt\w*|incomplet\w*|de menos|missing|incomplete|didn ?t (?:get|come)|"
        r"no (?:me )?(?:llego|vino) (?:el|la|los|las|un|una))\b"
    ),
    "wrong": re.compile(r"\b(otr[oa]s?|equivoc\w*|no (?:lo |la )?pedi|wrong|something else|didn ?t order)\b"),
    "faulty": re.compile(
        r"\b(mal[oa]s?|defectuos\w*|no sirv\w*|feo|fea|hongos?|moho|defective|faulty|bad|mold\w*|doesn ?t work)\b"
    ),
}
# "Cámbiamelo por la deslactosada": what is wanted instead.
_INSTEAD = re.compile(
    r"\b(?:cambi\w*|canje\w*|exchang\w*|swap\w*)\b(.*?)\b(?:por|for)(?! favor)\s+(?:the |la de |el de )?(.+)"
)
_ANYTHING = re.compile(
    r"(?:algo|otr[oa]s?(?: cosas?| productos?)?|something(?: else)?|another (?:one|product)|un[oa])"
    r"(?: distint[oa]| diferente)?\W*"
)
_THE_SAME = re.compile(r"(?:(?:otr[oa]|un[oa]) (?:igual|nuev[oa]|buen[oa])|(?:el|la) mism[oa]|a new one|the same)\W*")
ALL = re.compile(r"\b(tod[oa]s?|complet[oa]|las dos|los dos|ambas|ambos|all|everything|whole|both)\b")
ALSO = re.compile(r"\b(tambien|tmb|ademas|y (?:el|la|los|las|un|una)|also|too|as well|and (?:the|a|an))\b")
DROPS = re.compile(
    r"\b(quit\w*|sac[ao]\w*|elimin\w*|deja(?:r|me)? (?:por )?fuera|me quedo con|menos|remove|take out|drop|"
    r"leave out|i ?ll keep|not)\b|\bno$"
)
NO_MORE = re.compile(r"\b(nada mas|eso es todo|solo eso|ya esta|that ?s (?:all|it)|nothing else|only that|just that)\b")
_PARTS = re.compile(r"[,;\n]|\b(?:y|e|and)\b|&|\+")
_MEASURED = re.compile(r"\d+(?:[.,]\d+)? ?(?:l|lt|lts|litros?|ml|kg|kilos?|g|gr|gramos?|lb|libras?)\b")
NO_PHOTO = re.compile(r"\b(no tengo|no hay|sin foto|no puedo|no photo|can ?t|cannot|don ?t have)\b")
_ASKS = re.compile(
    r"\b(cuando|kuando|cuanto|kuanto|donde|dnd|when|where|how (?:much|is|long)|estado|status)\b|\?|\bcomo v[ae]n?\b"
)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "un uno una one", "dos two", "tres three", "cuatro four", "cinco five", "seis six", "siete seven",
            "ocho eight", "nueve nine", "diez ten", "once eleven", "doce twelve",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_AROUND_A_NUMBER = frozenset(
    re.findall(
        r"\w+",
        """
        no si mejor perdon era eran es son solo solamente nomas sino devuelvo quiero devolver espera me equivoque
        cantidad pero unidad unidades
        not just only sorry i mean wait make it them return returning actually yes but units of
        """,
    )
)
# In these something is asked for that is no answer.
_OTHER_THINGS = frozenset(
    re.findall(
        r"\w+",
        """
        order_track delivery_eta order_cancel order_repeat product_price product_stock product_info product_recommend
        catalog_browse store_info delivery_info payment_info pay_start invoice_get human_request greet
        goodbye thanks help bot_challenge language_switch opt_in opt_out return_appeal
        """,
    )
)


def is_about_it(message: Message) -> bool:
    """May the words be about the return that is being asked for? A question about something else is not."""
    return not message.is_button and message.intent not in _OTHER_THINGS and not _ASKS.search(plain(message.text))


def reason(text: str, known: Iterable[str]) -> str | None:
    return next((code for code, words in REASONS.items() if code in known and words.search(fold(text))), None)


def is_reason(code: str, text: str) -> bool:
    words = REASONS.get(code)
    return words is not None and words.search(fold(text)) is not None


def wish(text: str) -> str | None:
    target = _target(text)
    if target is not None and _THE_SAME.fullmatch(target[1]):
        return "replacement"
    return next((each for each, words in _WISHES.items() if words.search(fold(text))), None)


def instead(text: str) -> str | None:
    """The words for what is wanted instead, where it is said what."""
    target = _target(text)
    if target is None or _ANYTHING.fullmatch(target[1]) or _THE_SAME.fullmatch(target[1]):
        return None
    return target[1].strip(" .,!?")


def what_comes_back(text: str) -> str:
    """The part of a text that says what is returned, without what is wanted instead."""
    target = _target(text)
    return fold(text if target is None else target[0])


def way(text: str) -> str | None:
    return next((each for each, words in _WAYS.items() if words.search(fold(text))), None)


def claim(text: str) -> ClaimKind | None:
    """What kind of claim the words make: something is missing, wrong or faulty."""
    said = fold(text)
    if _CLAIMS["missing"].search(said):
        return "missing"
    if any(REASONS[code].search(said) for code in ("expired", "damaged")) or _CLAIMS["faulty"].search(said):
        return "faulty"
    is_wrong = REASONS["wrong_item"].search(said) or _CLAIMS["wrong"].search(said)
    return "wrong" if is_wrong else None


def numbers(text: str, name: str) -> list[int]:
    """The numbers that were said, where nothing was said besides but what they are of."""
    words = fold(text).split()
    found = [_NUMBERS.get(word) or int(word) for word in words if word in _NUMBERS or word.isdigit()]
    others = [word for word in words if word not in _NUMBERS and not word.isdigit()]
    is_bare = all(word in _AROUND_A_NUMBER or len(word) < 3 or covers(word, name) for word in others)
    return found if is_bare else []


def parts(text: str) -> list[str]:
    """The parts of "la leche, dos panes y los huevos"."""
    target = _target(text)
    return [part for part in _PARTS.split(plain(text if target is None else target[0])) if part.strip()]


def count(text: str, name: str) -> int | None:
    """The one number in the part of a message that names one of the goods; a measure ("de 1 litro") is none."""
    in_name = fold(name).split()
    words = [word for word in fold(_MEASURED.sub(" ", plain(text))).split() if word not in in_name]
    found = {_NUMBERS.get(word) or int(word) for word in words if word in _NUMBERS or word.isdigit()}
    return found.pop() if len(found) == 1 else None


def _target(text: str) -> tuple[str, str] | None:
    found = _INSTEAD.search(plain(text))
    return (found[1], found[2].strip()) if found else None
