"""What inventory refuses."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class OutOfStock(Conflict):
    """`params`: `sku`, `name`, and `available`, the whole count of the asked `unit` that could be had.

    A cart's refusal has `choices` too: `wait` {`promised_on`} or null, `substitutes` [{`sku`, `name`, `name_en`,
    `price`}] that are in stock, `reduce` (the quantity of `unit` there is) or null, `drop`.
    """

    code, title = "out_of_stock", "There is not that much of it"


class NotEnoughOnHand(Conflict):
    """A move would take goods that are not there, or that are promised to an order."""

    code, title = "not_enough_on_hand", "That much is not free to move"


class NotEnoughReserved(Conflict):
    """More than a location has promised to an order line. `params`: `sku` when known, and `reserved`."""

    code, title = "not_enough_reserved", "That much is not reserved there"


class NotASubstitute(Invalid):
    """`params`: `sku` and `substitute_sku`."""

    code, title = "not_a_substitute", "The shop does not offer that instead"


class NothingToAdjust(Invalid):
    code, title = "nothing_to_adjust", "An adjustment is of at least one unit, more or fewer"


class SameLocation(Invalid):
    """`params`: `location`."""

    code, title = "same_location", "A transfer goes from one location to another"


class LocationTaken(Conflict):
    """`params`: `location`."""

    code, title = "location_taken", "There is a location of that code already"


class BinTaken(Conflict):
    """`params`: `bin`."""

    code, title = "bin_taken", "There is a bin of that code already"


class ThresholdNotFound(NotFound):
    """`params`: `sku` and `location`."""

    code, title = "threshold_not_found", "There is no such threshold"


class IncomingNotFound(NotFound):
    code, title = "incoming_not_found", "Nobody has announced that"


class IncomingOver(Conflict):
    """`params`: its `reference`, how many base units were `received`, and whether it `is_withdrawn`."""

    code, title = "incoming_over", "Nothing more of it is to come"


class LocationNotFound(NotFound):
    """`params`: `location`, as it was asked for."""

    code, title = "location_not_found", "There is no such location"


class BinNotFound(NotFound):
    """`params`: `bin`, as it was asked for."""

    code, title = "bin_not_found", "There is no such bin"


class CountStale(Conflict):
    """`params`: `sku`, and what the books say is `expected` now."""

    code, title = "count_stale", "The books have changed since the difference was looked at"
