"""`comanda logs`: what the processes wrote, each line with the name of its process."""

from __future__ import annotations

import time
from pathlib import Path

FOLLOW_S = 0.3
LINES_FIRST = 40


def show(folder: Path, names: list[str], *, follow: bool) -> None:
    """Print the last lines of each log; with `follow`, go on until Ctrl-C."""
    paths = sorted(folder.glob("*.log")) if not names else [folder / f"{name}.log" for name in names]
    width = max((len(path.stem) for path in paths), default=0)
    read_until: dict[Path, int] = {}
    for path in paths:
        lines = path.read_text(errors="replace").splitlines() if path.exists() else ["(no log yet)"]
        for line in lines[-LINES_FIRST:]:
            print(f"{path.stem:<{width}} │ {line}")
        read_until[path] = path.stat().st_size if path.exists() else 0
    while follow:
        time.sleep(FOLLOW_S)
        for path in paths:
            for line in _new_lines(path, read_until):
                print(f"{path.stem:<{width}} │ {line}", flush=True)


def _new_lines(path: Path, read_until: dict[Path, int]) -> list[str]:
    if not path.exists():
        return []
    # A log that has become shorter was put aside and begun anew.
    start = read_until[path] if path.stat().st_size >= read_until[path] else 0
    with path.open("rb") as log:
        log.seek(start)
        whole, newline, _unfinished = log.read().rpartition(b"\n")
    read_until[path] = start + len(whole) + len(newline)
    return whole.decode(errors="replace").splitlines() if newline else []
