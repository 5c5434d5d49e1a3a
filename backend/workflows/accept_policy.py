"""Accept the privacy policy: a person went on after it was shown to them; once for each version."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from backend.consents import policy
from backend.consents import service as consents
from backend.consents.errors import PolicyChanged
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound


def accept_policy(
    session: Session, customer_id: str, version: str, said: consents.Said, policy_file: Path | None
) -> str:
    """The version that now holds. A person who accepted it before, on whatever channel, is written down once.

    Records: at most one Consent.
    Raises: CustomerNotFound, PolicyChanged.
    """
    if not customers.exists(session, customer_id):
        raise CustomerNotFound()
    in_force = policy.read(policy_file).version
    if version != in_force:
        raise PolicyChanged(version=in_force)
    customers.lock(session, customer_id)
    if not consents.has_accepted(session, customer_id, version):
        consents.write_down(session, customer_id, "privacy", said, version=version)
    return version
