"""The router of one noun, which sees by how a path begins that it is none of its own."""

from __future__ import annotations

from fastapi import APIRouter
from starlette._utils import get_route_path
from starlette.routing import Match
from starlette.types import Scope

_ANY = "*"


class NounRouter(APIRouter):
    """The OMS has some hundred routes. FastAPI tries the pattern of each, one after the other, until one matches: for
    the last ones that takes longer than all else of a small request. A noun's routes begin with few words.
    """

    _begins: frozenset[tuple[str, str]] = frozenset()
    _counted = -1

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if self._counted != len(self.routes):
            self._begins, self._counted = frozenset(_begin(route.path) for route in self.routes), len(self.routes)  # type: ignore[attr-defined]
        first, second = _begin(get_route_path(scope))
        begins = self._begins
        if (first, second) in begins or (first, _ANY) in begins or (_ANY, _ANY) in begins:
            return super().matches(scope)
        return Match.NONE, {}


def _begin(path: str) -> tuple[str, str]:
    """The first two words of a path; `*` for one that varies, and for all after it."""
    words = [*path.split("/", 3)[1:3], "", ""]
    first, second = (_ANY if "{" in word else word for word in words[:2])
    return (_ANY, _ANY) if first == _ANY else (first, second)
