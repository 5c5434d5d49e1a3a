"""What may be refused about reminders and promises."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid


class NothingOwed(Conflict):
    code, title = "nothing_owed", "The customer owes nothing"


class PromiseOutOfRange(Invalid):
    """`params`: the `earliest` and the `latest` day that can be promised."""

    code, title = "promise_out_of_range", "A promise is for one of the next days"


class ReminderStagesInvalid(Invalid):
    """`params`: the `stage` that is named twice, or comes before one that is milder."""

    code, title = "reminder_stages_invalid", "Each stage comes once, and after those that are milder"
