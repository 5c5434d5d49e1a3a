"""Set reminders: how long before and after the due day customers are reminded, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy.orm import Session

from backend.catalog import shop as catalog
from backend.catalog.shop import ReminderStage
from backend.reminders.errors import ReminderStagesInvalid
from backend.reminders.models import STAGES


def set_reminders(session: Session, stages: Sequence[ReminderStage]) -> Sequence[ReminderStage]:
    """Records: the ShopProfile.

    Raises: ReminderStagesInvalid, ShopNotSetUp.
    """
    ordered = sorted(stages, key=lambda each: STAGES.index(each.stage))
    for milder, each in pairwise(ordered):
        if each.stage == milder.stage or each.days <= milder.days:
            raise ReminderStagesInvalid(stage=each.stage)
    catalog.set_reminders(session, ordered)
    return ordered
