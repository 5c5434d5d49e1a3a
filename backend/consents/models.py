"""The proofs of consent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref


class Consent(Base):
    """A customer gave their consent, or took it back. Append-only; the latest of its kind holds.

    `privacy` is the policy, in its `version`; `marketing` is advertising, which has none. `wording` is the sentence
    they had before them on `channel`, `evidence` the message (or act) by which they answered it.
    Source: Ley 1581 de 2012 (Colombia), art. 9; Decreto 1377 de 2013, art. 7 (unequivocal conduct) and 8 (proof).
    """

    __tablename__ = "oms_consent"
    __table_args__ = (
        CheckConstraint("kind IN ('privacy', 'marketing')", name="kind"),
        CheckConstraint("(kind = 'privacy') = (version IS NOT NULL)", name="version"),
        Index(None, "customer_id", "kind"),
    )

    id: Mapped[Id]
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    kind: Mapped[str] = mapped_column(String(10))
    is_given: Mapped[bool]
    version: Mapped[str | None] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    wording: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(String(200))
    given_at: Mapped[datetime]
