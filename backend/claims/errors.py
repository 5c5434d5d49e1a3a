"""What claims refuse."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class ClaimNotFound(NotFound):
    code, title = "claim_not_found", "There is no such claim"


class ClaimClosed(Conflict):
    """Someone answered it already."""

    code, title = "claim_closed", "The claim is closed"
