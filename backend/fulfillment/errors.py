"""What fulfillment refuses."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound, TooMany


class FulfillmentNotFound(NotFound):
    code, title = "fulfillment_not_found", "There is no such fulfillment"


class FulfillmentChanged(Conflict):
    """Someone else was faster. `params`: `number`, and the `version` and `status` it has now."""

    code, title = "fulfillment_changed", "The fulfillment has changed meanwhile: look at it again"


class FulfillmentStepIllegal(Conflict):
    """`params`: `number`, `status`, and the refused `step`."""

    code, title = "fulfillment_step_illegal", "A fulfillment does not go from there to there"


class NotInFulfillment(Invalid):
    """`params`: `number`, and the `line` that was named (a sku or the id of a line)."""

    code, title = "not_in_fulfillment", "That is not in this fulfillment"


class PickedTooMany(Conflict):
    """`params`: `sku`, and what is `left` to pick of it, in base units."""

    code, title = "picked_too_many", "That is more than is left to pick"


class NothingToPutBack(Conflict):
    """`params`: `sku`, and how much of it is `picked` and not packed, in base units."""

    code, title = "nothing_to_put_back", "That is more than was picked and is not packed yet"


class PackedTooMany(Conflict):
    """`params`: `sku`, and what is `left` to pack of it, in base units."""

    code, title = "packed_too_many", "That is more than was picked and is not packed yet"


class NothingToPack(Conflict):
    """`params`: `number`."""

    code, title = "nothing_to_pack", "Nothing was picked that is not packed yet"


class NotPacked(Conflict):
    """`params`: `number`, and its `status`."""

    code, title = "not_packed", "Only what is packed leaves the house"


class ShortageNotFound(NotFound):
    code, title = "shortage_not_found", "There is no such shortage"


class ShortageResolved(Conflict):
    """`params`: the `resolution` it has."""

    code, title = "shortage_resolved", "That was decided already"


class NotASubstitute(Conflict):
    """`params`: `sku`, `substitute_sku`."""

    code, title = "not_a_substitute", "That is not offered in its place, or there is not enough of it"


class PickupCodeWrong(Conflict):
    """`params`: the `tries_left`."""

    code, title = "pickup_code_wrong", "That is not the code of this order"


class PickupLocked(TooMany):
    """`params`: `number`."""

    code, title = "pickup_locked", "Too many wrong codes: someone of the shop has to look at it"


class PickupLocationUnknown(Invalid):
    code, title = "pickup_location_unknown", "Orders are not collected there"


class WalkNotFound(NotFound):
    code, title = "walk_not_found", "There is no such walk"


class WalkEnded(Conflict):
    code, title = "walk_ended", "That walk has ended"


class WalkUnderWay(Conflict):
    """`params`: the `walk` that its picker has not finished."""

    code, title = "walk_under_way", "Whoever picks has another walk to finish first"


class FulfillmentInWalk(Conflict):
    """`params`: its `number`."""

    code, title = "fulfillment_in_walk", "Someone carries that fulfillment in their walk"


class NothingToWalk(Conflict):
    code, title = "nothing_to_walk", "Nothing waits there to be picked"
