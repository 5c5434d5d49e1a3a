"""Locations and their bins: where goods can lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.inventory.errors import BinNotFound, BinTaken, LocationNotFound, LocationTaken
from backend.inventory.models import Bin, Location
from kernel.ids import new_id


def add_location(session: Session, code: str, name: str, preference: int) -> str:
    location = Location(id=new_id(), code=code, name=name, preference=preference)
    session.add(location)
    session.flush()
    return location.id


def add_bin(session: Session, location_id: str, code: str, walking_order: int = 0) -> str:
    shelf = Bin(id=new_id(), location_id=location_id, code=code, walking_order=walking_order)
    session.add(shelf)
    session.flush()
    return shelf.id


def locations(session: Session) -> Sequence[Location]:
    """All of them, the preferred first."""
    return session.scalars(select(Location).order_by(Location.preference, Location.code)).all()


def location(session: Session, code: str) -> Location:
    """Raises: LocationNotFound."""
    found = session.scalar(select(Location).where(Location.code == code))
    if found is None:
        raise LocationNotFound(location=code)
    return found


def location_by_id(session: Session, location_id: str) -> Location:
    return session.get_one(Location, location_id)


def bins(session: Session, location_id: str) -> Sequence[Bin]:
    """The bins of a location in walking order."""
    query = select(Bin).where(Bin.location_id == location_id).order_by(Bin.walking_order, Bin.code)
    return session.scalars(query).all()


def bin_at(session: Session, location_id: str, code: str) -> Bin:
    """Raises: BinNotFound."""
    found = session.scalar(select(Bin).where(Bin.location_id == location_id, Bin.code == code))
    if found is None:
        raise BinNotFound(bin=code)
    return found


def open_location(session: Session, facts: dict[str, Any]) -> Location:
    """Raises: LocationTaken."""
    row = {"id": new_id()} | facts
    if not insert_if_absent(session, Location, row):
        raise LocationTaken(location=facts["code"])
    return session.get_one(Location, row["id"])


def change_location(session: Session, code: str, facts: dict[str, Any]) -> Location:
    """Raises: LocationNotFound."""
    found = location(session, code)
    for name, value in facts.items():
        setattr(found, name, value)
    session.flush()
    return found


def put_up_bin(session: Session, location_code: str, code: str, walking_order: int) -> Bin:
    """Raises: LocationNotFound, BinTaken."""
    row = {
        "id": new_id(),
        "location_id": location(session, location_code).id,
        "code": code,
        "walking_order": walking_order,
    }
    if not insert_if_absent(session, Bin, row):
        raise BinTaken(bin=code)
    return session.get_one(Bin, row["id"])


def change_bin(session: Session, location_code: str, code: str, walking_order: int) -> Bin:
    """Raises: LocationNotFound, BinNotFound."""
    found = bin_at(session, location(session, location_code).id, code)
    found.walking_order = walking_order
    session.flush()
    return found
