"""The tree of everything that may be refused.

    ComandaError
    ├── Unauthenticated   401   who are you?
    ├── Forbidden         403   not yours to do
    ├── NotFound          404   no such thing, or not one you may see
    ├── Conflict          409   true a moment ago, or not any more
    ├── Invalid           422   can never be done as asked
    ├── TooMany           429   slower, please
    └── Unavailable       503   our fault, or a neighbour's: try again

A refusal is a class with a stable `code`, which travels unchanged to the customer's reply in both languages:
`class OutOfStock(Conflict): code = "out_of_stock"` → problem+json → `utter_out_of_stock`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class ComandaError(Exception):
    """A refusal: `detail` is for people who read logs and API answers, `params` are the facts a reply may name."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Error"

    def __init__(self, detail: str = "", **params: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.params = params

    def as_problem(self) -> dict[str, Any]:
        """The body of an `application/problem+json` answer. Source: RFC 9457."""
        return {
            "type": f"urn:comanda:error:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "params": self.params,
        }


class Unauthenticated(ComandaError):
    code, status, title = "unauthenticated", 401, "Sign in first"


class Forbidden(ComandaError):
    code, status, title = "forbidden", 403, "Not allowed"


class NotFound(ComandaError):
    code, status, title = "not_found", 404, "Not found"


class Conflict(ComandaError):
    code, status, title = "conflict", 409, "Conflict"


class Invalid(ComandaError):
    code, status, title = "invalid", 422, "Invalid request"


class TooMany(ComandaError):
    code, status, title = "too_many", 429, "Too many requests"


class Unavailable(ComandaError):
    code, status, title = "unavailable", 503, "Temporarily unavailable"


KINDS: tuple[type[ComandaError], ...] = (Unauthenticated, Forbidden, NotFound, Conflict, Invalid, TooMany, Unavailable)


def from_problem(problem: dict[str, Any], status: int) -> ComandaError:
    """The error a problem+json body tells of, as an instance of its kind that keeps the sender's `code`."""
    kind = next((kind for kind in KINDS if kind.status == status), ComandaError)
    error = kind(str(problem.get("detail", "")), **(problem.get("params") or {}))
    error.code = str(problem.get("code", kind.code))  # type: ignore[misc]  # the class names a default, the wire the truth
    return error
