"""What orders refuse."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class OrderNotFound(NotFound):
    """No such order, or not one the asker may see: the answer is the same."""

    code, title = "order_not_found", "There is no such order"


class OrderNotCancellable(Conflict):
    """`params`: `number`, and its `status`."""

    code, title = "order_not_cancellable", "The order can no longer be cancelled"


class IllegalStep(Conflict):
    """`params`: `number`, `status`, and the refused `step`."""

    code, title = "order_step_illegal", "An order does not go from there to there"


class OrderChanged(Conflict):
    """Someone else was faster. `params`: `number`, and the `version` and `status` it has now."""

    code, title = "order_changed", "The order has changed meanwhile: look at it again"


class OrderNotHoldable(Conflict):
    """`params`: `number`, and its `status`."""

    code, title = "order_not_holdable", "The order is not confirmed, or someone has begun to get it ready"


class OrderNotOnHold(Conflict):
    """`params`: `number`, and its `status`."""

    code, title = "order_not_on_hold", "The order does not wait for anyone's decision"


class ApprovalRuleNotFound(NotFound):
    code, title = "approval_rule_not_found", "There is no such approval rule"


class ApprovalRuleInvalid(Invalid):
    """`params`: `kind`, and the `parameter` that is missing, unknown or not as it must be."""

    code, title = "approval_rule_invalid", "That is no rule orders can be held by"


class OrderNotChangeable(Conflict):
    """A part of it is being got ready, or it is over. `params`: `number`, its `status`, and `fulfillment_status`."""

    code, title = "order_not_changeable", "The order can no longer be changed"


class PaymentTimeOver(Conflict):
    """`params`: `number`. It was to be paid first, its time for that is over, and it is about to be cancelled."""

    code, title = "payment_time_over", "The time to pay the order is over"


class ShortageOpen(Conflict):
    """`params`: `number`. What is short of it is decided about first; then it can be changed."""

    code, title = "shortage_open", "First it must be decided what becomes of what is short"


class NotDelivered(Conflict):
    """`params`: `number`. It is collected, and so has no address to change."""

    code, title = "not_delivered", "The order is collected, not delivered"


class OrderWouldBeEmpty(Conflict):
    """`params`: `number`. Cancel it instead."""

    code, title = "order_would_be_empty", "Nothing would be left of the order"


class NothingToChange(Invalid):
    code, title = "nothing_to_change", "The order is like that already"


class ChangeStale(Conflict):
    """`params`: `reason` (`unknown`, `expired`, `changed`), and the `total_minor` it would be now, if that is why."""

    code, title = "change_stale", "The change that was shown is no longer so"
