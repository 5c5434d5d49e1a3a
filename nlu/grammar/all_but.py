"""Everything but this: "todo menos el pan", "quita todo menos el pan", "lo mismo de ayer pero sin el pan"."""

from __future__ import annotations

import re
from dataclasses import replace

from nlu.grammar.courtesies import is_asking
from nlu.grammar.tokens import MARK, WORD, Token, word_at
from nlu.grammar.words import words

_ALL = {"todo", "todos", "toda", "todas", "everything", "all"}
_OF_IT = {"of", "it", "them", "that", "lo", "demas", "eso", "else"}
_BUT = {"menos", "excepto", "salvo", "except", "but", "minus", "quitando"}
_BEHIND = {"de", "for", "que", "por"}
#: Which all of it: "todo lo del pedido", "everything in my order".
_OF_ORDER = words(
    """
    de del lo el la mi que pedi compra mercado orden otra otro pedido semana mes vez dia
    from in on of i my the got had ordered order purchase time week month
    """
)
#: It was had before: then "sin" leaves out, too, where "todo sin cebolla" is a way to cook.
_FORMER = words(
    """
    anterior antier ayer domingo jueves lunes martes miercoles pasada pasado sabado siempre ultima ultimo viernes
    before friday last monday saturday sunday thursday tuesday usual wednesday yesterday
    """
)
_CONTRASTS = {"pero", "but"}
_WITHOUT = {"sin", "without"}
_NEGATIONS = {"no", "not", "don't", "dont"}
_LEAVING = {"skip", "leave", "drop", "remove", "quita", "quitale", "quitame", "quite", "quitele", "quitando", "saca",
            "sacale", "saque"}  # fmt: skip
#: "lo de siempre sin falta", "same again, no rush": nothing that was ordered.
_NO_GOODS = words(
    """
    falta demora afan prisa cambio cambios novedad problema problemas embargo duda mas more rush hurry changes change
    problem delay hay es importa
    """
)
_TAKING_AWAY = re.compile(r"(?:quit|sac|saq|elimin|borr|remuev|remov|retir|cancel|delet|drop|clear|vaci|take|get)")
_SEARCHED = 12


def all_but(tokens: list[Token]) -> int:
    """How many of `tokens` say "everything but" at their head; 0 if they do not."""
    if not tokens or tokens[0].plain not in _ALL:
        return 0
    at = 1
    while word_at(tokens, at) in _OF_IT:
        at += 1
    is_former = False
    while word_at(tokens, at) in _OF_ORDER | _FORMER:
        is_former |= tokens[at].plain in _FORMER
        at += 1
    if is_former and word_at(tokens, at) in _CONTRASTS and word_at(tokens, at + 1) in _WITHOUT:
        at += 1
    if word_at(tokens, at) not in (_BUT | _WITHOUT if is_former else _BUT):
        return 0
    return at + 2 if word_at(tokens, at + 1) in _BEHIND else at + 1


def left_out(tokens: list[Token]) -> list[Token]:
    """Of an order that is said to be repeated what is left out: the "el pan" of "lo mismo de ayer pero sin el pan"."""
    heads = ((at, all_but(tokens[at : at + 2 * _SEARCHED])) for at in range(min(_SEARCHED, len(tokens))))
    start = next((at + length for at, length in heads if length), 0) or next(
        (end for at in range(len(tokens)) if (end := _leaving_out(tokens, at))), len(tokens)
    )
    end = start
    while end < len(tokens) and not _turns_to_more(tokens, end):
        end += 1
    return [replace(token, plain="y") if token.plain in _EITHER else token for token in tokens[start:end]]


def _leaving_out(tokens: list[Token], at: int) -> int:
    """The place after words at `at` that say that what follows is left out; 0 if they do not."""
    word, end = word_at(tokens, at), at + 1
    if word in _CONTRASTS and word_at(tokens, end) in _NEGATIONS | _LEAVING:
        word, end = "menos", end + 1
    elif word in _NEGATIONS and at and tokens[at - 1].plain in _BEFORE_NO:
        word = "menos"
    if word not in _BUT - _CONTRASTS | _WITHOUT or word_at(tokens, end) in _NO_GOODS | {""}:
        return 0
    return end


def _turns_to_more(tokens: list[Token], at: int) -> bool:
    """ "… sin el pan y agrega 2 leches", "… but no bread, add milk"."""
    is_apart = tokens[at - 1].kind == MARK or tokens[at - 1].plain in {"y", "and", "pero", "but"}
    return is_apart and tokens[at].kind == WORD and (is_asking(tokens[at].plain) or tokens[at].plain in _ADDING)


#: "sin pan o leche" is without both.
_EITHER = {"o", "or", "ni", "nor"}
_BEFORE_NO = {",", "just", "only", "solo"}
_ADDING = {"add", "con", "with", "also", "tambien", "mas"}


def takes_all_but(tokens: list[Token]) -> bool:
    """ "quita todo menos el pan": the bread is what stays, so that nothing is named that should go."""
    is_verb = False
    for at in range(min(_SEARCHED, len(tokens))):
        if is_verb and all_but(tokens[at : at + _SEARCHED]):
            return True
        is_verb |= _TAKING_AWAY.match(tokens[at].plain) is not None
    return False
