"""What may be done with stock; each file of this folder owns a part of it."""

from __future__ import annotations

from backend.inventory.allocation import Allocated, Point, Short, Wish
from backend.inventory.backorders import Filled, Waiting, promises, wait, waiting_of
from backend.inventory.backorders import fill as fill_backorders
from backend.inventory.decisions import allocation_of, remember_allocation
from backend.inventory.holds import HOLD_FOR, MAX_HELD_SHARE, HeldForCart, hold, release_expired_holds, release_hold
from backend.inventory.levels import Low, available, levels, lows
from backend.inventory.moves import InBin, adjust, bins_of, receive, restock, transfer
from backend.inventory.places import add_bin, add_location, bin_at, bins, location, locations
from backend.inventory.promised import issued_to, promised_to
from backend.inventory.reservations import (
    Promised,
    Reserved,
    Wanted,
    hand_over,
    issue,
    lost_in_picking,
    release,
    release_part,
    reservations_of,
    reserve,
)

__all__ = [
    "HOLD_FOR",
    "MAX_HELD_SHARE",
    "Allocated",
    "Filled",
    "HeldForCart",
    "InBin",
    "Low",
    "Point",
    "Promised",
    "Reserved",
    "Short",
    "Waiting",
    "Wanted",
    "Wish",
    "add_bin",
    "add_location",
    "adjust",
    "allocation_of",
    "available",
    "bin_at",
    "bins",
    "bins_of",
    "fill_backorders",
    "hand_over",
    "hold",
    "issue",
    "issued_to",
    "levels",
    "location",
    "locations",
    "lost_in_picking",
    "lows",
    "promised_to",
    "promises",
    "receive",
    "release",
    "release_expired_holds",
    "release_hold",
    "release_part",
    "remember_allocation",
    "reservations_of",
    "reserve",
    "restock",
    "transfer",
    "wait",
    "waiting_of",
]
