"""What the shop's people do with an order, through the real OMS."""

from __future__ import annotations

from uuid import uuid4

from backend.client import BackendClient
from backend.schemas.fulfillment import Fulfillment, PackLine, PackParcel, Pick
from backend.schemas.shipping import NewTrackingEvent
from kernel.errors import NotFound

CARRIER = "table_rate"


async def parts(oms: BackendClient, number: str) -> list[Fulfillment]:
    """The fulfillments of an order."""
    found: list[Fulfillment] = []
    while True:
        try:
            found.append(await oms.fulfillment(f"{number}-{len(found) + 1}"))
        except NotFound:
            return found


async def start(oms: BackendClient, number: str) -> Fulfillment:
    """Begin to pick the first part of an order."""
    part = await oms.fulfillment(f"{number}-1")
    return await oms.start_picking(part.number, part.version, key=_key())


async def miss(oms: BackendClient, number: str, sku: str, *, found: int, short: int) -> None:
    """Pick one line of the first part of an order, of which so much is not on its shelf."""
    part = await oms.fulfillment(f"{number}-1")
    if part.status == "pending":
        part = await start(oms, number)
    await oms.pick_order(part.number, part.version, [Pick(line=sku, quantity=found, short=short)], key=_key())


async def pack(oms: BackendClient, number: str, *, is_apart: bool = False) -> None:
    """Pick what is left of what the shop ships, and pack it: in one parcel, or with a parcel for each line."""
    for part in await _own(oms, number):
        if part.status == "pending":
            part = await oms.start_picking(part.number, part.version, key=_key())
        left = [(line.id, line.quantity - line.picked - line.short) for line in part.lines]
        picks = [Pick(line=line, quantity=quantity) for line, quantity in left if quantity]
        if part.status not in ("picking", "picked"):
            continue
        if picks:
            part = await oms.pick_order(part.number, part.version, picks, key=_key())
        boxes = [PackParcel(lines=[PackLine(line=line.id, quantity=line.quantity)]) for line in part.lines]
        await oms.pack_order(part.number, part.version, boxes if is_apart else [PackParcel()], key=_key())


async def ship(oms: BackendClient, number: str, *, is_apart: bool = False) -> None:
    """From the queue to the carrier."""
    await pack(oms, number, is_apart=is_apart)
    for part in await _own(oms, number):
        for parcel in part.parcels:
            if parcel.status != "packed":
                continue
            version = (await oms.fulfillment(part.number)).version
            await oms.ship_order(part.number, version, CARRIER, shipment=parcel.number, key=_key())


async def invoice(oms: BackendClient, number: str) -> None:
    """Bill every parcel of an order that has left."""
    for part in await parts(oms, number):
        for parcel in part.parcels:
            await oms.invoice_shipment(parcel.number, key=_key())


async def deliver(oms: BackendClient, number: str, *, most: int = 99, collected_minor: int | None = None) -> None:
    """Say of the first parcels that they arrived, and what was collected for each."""
    arriving = [parcel.number for part in await parts(oms, number) for parcel in part.parcels][:most]
    for parcel in arriving:
        await deliver_one(oms, parcel, collected_minor=collected_minor)


async def deliver_one(oms: BackendClient, parcel: str, *, collected_minor: int | None = None) -> None:
    """Say of a parcel that it arrived, and what was collected for it."""
    said = NewTrackingEvent(kind="delivered", collected_minor=collected_minor)
    await oms.enter_tracking_event(parcel, said, key=_key())


async def tell(oms: BackendClient, number: str, kind: str) -> None:
    """Say something of every parcel, as its carrier would."""
    for part in await parts(oms, number):
        for parcel in part.parcels:
            await oms.enter_tracking_event(parcel.number, NewTrackingEvent(kind=kind), key=_key())


async def _own(oms: BackendClient, number: str) -> list[Fulfillment]:
    """The fulfillments that the shop itself gets ready."""
    return [part for part in await parts(oms, number) if part.partner_id is None and part.status != "cancelled"]


def _key() -> str:
    return str(uuid4())
