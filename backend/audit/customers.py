"""What always holds of who is who."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Executable, exists, select
from sqlalchemy.orm import aliased

from backend.customers.models import Customer, IdentityEntry


def _goes_on_as_one_who_goes_on() -> Executable:
    person = aliased(Customer)
    return (
        select(Customer.id.label("subject"), Customer.person_id)
        .join(person, person.id == Customer.person_id)
        .where(person.person_id.is_not(None))
    )


def _every_join_is_written_down() -> Executable:
    written = exists().where(IdentityEntry.customer_id == Customer.id, IdentityEntry.act == "linked")
    return select(Customer.id.label("subject"), Customer.person_id).where(Customer.person_id.is_not(None), ~written)


CHECKS: dict[str, Callable[[], Executable]] = {
    "who is one person with others goes on as one who is nobody else": _goes_on_as_one_who_goes_on,
    "who became one person with others did so by a proof that is written down": _every_join_is_written_down,
}
