"""The command `python -m nlu.parse`: what the trained model understands, one JSON line a message."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from nlu.understanding import Reading, Understanding

_BATCH = 64


def main() -> int:
    """Parse TEXT, the lines of --file, or stdin; every line in gives one line out, in order."""
    arguments = _arguments()
    understanding = Understanding.load(arguments.model)
    if arguments.text is not None:
        texts: Iterable[str] = [arguments.text]
    elif arguments.file is not None:
        texts = _texts(arguments.file.read_text(encoding="utf-8", errors="replace").split("\n"))
    else:
        texts = _texts(sys.stdin)
    for_people = sys.stdout.isatty() and not arguments.json
    waiting = iter(texts)
    while batch := list(islice(waiting, _BATCH)):
        for reading in understanding.read(batch):
            line = _for_people(reading) if for_people else json.dumps(reading.as_dict(), ensure_ascii=False)
            sys.stdout.write(line.encode("utf-8", "replace").decode("utf-8") + "\n")
        sys.stdout.flush()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m nlu.parse", description=__doc__)
    parser.add_argument("text", nargs="?", help="one message; without it and without --file, JSON lines from stdin")
    parser.add_argument("--model", type=Path, default=Path("models"), help="a model archive or a folder of them")
    parser.add_argument("--json", action="store_true", help="JSON lines on a terminal too")
    parser.add_argument("--file", type=Path, help='JSON lines: {"text": …} objects or bare strings')
    return parser.parse_args()


def _for_people(reading: Reading) -> str:
    lines = [f"\n  {line['quantity']} {line['unit'] or ''} {line['text']}" for line in reading.as_dict()["order_lines"]]
    return f"{reading.intent} ({reading.confidence:.0%}, {reading.language})" + "".join(lines)


def _texts(lines: Iterable[str]) -> Iterator[str]:
    """The text of each line; one that is no JSON is taken as it stands, a blank last line is no line."""
    pending: str | None = None
    for line in lines:
        if pending is not None:
            yield _text_of(pending)
        pending = line.rstrip("\r\n")
    if pending:
        yield _text_of(pending)


def _text_of(line: str) -> str:
    try:
        content = json.loads(line)
    except ValueError:
        return line
    if isinstance(content, dict):
        content = content.get("text")
    return content if isinstance(content, str) else ""


if __name__ == "__main__":
    sys.exit(main())
