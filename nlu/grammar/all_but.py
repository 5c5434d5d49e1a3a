"""Everything but this: "todo menos el pan", "quita todo menos el pan"."""

from __future__ import annotations

import re

from nlu.grammar.tokens import Token, word_at

_ALL = {"todo", "todos", "toda", "todas", "everything", "all"}
_OF_IT = {"of", "it", "them", "that", "lo", "demas", "eso", "else"}
_BUT = {"menos", "excepto", "salvo", "except", "but", "minus", "quitando"}
_BEHIND = {"de", "for", "que", "por"}
_TAKING_AWAY = re.compile(r"(?:quit|sac|saq|elimin|borr|remuev|remov|retir|cancel|delet|drop|clear|vaci|take|get)")
_SEARCHED = 12


def all_but(tokens: list[Token]) -> int:
    """How many of `tokens` say "everything but" at their head; 0 if they do not."""
    if not tokens or tokens[0].plain not in _ALL:
        return 0
    at = 1
    while word_at(tokens, at) in _OF_IT:
        at += 1
    if word_at(tokens, at) not in _BUT:
        return 0
    return at + 2 if word_at(tokens, at + 1) in _BEHIND else at + 1


def takes_all_but(tokens: list[Token]) -> bool:
    """ "quita todo menos el pan": the bread is what stays, so that nothing is named that should go."""
    is_verb = False
    for at in range(min(_SEARCHED, len(tokens))):
        if is_verb and all_but(tokens[at : at + _SEARCHED]):
            return True
        is_verb |= _TAKING_AWAY.match(tokens[at].plain) is not None
    return False
