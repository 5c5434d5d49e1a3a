"""How far a long call is, for whoever made it: known to this process alone, and only while the call goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

# What is being done, of how many how many are done.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` are through `what`."""

    what: str
    done: int
    total: int


class Progress:
    """The calls that go on, by who made each and the name they gave it."""

    def __init__(self) -> None:
        # One key is set, read or taken at a time, which Python does in one go.
        self._steps: dict[tuple[str, str], Step] = {}

    @contextmanager
    def of_call(self, who: str, name: str | None) -> Iterator[Tell]:
        """What to tell while the call goes on. Without a name nobody asks."""
        key = (who, name or "")

        def tell(what: str, done: int, total: int) -> None:
            if name:
                self._steps[key] = Step(what, done, total)

        try:
            yield tell
        finally:
            self._steps.pop(key, None)

    def step(self, who: str, name: str) -> Step | None:
        return self._steps.get((who, name))


async def _progress(request: Request) -> Progress:
    return cast(Progress, request.app.state.progress)


Calls = Annotated[Progress, Depends(_progress)]
