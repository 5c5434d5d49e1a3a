"""Where the shop delivers and for how much: zones found in an address, rates by weight."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.kept import Kept
from backend.shipping.carriers import TableRate, carriers
from backend.shipping.errors import RateNotFound, RateTaken, ZoneInUse, ZoneNotFound
from backend.shipping.models import Rate, Zone
from kernel.ids import new_id

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Tariff:
    """Zones by position, rates, and every place (folded, as written, its zone), the longest first."""

    zones: tuple[Zone, ...]
    rates: tuple[TableRate, ...]
    places: tuple[tuple[str, str, Zone], ...] = field(repr=False)

    def zone_of(self, address: str) -> Zone | None:
        """The zone whose place, the longest, is named in an address; the default zone when none is named.

        None outside of all: the address names a place that is not delivered to, or nothing and there is no default.
        """
        named = self._named(address)
        found = named[1] if named else next((zone for zone in self.zones if zone.is_default), None)
        return found if found is not None and found.is_served else None

    def place_in(self, address: str) -> str | None:
        """The place an address names, as the shop writes it: where it is, without saying which door."""
        named = self._named(address)
        return named[0] if named else None

    def _named(self, address: str) -> tuple[str, Zone] | None:
        folded = f" {fold(address)} "
        return next(((written, zone) for place, written, zone in self.places if f" {place} " in folded), None)

    def zone(self, code: str | None) -> Zone | None:
        return next((zone for zone in self.zones if zone.code == code), None)

    def fee(self, zone: str, weight_g: int) -> int | None:
        """Minor units for delivering a weight into a zone, with the carrier that takes least; None without a rate."""
        quotes = (carrier.quote(self.rates, zone, weight_g) for carrier in carriers())
        return min((quote for quote in quotes if quote is not None), default=None)


def fold(text: str) -> str:
    """Lower-case words without accents: `fold("Bogotá, D.C.") == "bogota d c"`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORD.findall("".join(each for each in decomposed if not unicodedata.combining(each))))


_kept: Kept[Tariff] = Kept()


def tariff(session: Session, version: str | None = None) -> Tariff:
    """The tariff as it stands; of a known `version` (the shop's `delivery_version`) it is read once a process."""
    return _kept.get(session, version, lambda: _read(session))


def zone_of(session: Session, address: str) -> Zone | None:
    """The delivery zone of an address, with its coordinates; None outside of all."""
    return tariff(session).zone_of(address)


def _read(session: Session) -> Tariff:
    # Objects of their own, in no session: they outlive it, and several threads read them.
    rows = session.execute(select(table_of(Zone)).order_by(Zone.position, Zone.code)).mappings()
    zones = tuple(Zone(**row) for row in rows)
    rates = tuple(
        TableRate(rate.carrier, rate.zone_code, rate.up_to_g, rate.price_minor)
        for rate in session.scalars(select(Rate))
    )
    places = [(fold(place), place, zone) for zone in zones for place in zone.places]
    return Tariff(zones, rates, tuple(sorted(places, key=lambda named: -len(named[0]))))


def zones(session: Session) -> list[Zone]:
    return list(session.scalars(select(Zone).order_by(Zone.position, Zone.code)))


def save_zone(session: Session, code: str, facts: dict[str, Any]) -> Zone:
    """Make the zone `code` what `facts` say; of two default zones the newer one is it. Records: its Zone."""
    if facts["is_default"]:
        for other in session.scalars(select(Zone).where(Zone.is_default, Zone.code != code).with_for_update()):
            other.is_default = False
    zone = session.merge(Zone(code=code, **facts))
    session.flush()
    return zone


def remove_zone(session: Session, code: str) -> Zone:
    """Records: the Zone is gone. Raises: ZoneNotFound, ZoneInUse."""
    zone = session.get(Zone, code, with_for_update=True)
    if zone is None:
        raise ZoneNotFound(zone=code)
    named_by = session.scalar(select(func.count()).where(Rate.zone_code == code)) or 0
    if named_by:
        raise ZoneInUse(zone=code, rates=named_by)
    session.delete(zone)
    session.flush()
    return zone


def rates(session: Session) -> list[Rate]:
    return list(session.scalars(select(Rate).order_by(Rate.zone_code, Rate.carrier, Rate.up_to_g)))


def add_rate(session: Session, carrier: str, zone: str, up_to_g: int, price_minor: int, currency: str) -> Rate:
    """Records: a Rate. Raises: ZoneNotFound, RateTaken."""
    if session.get(Zone, zone) is None:
        raise ZoneNotFound(zone=zone)
    same = (Rate.carrier == carrier, Rate.zone_code == zone, Rate.up_to_g == up_to_g)
    if session.scalar(select(Rate.id).where(*same)) is not None:
        raise RateTaken(carrier=carrier, zone=zone, up_to_g=up_to_g)
    rate = Rate(
        id=new_id(), carrier=carrier, zone_code=zone, up_to_g=up_to_g, price_minor=price_minor, currency=currency
    )
    session.add(rate)
    session.flush()
    return rate


def change_rate(session: Session, rate_id: str, price_minor: int) -> Rate:
    """Records: the Rate's price. Raises: RateNotFound."""
    rate = _rate(session, rate_id)
    rate.price_minor = price_minor
    session.flush()
    return rate


def remove_rate(session: Session, rate_id: str) -> Rate:
    """Records: the Rate is gone. Raises: RateNotFound."""
    rate = _rate(session, rate_id)
    session.delete(rate)
    session.flush()
    return rate


def _rate(session: Session, rate_id: str) -> Rate:
    rate = session.get(Rate, rate_id, with_for_update=True)
    if rate is None:
        raise RateNotFound()
    return rate


def fill(session: Session, zones: Sequence[dict[str, Any]], rates: Sequence[dict[str, Any]]) -> bool:
    """Add these to a shop that has no zone yet; one that has keeps its own. Records: Zone and Rate rows."""
    if session.scalar(select(Zone.code).limit(1)) is not None:
        return False
    session.add_all(Zone(**zone) for zone in zones)
    session.flush()
    session.add_all(Rate(id=new_id(), **rate) for rate in rates)
    session.flush()
    return True
