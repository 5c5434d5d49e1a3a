"""Facts that seldom change, kept by each process until their version is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

Facts = TypeVar("Facts")


class Kept(Generic[Facts]):
    """One value per database. A version names what was committed with it, and is never given twice."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[Engine, tuple[str, Facts]] = WeakKeyDictionary()

    def get(self, session: Session, version: str | None, read: Callable[[], Facts]) -> Facts:
        """What is kept of `version`, else what `read` says, which is kept. Without a version nothing is."""
        if version is None:
            return read()
        bound = session.get_bind()
        engine = bound if isinstance(bound, Engine) else bound.engine
        known = self._of.get(engine)
        if known is None or known[0] != version:
            known = self._of[engine] = version, read()
        return known[1]
