"""What is refused about discounts."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class DiscountUnknown(NotFound):
    """`params`: `discount`, the code as it was asked for."""

    code, title = "discount_unknown", "There is no such discount"


class DiscountEnded(Conflict):
    """`params`: `discount`."""

    code, title = "discount_ended", "The discount has ended"


class DiscountNotYet(Conflict):
    """`params`: `discount`, `valid_from`."""

    code, title = "discount_not_yet", "The discount has not begun"


class DiscountUsedUp(Conflict):
    """`params`: `discount`."""

    code, title = "discount_used_up", "The discount was used as often as it may be"


class DiscountBelowMinimum(Conflict):
    """`params`: `discount`, and `minimum`, the goods it needs, as an amount of money."""

    code, title = "discount_below_minimum", "The discount needs a larger order"


class DiscountOnNothing(Conflict):
    """`params`: `discount`."""

    code, title = "discount_on_nothing", "The discount is on nothing of this order"


class DiscountInvalid(Invalid):
    """`params`: `discount`, `reason`."""

    code, title = "discount_invalid", "That can be no discount"
