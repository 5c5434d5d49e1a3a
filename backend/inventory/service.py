"""What may be done with stock; each file of this folder owns a part of it."""

from __future__ import annotations

from backend.inventory.allocation import Allocated, Point, Short, Wish
from backend.inventory.backorders import Filled, Waiting, lines_waiting_for, promises, skus_to_fill, wait, waiting_of
from backend.inventory.backorders import fill as fill_backorders
from backend.inventory.counts import count
from backend.inventory.decisions import allocation_of, remember_allocation
from backend.inventory.holds import HOLD_FOR, MAX_HELD_SHARE, HeldForCart, hold, release_expired_holds, release_hold
from backend.inventory.incoming import announce, coming, count_in, sku_of_incoming, still_coming
from backend.inventory.levels import Low, available, levels, levels_page, lock, lows
from backend.inventory.moves import InBin, adjust, bins_of, issued_cost, moves_page, receive, restock, transfer
from backend.inventory.places import (
    add_bin,
    add_location,
    bin_at,
    bins,
    change_bin,
    change_location,
    location,
    location_by_id,
    locations,
    open_location,
    put_up_bin,
)
from backend.inventory.promised import issued_to, promised_to
from backend.inventory.reservations import (
    Promised,
    Reserved,
    Wanted,
    hand_over,
    issue,
    lost_in_picking,
    need_less,
    release,
    release_part,
    reservations_of,
    reserve,
)
from backend.inventory.thresholds import Watched, forget, watch, watched

__all__ = [
    "HOLD_FOR", "MAX_HELD_SHARE", "Allocated", "Filled", "HeldForCart", "InBin", "Low", "Point", "Promised",
    "Reserved", "Short", "Waiting", "Wanted", "Watched", "Wish", "add_bin", "add_location", "adjust", "allocation_of",
    "announce", "available", "bin_at", "bins", "bins_of", "change_bin", "change_location", "coming", "count",
    "count_in", "fill_backorders", "forget", "hand_over", "hold", "issue", "issued_cost", "issued_to", "levels",
    "levels_page", "lines_waiting_for", "location", "location_by_id", "locations", "lock", "lost_in_picking", "lows",
    "moves_page", "need_less", "open_location", "promised_to", "promises", "put_up_bin", "receive", "release",
    "release_expired_holds", "release_hold", "release_part", "remember_allocation", "reservations_of", "reserve",
    "restock", "sku_of_incoming", "skus_to_fill", "still_coming", "transfer", "wait", "waiting_of", "watch", "watched",
]  # fmt: skip
