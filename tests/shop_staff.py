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


async def pack(oms: BackendClient, number: str, *, is_apart: bool = False) -> None:
    """Pick all of it and pack it: in one parcel, or with a parcel for each line."""
    for part in await parts(oms, number):
        part = await oms.start_picking(part.number, part.version, key=_key())
        picks = [Pick(line=line.id, quantity=line.quantity) for line in part.lines]
        part = await oms.pick_order(part.number, part.version, picks, key=_key())
        boxes = [PackParcel(lines=[PackLine(line=line.id, quantity=line.quantity)]) for line in part.lines]
        await oms.pack_order(part.number, part.version, boxes if is_apart else [PackParcel()], key=_key())


async def ship(oms: BackendClient, number: str, *, is_apart: bool = False) -> None:
    """From the queue to the carrier."""
    await pack(oms, number, is_apart=is_apart)
    for part in await parts(oms, number):
        for parcel in part.parcels:
            version = (await oms.fulfillment(part.number)).version
            await oms.ship_order(part.number, version, CARRIER, shipment=parcel.number, key=_key())


async def invoice(oms: BackendClient, number: str) -> None:
    """Bill every parcel of an order that has left."""
    for part in await parts(oms, number):
        for parcel in part.parcels:
            await oms.invoice_shipment(parcel.number, key=_key())


async def deliver(oms: BackendClient, number: str, *, most: int = 99) -> None:
    """Say of the first parcels that they arrived."""
    arriving = [parcel.number for part in await parts(oms, number) for parcel in part.parcels][:most]
    for parcel in arriving:
        await oms.enter_tracking_event(parcel, NewTrackingEvent(kind="delivered"), key=_key())


async def tell(oms: BackendClient, number: str, kind: str) -> None:
    """Say something of every parcel, as its carrier would."""
    for part in await parts(oms, number):
        for parcel in part.parcels:
            await oms.enter_tracking_event(parcel.number, NewTrackingEvent(kind=kind), key=_key())


def _key() -> str:
    return str(uuid4())
