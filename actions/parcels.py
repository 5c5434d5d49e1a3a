"""How far an order is, part by part: what is on its way with whom, what arrived, what is still to come and when."""

from __future__ import annotations

from actions import wording
from actions.turn import Turn
from backend.schemas.fulfillment import Parcel
from backend.schemas.orders import Order
from backend.schemas.shop import Shop

_ARRIVED = "delivered"


def status(turn: Turn, order: Order) -> str:
    """Where an order stands, in plain words."""
    if order.pickup and order.pickup.code and order.fulfillment_status == "packed":
        return turn.text("order_ready", location=order.pickup.location, code=order.pickup.code)
    if order.status in ("confirmed", "closed") and order.fulfillment_status not in ("none", "unfulfilled"):
        return turn.text(f"order_progress_{order.fulfillment_status}")
    return turn.text(f"order_status_{order.status}")


def place(turn: Turn, address: str | None, *, is_pickup: bool) -> str:
    """Where it goes, or where the customer goes for it."""
    return turn.text("place_pickup" if is_pickup else "place_delivery", address=address or "")


def arrives(turn: Turn, order: Order, shop: Shop) -> str:
    """ " Llega el jueves.", or nothing for an order that is over, or has no day yet."""
    if order.status != "confirmed" or order.promised_on is None or order.fulfillment_status == _ARRIVED:
        return ""
    day = wording.day(order.promised_on, shop, turn.language)
    key = "order_arrives" if order.promised_on >= wording.today(shop) else "order_late"
    return " " + turn.text(key, day=day)


def parts(turn: Turn, order: Order, shop: Shop) -> str:
    """A line for each parcel, of several also how many arrived, and what is not in a parcel yet. Begins a line."""
    parcels = order.parcels
    if not parcels:
        return ""
    told = [_parcel(turn, parcel, shop) for parcel in parcels]
    packed = {line.sku for parcel in parcels for line in parcel.lines}
    rest = [wording.words(line.names, turn.language) for line in order.lines if line.sku not in packed]
    arrived = sum(parcel.status == _ARRIVED for parcel in parcels)
    if len(parcels) > 1 and arrived:
        told.insert(0, turn.text("parcels_arrived", arrived=arrived, all=len(parcels)))
    if rest:
        told.append(turn.text("parcels_rest", names=", ".join(rest)))
    return "".join(f"\n{one}" for one in told)


def _parcel(turn: Turn, parcel: Parcel, shop: Shop) -> str:
    names = ", ".join(
        f"{wording.amount(line.quantity, line.unit, line.unit_name, turn.language)} "
        f"{wording.words(line.names, turn.language)}"
        for line in parcel.lines
    )
    told = turn.text(f"parcel_{parcel.status}", names=names)
    is_on_its_way = parcel.status in ("shipped", "in_transit", "out_for_delivery", "exception")
    if is_on_its_way and parcel.tracking_number:
        told += turn.text("parcel_tracking", number=parcel.tracking_number)
    is_awaited = parcel.status in ("packed", "shipped", "in_transit")
    if is_awaited and parcel.promised_on and parcel.promised_on >= wording.today(shop):
        told += turn.text("parcel_arrives", day=wording.day(parcel.promised_on, shop, turn.language))
    if is_on_its_way and parcel.tracking_url:
        told += f"\n   {parcel.tracking_url}"
    return told
