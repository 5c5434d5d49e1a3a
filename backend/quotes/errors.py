"""What quotes refuse."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class QuoteNotFound(NotFound):
    code, title = "quote_not_found", "There is no such quote"


class QuoteChanged(Conflict):
    """Someone else was faster. `params`: `number`, and the `version` and `status` it has now."""

    code, title = "quote_changed", "The quote has changed meanwhile: look at it again"


class QuoteOver(Conflict):
    """`params`: `number`, and its `status`."""

    code, title = "quote_over", "The quote is withdrawn, or was ordered already"


class QuoteExpired(Conflict):
    """`params`: `number`."""

    code, title = "quote_expired", "The quote was valid until an earlier day"


class QuoteRepriced(Conflict):
    """`params`: `number`, what it cost (`was_minor`) and costs (`total_minor`) in `currency`, and the `confirmation`
    that stands for what it is now."""

    code, title = "quote_repriced", "The quote is not what was shown any more"
