"""Python runs this in each process whose PYTHONPATH has this folder.

It puts the bugs named by STORM_PLANTED into it, each as soon as the module it is of has been loaded and before anyone
has taken a name from it; and it has the process's wall clock go as far wrong as the file STORM_CLOCK says, in seconds.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

# Of so many times one goes wrong, the first: a bug that always shows would be found by any test.
ONE_OF = 3


def _now_and_then() -> Callable[[], bool]:
    count = itertools.count(1)
    return lambda: next(count) % ONE_OF == 1


def _reservation_not_locked(levels: ModuleType) -> None:
    """Of two that reserve at once one is overwritten by the other: what is reserved of the level does not grow."""
    right, is_lost = levels.change, _now_and_then()

    def change(session: Any, locked: Any, changes: dict[Any, tuple[int, int]]) -> None:
        if any(on_hand == 0 and reserved > 0 for on_hand, reserved in changes.values()) and is_lost():
            changes = {place: (on_hand, 0) for place, (on_hand, _) in changes.items()}
        right(session, locked, changes)

    levels.change = change  # type: ignore[attr-defined]


def _key_not_kept(idempotency: ModuleType) -> None:
    """The act is done, and its name forgotten: who asks again has it done again."""
    right, is_forgotten = idempotency._once, _now_and_then()

    def once(session: Any, scope: str, key: str, fingerprint: str, status: int, work: Any) -> Any:
        answered = right(session, scope, key, fingerprint, status, work)
        if is_forgotten():
            table = idempotency._act
            session.connection().execute(table.delete().where(table.c.scope == scope, table.c.key == key))
        return answered

    idempotency._once = once  # type: ignore[attr-defined]


def _posted_twice(ledger: ModuleType) -> None:
    """Money that came is booked, and booked again."""
    right, is_again = ledger.post, _now_and_then()

    def post(session: Any, fact: Any, legs: Sequence[Any], **given: Any) -> Any:
        entry = right(session, fact, legs, **given)
        if fact.name == "payment_received" and is_again():
            from dataclasses import replace

            right(session, replace(fact, key=f"{fact.key}:again"), legs, **given)
        return entry

    ledger.post = post  # type: ignore[attr-defined]


def _answered_twice(turns: ModuleType) -> None:
    """What the assistant said is said to the customer, and said again."""
    handler, is_again = turns.TurnHandler, _now_and_then()
    right = handler._answer

    def answer(self: Any, this: Any, reply: Any, policy: Any) -> None:
        from dataclasses import replace

        right(self, this, replace(reply, said=reply.said * 2) if is_again() else reply, policy)

    handler._answer = answer


def _move_missing(moves: ModuleType) -> None:
    """Goods leave, and nobody writes it down."""
    right, is_forgotten = moves._write, _now_and_then()

    def write(session: Any, kind: str, *rest: Any) -> None:
        if not (kind == "issue" and is_forgotten()):
            right(session, kind, *rest)

    moves._write = write  # type: ignore[attr-defined]


# The name of each bug, the module it is of, and what puts it in.
BUGS: dict[str, tuple[str, Callable[[ModuleType], None]]] = {
    "reservation_not_locked": ("backend.inventory.levels", _reservation_not_locked),
    "key_not_kept": ("backend.idempotency", _key_not_kept),
    "posted_twice": ("backend.ledger.service", _posted_twice),
    "answered_twice": ("bot.answering.turns", _answered_twice),
    "move_missing": ("backend.inventory.moves", _move_missing),
}


class _Planter(MetaPathFinder):
    def __init__(self, module: str, plant: Callable[[ModuleType], None]) -> None:
        self._module, self._plant = module, plant

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self._module:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None, f"there is no {name} to put a bug into"
        assert spec.loader is not None, f"nobody loads {name}"
        run = spec.loader.exec_module

        def load(module: ModuleType) -> None:
            run(module)
            self._plant(module)

        spec.loader.exec_module = load  # type: ignore[method-assign]
        return spec


for _bug in filter(None, os.environ.get("STORM_PLANTED", "").split(",")):
    sys.meta_path.insert(0, _Planter(*BUGS[_bug]))


class _Clock(threading.Thread):
    """What time it is for this process; the clock by which it waits goes on as it did."""

    LOOK_S = 0.1

    def __init__(self, file: Path) -> None:
        super().__init__(name="storm-clock", daemon=True)
        self._file = file

    def run(self) -> None:
        import time_machine

        shift_s, travel = 0, None
        while True:
            try:
                wanted_s = int(self._file.read_text() or 0)
            except (OSError, ValueError):
                wanted_s = shift_s
            if wanted_s != shift_s:
                if travel is not None:
                    travel.stop()
                    travel = None
                if wanted_s:
                    travel = time_machine.travel(time.time() + wanted_s, tick=True)
                    travel.start()
                shift_s = wanted_s
            time.sleep(self.LOOK_S)


# The supervisor forks, which a process of several threads should not.
_WITH_CLOCKS = {"comanda.web", "comanda.worker", "comanda.action_server"}
_clock = Path(os.environ.get("STORM_CLOCK", ""))
if _clock.name and _WITH_CLOCKS & set(sys.orig_argv):
    _Clock(_clock).start()
elif _clock.name and "comanda.prefork" in sys.orig_argv:
    os.register_at_fork(after_in_child=lambda: _Clock(_clock).start())
