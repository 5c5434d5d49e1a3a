"""One fulfillment on the way from its shelves to its carrier: each step a form, each form an act done once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.fulfillment import Fulfillment, FulfillmentLine, PackLine, PackParcel
from console.acts import key_of, typed
from console.desk import desk_of, words_of
from console.payments.amounts import typed_minor
from console.warehouse.picking import (
    SHORT_REASONS,
    WORKED,
    Hand,
    Mistyped,
    Step,
    base_of,
    done_before,
    left,
    picking_page,
    version_of,
    versions,
)
from console.warehouse.quantities import in_units, in_words, typed_grams, unit_of


async def _find(request: Request, oms: BackendClient) -> Fulfillment:
    return await oms.fulfillment(request.path_params["number"])


def _hand(part: Fulfillment) -> Hand:
    return [(part, line) for line in part.lines]


async def _start(_request: Request, oms: BackendClient, part: Fulfillment, form: FormData) -> str:
    await oms.start_picking(part.number, version_of(form, part), key=key_of(form))
    return ""


async def _pack(request: Request, oms: BackendClient, part: Fulfillment, form: FormData) -> str:
    """Close one parcel: what is typed of each line, and what the scale says."""
    words, language = words_of(request), desk_of(request).language(request)
    said = typed(form, "weight", 12)
    weight_g = typed_grams(said, language) if said else None
    if said and weight_g is None:
        raise Mistyped(words.weight_unreadable)
    counts = [(line, typed(form, f"of-{line.id}", 12)) for line in part.lines]
    inside = [PackLine(line=line.id, quantity=base_of(request, n, line)) for line, n in counts if n not in ("", "0")]
    if not inside:
        raise Mistyped(words.parcel_empty)
    parcel = PackParcel(lines=inside, weight_g=weight_g)
    packed = await oms.pack_order(part.number, version_of(form, part), [parcel], key=key_of(form))
    return f"parcel={packed.parcels[-1].number}"


async def _ship(request: Request, oms: BackendClient, part: Fulfillment, form: FormData) -> str:
    parcel, carrier = typed(form, "parcel", 28), typed(form, "carrier", 40)
    if not carrier:
        raise Mistyped(words_of(request).carrier_missing)
    await oms.ship_order(
        part.number,
        version_of(form, part),
        carrier,
        shipment=parcel,
        tracking_number=typed(form, "tracking_number", 80) or None,
        tracking_url=typed(form, "tracking_url", 500) or None,
        key=key_of(form),
    )
    return f"shipped={parcel}"


async def _collect(request: Request, oms: BackendClient, part: Fulfillment, form: FormData) -> str:
    code, money = typed(form, "code", 8), typed(form, "collected", 20)
    if not code:
        raise Mistyped(words_of(request).pickup_code_missing)
    collected_minor = None
    if money:
        currency = (await oms.staff_order(part.order_number)).total.currency
        collected_minor = typed_minor(money, currency, desk_of(request).language(request))
        if collected_minor is None:
            raise Mistyped(words_of(request).amount_unreadable)
    await oms.collect_order(part.number, code, key=key_of(form), collected_minor=collected_minor)
    return "collected=1"


async def _reset(_request: Request, oms: BackendClient, part: Fulfillment, form: FormData) -> str:
    await oms.reset_pickup(part.number, version_of(form, part), key=key_of(form))
    return ""


async def show_label(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        content = await oms.parcel_label(request.path_params["number"])
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": "inline"})


def _done(request: Request, part: Fulfillment) -> tuple[str, FulfillmentLine | None, int]:
    """What the step before did, to be said and, if it was a mistake, undone."""
    query = request.query_params
    if before := done_before(query, part.lines):
        return before
    known = {parcel.number for parcel in part.parcels}
    for step in ("parcel", "shipped"):
        if query.get(step) in known:
            return step, None, 0
    return ("collected", None, 0) if part.status == "delivered" and query.get("collected") else ("", None, 0)


async def _page(
    request: Request,
    oms: BackendClient,
    part: Fulfillment,
    status: int = 200,
    *,
    problem: str = "",
    form: FormData | None = None,
) -> Response:
    desk = desk_of(request)
    language = desk.language(request)
    shelves: dict[str, list[str]] = {}
    if part.status in ("pending", "picking") and part.location:
        for stop in (await oms.pick_list(part.number)).lines:
            shelves.setdefault(stop.sku, []).append(stop.bin or "")
    walk = {sku: place for place, sku in enumerate(shelves)}
    is_leaving = part.status == "packed"
    is_counter = is_leaving and part.kind == "pickup"
    staff = desk.staff(request)
    may_work = bool(staff.roles & {WORKED, "admin"})
    carrier = part.basket.picker.id if part.basket is not None and part.basket.is_carried else None
    # What is picked may stand where it is packed: that is anyone's.
    is_others = carrier not in (None, staff.id) and part.status == "picking"
    return await desk.page(
        request,
        "warehouse/part.html",
        status,
        part=part,
        lines=sorted(part.lines, key=lambda line: (not left(line), walk.get(line.sku, len(walk)))),
        shelves=shelves,
        left=left,
        count=lambda base, factor: in_units(base, factor, language),
        amount=lambda base, line: in_words(base, line, language),
        unit_of=lambda base, line: unit_of(base, line, language),
        to_pack=[line for line in part.lines if line.picked > line.packed],
        order=await oms.staff_order(part.order_number) if is_counter else None,
        carriers=await oms.carriers() if not is_counter and part.parcels else [],
        reasons=SHORT_REASONS,
        steps_at=f"/warehouse/parts/{part.number}",
        kept={"versions": versions([part]), "seen": _seen(part)},
        changed=_changed(request, part, form) if form is not None else [],
        done=_done(request, part),
        problem=problem,
        typed=form or {},
        may_work=may_work,
        is_others=is_others,
        may_touch=may_work and not is_others,
        is_carried=carrier is not None,
        today=await desk.today(request),
    )


def _seen(part: Fulfillment) -> str:
    """How it is now, to be compared with when a form of this page comes too late."""
    return ",".join((part.status, *(f"{line.id}:{line.picked}:{line.short}" for line in part.lines)))


def _changed(request: Request, part: Fulfillment, form: Mapping[str, Any]) -> list[str]:
    """What became different since the page was shown, in words."""
    words, language = words_of(request), desk_of(request).language(request)
    status, *lines = typed(form, "seen", 20_000).split(",")
    changed = []
    if status and status != part.status and status in words.part_status:
        changed.append(words.status_became.format(was=words.part_status[status], now=words.part_status[part.status]))
    was = {name: rest for name, _, rest in (line.partition(":") for line in lines)}
    for line in part.lines:
        now = f"{line.picked}:{line.short}"
        if line.id in was and was[line.id] != now:
            picked = was[line.id].partition(":")[0]
            before = in_units(int(picked), line.unit_factor, language) if picked.isdigit() else "?"
            after = in_units(line.picked, line.unit_factor, language)
            name = getattr(line.names, language)
            said = words.picked_became.format(name=name, was=before, now=after)
            if line.short:
                said += " · " + words.short_now.format(count=in_units(line.short, line.unit_factor, language))
            changed.append(said)
    return changed


_STEPS: dict[str, Step[Fulfillment]] = {
    "start": _start,
    "pack": _pack,
    "ship": _ship,
    "collect": _collect,
    "reset": _reset,
}
routes = [
    *picking_page("/warehouse/parts/{number}", _find, _page, _hand, _STEPS, not_here="code_not_here"),
    Route("/warehouse/labels/{number}", show_label),
]
