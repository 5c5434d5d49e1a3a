"""What is refused of limits and second persons."""

from __future__ import annotations

from kernel.errors import Conflict, Forbidden, NotFound


class AboveLimit(Forbidden):
    """`params`: `amount_minor`, `limit_minor` (the caller's) and `currency`."""

    code, title = "above_limit", "Another person, with a higher limit, approves this"


class SamePerson(Forbidden):
    code, title = "same_person", "Whoever asked for it does not approve it"


class PendingActNotFound(NotFound):
    code, title = "pending_act_not_found", "No such pending act"


class PendingActDecided(Conflict):
    """`params`: the `number` and `status` it has."""

    code, title = "pending_act_decided", "It is decided already"
