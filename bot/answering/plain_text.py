"""What a customer typed, as plain words for the assistant: never a command.

Rasa obeys a text that begins with "/" once blanks are stripped (`/intent{"entity": 1}`, `/restart`), and its stories
know the prefix "EXTERNAL:". Only buttons may speak that way, through a stored choice.
"""

from __future__ import annotations

import re
import unicodedata

# Everything that is, looks like, or becomes under Unicode normalisation a slash.
_SLASHES = frozenset("/\\／＼⁄∕⧸⧹╱╲⟋⟍∖﹨𝈺𝈻〳")
_EXTERNAL = re.compile(r"external\s*[:：]\s*", re.IGNORECASE)
# What is said in place of a message of which nothing is left.
_NOTHING = "?"


def as_plain_words(text: str) -> str:
    """The same words without anything at their beginning that could make them a command."""
    rest = text
    while rest:
        if _EXTERNAL.match(rest):
            rest = _EXTERNAL.sub("", rest, count=1)
        elif _is_ignorable(rest[0]):
            rest = rest[1:]
        else:
            break
    # NUL and other control characters carry no meaning inside either; line breaks separate order lines.
    rest = "".join(c for c in rest if c in "\n\t" or unicodedata.category(c) != "Cc")
    return rest.rstrip() or _NOTHING


def _is_ignorable(character: str) -> bool:
    # Cc and Cf: control and invisible format characters (zero-width, direction marks, BOM, tags).
    return (
        character in _SLASHES
        or character.isspace()
        or unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp")
    )
