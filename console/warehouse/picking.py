"""A page of forms at which goods are picked: each form an act done once, and what is refused is said above them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.fulfillment import Fulfillment, FulfillmentLine, Pick
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.warehouse.quantities import typed_base
from kernel.errors import ComandaError, Conflict, Invalid, NotFound, TooMany

SHORT_REASONS = ("not_found", "damaged", "expired")
WORKED = "warehouse"
MAX_CODE = 40

Thing = TypeVar("Thing")
# What was done, as the address of the page says it next; nothing for what needs no word.
Step = Callable[[Request, BackendClient, Thing, FormData], Awaitable[str]]
# The lines that a page is about, each with what it is part of, in the order in which they are come to.
Hand = Sequence[tuple[Fulfillment, FulfillmentLine]]


class Mistyped(Exception):
    """What was typed is not what the field is for: said beside it, nothing is sent."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def picking_page(
    path: str,
    find: Callable[[Request, BackendClient], Awaitable[Thing]],
    page: Callable[..., Awaitable[Response]],
    hand: Callable[[Thing], Hand],
    steps: Mapping[str, Step[Thing]],
    *,
    not_here: str,
) -> list[Route]:
    """The page at `path` of what is found, with a route below it for each of its steps and for those of all picking.

    After a refusal it stands there as it is by now, with what was typed. The word `not_here` says of a code that it
    means none of the lines.
    """

    async def pick(request: Request, oms: BackendClient, thing: Thing, form: FormData) -> str:
        """A code that was scanned or typed: one of what was ordered, or what the package holds, or as many as typed."""
        part, line, quantity = await _read(request, oms, hand(thing), form, not_here)
        picks = [Pick(line=line.id, quantity=quantity)]
        await oms.pick_order(part.number, version_of(form, part), picks, key=key_of(form))
        return f"picked={line.id}&quantity={quantity}"

    async def short(request: Request, oms: BackendClient, thing: Thing, form: FormData) -> str:
        part, line = named(request, hand(thing), typed(form, "line", MAX_CODE), not_here)
        reason = typed(form, "reason", 20)
        if reason not in SHORT_REASONS:
            raise Mistyped(words_of(request).reason_missing)
        quantity = base_of(request, typed(form, "missing", 12), line)
        pick = Pick.model_validate({"line": line.id, "quantity": 0, "short": quantity, "reason": reason})
        await oms.pick_order(part.number, version_of(form, part), [pick], key=key_of(form))
        return f"short={line.id}&quantity={quantity}"

    async def put_back(request: Request, oms: BackendClient, thing: Thing, form: FormData) -> str:
        part, line = named(request, hand(thing), typed(form, "line", MAX_CODE), not_here)
        quantity = whole(form, "base", 1) or line.unit_factor
        await oms.put_back(part.number, version_of(form, part), line.id, quantity, key=key_of(form))
        return f"back={line.id}&quantity={quantity}"

    async def show(request: Request) -> Response:
        async with desk_of(request).oms(request) as oms:
            return await page(request, oms, await find(request, oms))

    def act(step: Step[Thing]) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            form = await sent(request)
            async with desk_of(request).oms(request) as oms:
                thing = await find(request, oms)
                try:
                    said = await step(request, oms, thing, form)
                except Mistyped as mistake:
                    return await page(request, oms, thing, 422, problem=mistake.problem, form=form)
                except (Conflict, Invalid, NotFound, TooMany) as refusal:
                    now, problem = await find(request, oms), why(request, refusal)
                    return await page(request, oms, now, refusal.status, problem=problem, form=form)
            address = root_of(request) + path.format(**request.path_params)
            return RedirectResponse(f"{address}?{said}" if said else address, 303)

        return take

    every: dict[str, Step[Thing]] = {"pick": pick, "short": short, "put-back": put_back, **steps}
    return [Route(path, show), *(Route(f"{path}/{name}", act(step), methods=["POST"]) for name, step in every.items())]


def done_before(query: QueryParams, lines: Sequence[FulfillmentLine]) -> tuple[str, FulfillmentLine, int] | None:
    """What a step of picking did just before, to be said and, if it was a mistake, undone."""
    quantity = whole(query, "quantity", 1)
    for step in ("picked", "short", "back"):
        line = next((each for each in lines if each.id == query.get(step)), None)
        if line and quantity:
            return step, line, quantity
    return None


def named(request: Request, hand: Hand, line_id: str, not_here: str) -> tuple[Fulfillment, FulfillmentLine]:
    """Raises: Mistyped."""
    found = next((each for each in hand if each[1].id == line_id), None)
    if found is None:
        raise Mistyped(getattr(words_of(request), not_here).format(code=line_id))
    return found


def versions(parts: Sequence[Fulfillment]) -> str:
    """How far each was when its page was shown; every form of the page sends it along."""
    return ",".join(f"{part.number}:{part.version}" for part in parts)


def version_of(form: Mapping[str, object], part: Fulfillment) -> int:
    """The version that was looked at; what is none is refused as changed."""
    seen = dict(each.rpartition(":")[::2] for each in typed(form, "versions", 2_000).split(","))
    return whole(seen, part.number, 1) or 1


def left(line: FulfillmentLine) -> int:
    return line.quantity - line.picked - line.short


def base_of(request: Request, text: str, line: FulfillmentLine) -> int:
    """Base units of what was typed in the unit of the line. Raises: Mistyped."""
    base = typed_base(text, line.unit_factor, desk_of(request).language(request))
    if base is None:
        raise Mistyped(words_of(request).quantity_unreadable)
    return base


async def _read(
    request: Request, oms: BackendClient, hand: Hand, form: FormData, not_here: str
) -> tuple[Fulfillment, FulfillmentLine, int]:
    """The line that a scanned or typed code stands for, and how many base units of it: as many as typed, or what the
    package holds, or one of what was ordered. Of several lines the first that needs so many.

    Raises: Mistyped.
    """
    words, code, count = words_of(request), typed(form, "code", MAX_CODE), typed(form, "quantity", 12)
    if not code:
        raise Mistyped(words.scan_something)
    wanted = [each for each in hand if code == each[1].id or code.upper() == each[1].sku.upper()]
    size: int | None = None
    if not wanted:
        try:
            package = await oms.barcode(code)
        except NotFound:
            said = getattr(words, not_here) if await _is_sku(oms, code) else words.code_unknown
            raise Mistyped(said.format(code=code)) from None
        wanted, size = [each for each in hand if each[1].sku == package.sku], package.quantity
        if not wanted:
            raise Mistyped(getattr(words, not_here).format(code=code))
    offered = [(part, line, _quantity(request, count, size, line)) for part, line in wanted]
    open_ones = [each for each in offered if left(each[1])]
    return next((each for each in open_ones if each[2] <= left(each[1])), (open_ones or offered)[0])


async def _is_sku(oms: BackendClient, code: str) -> bool:
    try:
        await oms.variant(code.upper())
    except NotFound:
        return False
    return True


def _quantity(request: Request, count: str, size: int | None, line: FulfillmentLine) -> int:
    if count:
        return base_of(request, count, line)
    return size if size is not None else min(line.unit_factor, left(line)) or line.unit_factor


def why(request: Request, refusal: ComandaError) -> str:
    words = words_of(request)
    said = str(words.warehouse_refused.get(refusal.code, words.refused_otherwise))
    return said.format(tries=refusal.params.get("tries_left", 0), number=refusal.params.get("number", ""))
