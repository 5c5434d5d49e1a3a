"""What suggestions refuse."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class SuggestionNotFound(NotFound):
    """For someone else's, too."""

    code, title = "suggestion_not_found", "There is no such suggestion"


class SuggestionOver(Conflict):
    """`params`: `outcome`, what became of it; `offered` when its cart has become an order meanwhile."""

    code, title = "suggestion_over", "That suggestion has been answered already"


class PairNotFound(NotFound):
    """`params`: `sku` and `suggested_sku`."""

    code, title = "pair_not_found", "The shop suggests no such pair"


class PairInvalid(Invalid):
    """`params`: `sku`."""

    code, title = "pair_invalid", "A product does not go with itself"
