"""What returns refuse."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class ReturnNotFound(NotFound):
    """No such return, or not one the asker may see: the answer is the same."""

    code, title = "return_not_found", "There is no such return"


class ReturnStepIllegal(Conflict):
    """`params`: `number`, `status`, and the refused `step`."""

    code, title = "return_step_illegal", "A return does not go from there to there"


class LabelLinkOver(NotFound):
    code, title = "label_link_over", "The link opens no label, or none any more"


class ReturnNotDelivered(Conflict):
    """`params`: `sku`, `name`."""

    code, title = "return_not_delivered", "What was not delivered cannot be returned"


class ReturnWindowOver(Conflict):
    """`params`: `sku`, `name`, and the last day, `until`."""

    code, title = "return_window_over", "The time to return it is over"


class FinalSale(Conflict):
    """`params`: `sku`, `name`."""

    code, title = "final_sale", "It was sold for good"


class AlreadyReturned(Conflict):
    """All of it is in a return. `params`: `sku`, `name`."""

    code, title = "already_returned", "All of it is returned already, or is being returned"


class ReturnTooMuch(Conflict):
    """More than was delivered and not returned yet. `params`: `sku`, `left`."""

    code, title = "return_too_much", "That is more than may still be returned"


class NotInOrder(Invalid):
    """`params`: `line`."""

    code, title = "not_in_order", "The order has no such line"


class ReturnLineTwice(Invalid):
    """`params`: `line`."""

    code, title = "return_line_twice", "The same line is named twice"


class ReturnReasonUnknown(Invalid):
    """`params`: `reason`."""

    code, title = "return_reason_unknown", "The shop knows no such reason"


class ReturnPhotoRequired(Invalid):
    """`params`: `sku`, `name`, `reason`."""

    code, title = "return_photo_required", "This reason needs a photo"


class ReturnDayImpossible(Invalid):
    """`params`: `on`."""

    code, title = "return_day_impossible", "Goods are not fetched on that day"


class DropOffPointUnknown(Invalid):
    """`params`: `point`."""

    code, title = "drop_off_point_unknown", "Goods cannot be left at that place"


class NotInReturn(Invalid):
    """`params`: `number`, `line`."""

    code, title = "not_in_return", "The return has no such line"


class ReceivedTooMany(Conflict):
    """More than was announced. `params`: `sku`, `left`."""

    code, title = "received_too_many", "More came back than was announced"


class InspectedTooMany(Conflict):
    """More than came and waits to be looked at. `params`: `sku`, `left`."""

    code, title = "inspected_too_many", "So much of it has not come"


class ReturnSettled(Conflict):
    """Its money is settled. `params`: `number`."""

    code, title = "return_settled", "The return is paid already"


class ReturnPolicyInvalid(Invalid):
    """`params`: `field`."""

    code, title = "return_policy_invalid", "That is no policy returns can follow"


class ExchangeMissing(Invalid):
    """An exchange says what for. `params`: `number`."""

    code, title = "exchange_missing", "It must be said what it is exchanged for"
