"""What orders refuse."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class OrderNotFound(NotFound):
    """No such order, or not one the asker may see: the answer is the same."""

    code, title = "order_not_found", "There is no such order"


class OrderNotCancellable(Conflict):
    """`params`: `number`, and its `status`."""

    code, title = "order_not_cancellable", "The order can no longer be cancelled"


class IllegalStep(Conflict):
    """`params`: `number`, `status`, and the refused `step`."""

    code, title = "order_step_illegal", "An order does not go from there to there"
