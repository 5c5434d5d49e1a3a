"""How a refusal looks on the wire: `application/problem+json`, always."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from starlette.exceptions import HTTPException

from backend.schemas.base import Problem
from kernel.errors import (
    ComandaError,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from kernel.logging import get_logger

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
log = get_logger(__name__)


class InvalidRequest(Invalid):
    """The request is not what the API describes; `params.fields` says where."""

    code, title = "invalid_request", "The request is not as described"


class NoSuchRoute(NotFound):
    code, title = "no_such_route", "There is nothing at this address"


class MethodNotAllowed(ComandaError):
    code, status, title = "method_not_allowed", 405, "This address does not take that method"


class BodyTooLarge(ComandaError):
    code, status, title = "body_too_large", 413, "That is more than one request may carry"


class DatabaseUnavailable(Unavailable):
    code, title = "database_unavailable", "The database does not answer"


class InternalError(ComandaError):
    code, status, title = "internal_error", 500, "Something broke on our side"


def answer(error: ComandaError) -> JSONResponse:
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, (Unavailable, TooMany)):
        headers["Retry-After"] = str(error.params.get("retry_after_s", RETRY_AFTER_S))
    return JSONResponse(error.as_problem(), error.status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Give `app` one shape for everything it refuses."""

    @app.exception_handler(ComandaError)
    async def refused(_request: Request, error: ComandaError) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent is not echoed: it may be private, or not even printable.
        fields = [{"where": _printable(item["loc"]), "reason": item["type"]} for item in error.errors()]
        return answer(InvalidRequest(fields=fields))

    @app.exception_handler(HTTPException)
    async def routing(_request: Request, error: HTTPException) -> JSONResponse:
        kinds = {403: Forbidden, 404: NoSuchRoute, 405: MethodNotAllowed}
        return answer(kinds.get(error.status_code, InvalidRequest)())

    @app.exception_handler(OperationalError)
    @app.exception_handler(InterfaceError)
    @app.exception_handler(TimeoutError)
    async def database_down(_request: Request, error: Exception) -> JSONResponse:
        log.error("database_unavailable", error=type(error).__name__)
        return answer(DatabaseUnavailable())

    @app.exception_handler(Exception)
    async def broken(_request: Request, error: Exception) -> JSONResponse:
        log.error("internal_error", exc_info=error)
        return answer(InternalError())


def _printable(location: Any) -> str:
    return ".".join(str(part) for part in location).encode("ascii", "replace").decode()


def describe(*refusals: type[ComandaError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may refuse in these ways, and what is not as described; an example each."""
    responses: dict[int | str, dict[str, Any]] = {}
    everything: dict[type[ComandaError], None] = dict.fromkeys((*refusals, InvalidRequest))
    for refusal in everything:
        response = responses.setdefault(
            refusal.status, {"model": Problem, "description": "", "content": {MEDIA_TYPE: {"examples": {}}}}
        )
        response["description"] = "; ".join(filter(None, (response["description"], f"`{refusal.code}`")))
        response["content"][MEDIA_TYPE]["examples"][refusal.code] = {"value": refusal().as_problem()}
    return responses
