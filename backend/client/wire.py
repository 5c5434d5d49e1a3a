"""The wire to the OMS: one connection, someone's authority, and what a refusal becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from backend.schemas.staff import PendingAct
from kernel import neighbours, telemetry
from kernel.errors import Unavailable, from_problem
from kernel.neighbours import TIMEOUT

Model = TypeVar("Model", bound=BaseModel)
WAITS = 202


class BackendUnavailable(Unavailable):
    """The OMS cannot be reached, or answered something that is not its language: the outcome is unknown."""

    code, title = "backend_unavailable", "The order system does not answer"


class Wire:
    """A connection to the OMS at `base_url`, with the authority of `token`."""

    def __init__(
        self,
        base_url: str,
        token: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._http = neighbours.client(base_url, transport)
        self._token = token
        self._headers = dict(headers or {})

    def with_token(self, token: str, headers: Mapping[str, str] | None = None) -> Self:
        """The same connections, with someone else's authority. Close only the original."""
        other = object.__new__(type(self))
        other._http, other._token, other._headers = self._http, token, dict(headers or {})
        return other

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _get(self, model: type[Model], path: str, **params: Any) -> Model:
        return _parse(model, await self._call("GET", path, params=params))

    async def _list(self, model: type[Model], path: str, **params: Any) -> list[Model]:
        answer = await self._call("GET", path, params=params)
        if not isinstance(answer, list):
            raise BackendUnavailable("the answer is not a list")
        return [_parse(model, item) for item in answer]

    async def _send(
        self,
        model: type[Model],
        method: str,
        path: str,
        body: BaseModel | None,
        *,
        key: str | None = None,
        within: httpx.Timeout = TIMEOUT,
    ) -> Model:
        json = body.model_dump(mode="json", exclude_none=True) if body is not None else None
        return _parse(model, await self._call(method, path, json=json, key=key, within=within))

    async def _send_or_wait(
        self, model: type[Model], method: str, path: str, body: BaseModel, *, key: str
    ) -> Model | PendingAct:
        """What was done; or, above the caller's limit, what waits for a second person."""
        json = body.model_dump(mode="json", exclude_none=True)
        response = await self._ask(method, path, json=json, key=key)
        if response.status_code == WAITS:
            return _parse(PendingAct, response.json())
        return _parse(model, response.json())

    async def _correct(self, model: type[Model], path: str, change: BaseModel, *, key: str) -> Model:
        """Send what of `change` was set: a None that was set takes something away, one that was not leaves it."""
        json = change.model_dump(mode="json", exclude_unset=True)
        return _parse(model, await self._call("PATCH", path, json=json, key=key))

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        json: Any = None,
        key: str | None = None,
        within: httpx.Timeout = TIMEOUT,
    ) -> Any:
        response = await self._ask(method, path, params=params, json=json, key=key, within=within)
        try:
            return response.json()
        except ValueError as error:
            raise BackendUnavailable(type(error).__name__) from error

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        json: Any = None,
        key: str | None = None,
        within: httpx.Timeout = TIMEOUT,
    ) -> httpx.Response:
        """Raises: the refusal that the OMS answers with, BackendUnavailable."""
        headers = self._headers | telemetry.carried()
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if key is not None:
            headers["Idempotency-Key"] = _header_safe(key)
        given = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            response = await self._http.request(method, path, params=given, json=json, headers=headers, timeout=within)
            if response.is_success:
                return response
            problem = response.json()
        except (httpx.TransportError, ValueError) as error:
            raise BackendUnavailable(type(error).__name__) from error
        if not isinstance(problem, dict) or "code" not in problem:
            raise BackendUnavailable(f"HTTP {response.status_code} without a problem")
        raise from_problem(problem, response.status_code)


def segment(text: str) -> str:
    """One path segment, whatever someone typed into it."""
    return quote(text, safe="") or "-"


def _header_safe(key: str) -> str:
    """Idempotency keys are visible ASCII; anything else is percent-encoded."""
    return quote(key, safe=":/.-_~+=@,;!*()[]")


def _parse(model: type[Model], answer: Any) -> Model:
    try:
        return model.model_validate(answer)
    except ValueError as error:
        raise BackendUnavailable(f"the answer is not a {model.__name__}") from error
