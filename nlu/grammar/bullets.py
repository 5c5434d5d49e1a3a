"""The dashes and numbers of a list, which count nothing: "1. leche 2. pan", "- leche" line by line."""

from __future__ import annotations

import re

_DASH = re.compile(r"^[ \t]*-[ \t]*(?=\S)", re.MULTILINE)
#: "1.", "2)", "3°)" before a word or a figure, never inside "1.5", "$2." or "10:30)".
_NUMBER = re.compile(r"(?<![^\s,;])(\d{1,2})(?:\.(?!\d)-?|\)|\ufe0f?\u20e3)[ \t]*(?=[^\W_])")
_MANY = 2


def without_bullets(text: str) -> str:
    """`text`, as long as before, with what only marks the lines of a list made blank.

    Numbers mark a list where each is one more than the one before it and they open lines or start from one; several
    dashes do at the heads of lines, while a single "-5 leches" keeps its sign.
    """
    numbers = list(_NUMBER.finditer(text))
    counted = [int(number[1]) for number in numbers]
    if len(numbers) >= _MANY and counted == list(range(counted[0], counted[0] + len(counted))):
        open_lines = [not text[text.rfind("\n", 0, number.start()) + 1 : number.start()].strip() for number in numbers]
        if counted[0] == 1 or all(open_lines):
            text = _NUMBER.sub(lambda number: "\n" + " " * (len(number[0]) - 1), text)
    if len(_DASH.findall(text)) >= _MANY:
        text = _DASH.sub(lambda dash: " " * len(dash[0]), text)
    return text
