"""What inventory refuses."""

from __future__ import annotations

from kernel.errors import Conflict


class OutOfStock(Conflict):
    """`params`: `sku`, `name`, and `available`, the whole count of the asked `unit` that could be had."""

    code, title = "out_of_stock", "There is not that much of it"


class NotEnoughOnHand(Conflict):
    """A move would take goods that are not there, or that are promised to an order."""

    code, title = "not_enough_on_hand", "That much is not free to move"
