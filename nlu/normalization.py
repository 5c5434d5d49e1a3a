"""The plain spelling under which two messages that say the same look the same to the classifier."""

from __future__ import annotations

import hashlib
import re
import unicodedata

#: `bot` caps what it lets through; this guards every other way in (FAULTS measured fact 1).
CHARS_MAX = 1_000

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_ORDER_NUMBER = re.compile(r"\b(?:ped|ord)\s?[-#.]?\s?\d{3,}\b|#\s?\d{3,}\b|(?<![\w.,$])\d{5,}(?![\w.,])")
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")

_SHORTHAND = {
    "es": {
        "q": "que", "k": "que", "ke": "que", "qe": "que", "xq": "porque", "pq": "porque", "porq": "porque", "x": "por",
        "xfa": "por favor", "xfavor": "por favor", "porfa": "por favor", "porfis": "por favor", "porfi": "por favor",
        "porfaa": "por favor", "pls": "por favor", "plis": "por favor", "plz": "por favor", "dnd": "donde",
        "dond": "donde", "tb": "también", "tmb": "también", "tbn": "también", "tmbn": "también", "ola": "hola",
        "kiero": "quiero", "qiero": "quiero", "qero": "quiero", "toy": "estoy", "ta": "está", "ora": "ahora",
        "bn": "bien", "grax": "gracias", "grcs": "gracias", "gcias": "gracias", "cuanto": "cuánto", "cnto": "cuánto",
        "kuanto": "cuánto", "domi": "domicilio", "pa": "para", "msj": "mensaje", "dir": "dirección",
        "direcc": "dirección", "tel": "teléfono", "cel": "celular", "nesesito": "necesito", "nececito": "necesito",
        "aser": "hacer", "acer": "hacer", "ay": "hay", "aver": "a ver", "haver": "a ver", "voi": "voy", "xao": "chao",
        "salu2": "saludos", "d": "de", "nd": "nada", "tdo": "todo", "cm": "como", "komo": "cómo", "kmo": "cómo",
        "pdido": "pedido", "pedio": "pedido", "peddo": "pedido", "edido": "pedido", "cancelr": "cancelar",
    },
    "en": {
        "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "thx": "thanks", "ty": "thank you",
        "tks": "thanks", "tnx": "thanks", "wanna": "want to", "gonna": "going to", "gimme": "give me", "im": "i'm",
        "dont": "don't", "cant": "can't", "wheres": "where's", "whats": "what's", "hows": "how's", "ive": "i've",
        "n": "and", "cuz": "because", "bc": "because", "abt": "about", "msg": "message", "k": "ok", "kk": "ok",
        "yea": "yeah", "yep": "yes", "nope": "no", "ordr": "order", "oder": "order", "tho": "though",
    },
}  # fmt: skip


def printable(text: str) -> str:
    """`text` composed (NFC), with blanks for control characters, lone surrogates and marks, cut at `CHARS_MAX`.

    Places in it are places in a composed `text`, so what is found here can be pointed at there.
    """
    return _UNPRINTABLE.sub(" ", unicodedata.normalize("NFC", text[:CHARS_MAX]))


def without_accents(text: str) -> str:
    """`text` in lower case with accents and other marks taken off ("Jamón" → "jamon")."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def normalize(text: str, language: str) -> str:
    """The spelling that is compared: lower case, no stretched letters ("holaaa"), no shorthand ("xq"), no figures.

    Order numbers become one word and every other figure the same figure, so that what was asked for is not
    remembered by how many or which number.
    """
    shorthand = _SHORTHAND[language]
    plain = _STRETCHED.sub(r"\1", printable(text).lower())
    plain = _ORDER_NUMBER.sub("pedido 1000", plain)
    plain = _NUMBER.sub("3", plain)
    plain = _WORD.sub(lambda word: shorthand.get(word[0], word[0]), plain)
    return _BLANKS.sub(" ", plain).strip()


def key_of(text: str) -> int:
    """What a normalised line is found by in the store of vectors (`nlu/encoders.py`)."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")
