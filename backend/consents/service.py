"""What may be done with consents: write one down, see which holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.consents.models import Consent
from backend.persons import is_of
from kernel import clock
from kernel.ids import new_id

Kind = Literal["privacy", "marketing"]


@dataclass(frozen=True, slots=True)
class Said:
    """How it was given: what they had read on which channel, and by which message they answered."""

    channel: str
    wording: str
    evidence: str


def has_accepted(session: Session, customer_id: str, version: str) -> bool:
    """Has this person, on any channel, accepted that version of the policy?"""
    accepted = (is_of(Consent.customer_id, customer_id), Consent.kind == "privacy", Consent.version == version)
    return session.scalar(select(Consent.id).where(*accepted).limit(1)) is not None


def write_down(
    session: Session, customer_id: str, kind: Kind, said: Said, *, is_given: bool = True, version: str | None = None
) -> Consent:
    """Records: one Consent."""
    consent = Consent(
        id=new_id(),
        customer_id=customer_id,
        kind=kind,
        is_given=is_given,
        version=version,
        channel=said.channel,
        wording=said.wording,
        evidence=said.evidence,
        given_at=clock.now(),
    )
    session.add(consent)
    session.flush()
    return consent


def history(session: Session, customer_id: str) -> list[Consent]:
    """All that this person consented to, or took back, oldest first."""
    return list(session.scalars(select(Consent).where(is_of(Consent.customer_id, customer_id)).order_by(Consent.id)))
