"""What every page for picking takes from a picker: a code, a quantity, why something is short; and how it says no."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import FormData
from starlette.requests import Request

from backend.client import BackendClient
from backend.schemas.fulfillment import FulfillmentLine, Pick
from console.acts import typed
from console.desk import desk_of, words_of
from console.warehouse.quantities import typed_base
from kernel.errors import ComandaError, NotFound

SHORT_REASONS = ("not_found", "damaged", "expired")
WORKED = "warehouse"


class Mistyped(Exception):
    """What was typed is not what the field is for: said beside it, nothing is sent."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def left(line: FulfillmentLine) -> int:
    return line.quantity - line.picked - line.short


def base_of(request: Request, text: str, line: FulfillmentLine) -> int:
    """Base units of what was typed in the unit of the line. Raises: Mistyped."""
    base = typed_base(text, line.unit_factor, desk_of(request).language(request))
    if base is None:
        raise Mistyped(words_of(request).quantity_unreadable)
    return base


async def read(
    request: Request, oms: BackendClient, lines: Sequence[FulfillmentLine], form: FormData, not_here: str
) -> tuple[FulfillmentLine, int]:
    """The line that a scanned or typed code stands for, and how many base units of it: as many as typed, or what the
    package holds, or one of what was ordered. Of several lines the first that needs so many.

    Raises: Mistyped; `not_here` says that the code means none of the lines.
    """
    words, code, count = words_of(request), typed(form, "code", 40), typed(form, "quantity", 12)
    if not code:
        raise Mistyped(words.scan_something)
    wanted = [line for line in lines if code in (line.id, line.sku) or code.upper() == line.sku.upper()]
    size: int | None = None
    if not wanted:
        try:
            package = await oms.barcode(code)
        except NotFound as unknown:
            raise Mistyped(words.code_unknown.format(code=code)) from unknown
        wanted, size = [line for line in lines if line.sku == package.sku], package.quantity
        if not wanted:
            raise Mistyped(not_here.format(code=code))
    offered = [(line, _quantity(request, count, size, line)) for line in wanted]
    fitting = [(line, quantity) for line, quantity in offered if quantity <= left(line)]
    return next(iter(fitting or [(line, many) for line, many in offered if left(line)] or offered))


def _quantity(request: Request, count: str, size: int | None, line: FulfillmentLine) -> int:
    if count:
        return base_of(request, count, line)
    return size if size is not None else min(line.unit_factor, left(line)) or line.unit_factor


def missing(request: Request, line: FulfillmentLine, form: FormData) -> Pick:
    """How many of a line could not be found, and why. Raises: Mistyped."""
    reason = typed(form, "reason", 20)
    if reason not in SHORT_REASONS:
        raise Mistyped(words_of(request).reason_missing)
    quantity = base_of(request, typed(form, "missing", 12), line)
    return Pick.model_validate({"line": line.id, "quantity": 0, "short": quantity, "reason": reason})


def why(request: Request, refusal: ComandaError) -> str:
    words = words_of(request)
    said = str(words.warehouse_refused.get(refusal.code, words.refused_otherwise))
    return said.format(tries=refusal.params.get("tries_left", 0), number=refusal.params.get("number", ""))
