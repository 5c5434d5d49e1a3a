"""Whose a row is: a customer's own, or that of another customer who is proven to be the same person.

Nouns know customers by id alone; this is the one sentence of SQL by which they ask, against the table's name.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, column, func, or_, select, table

_customer = table("oms_customer", column("id"), column("person_id"))


def is_of(owner: Any, customer_id: str) -> ColumnElement[bool]:
    """`owner` (a column of customer ids) is this customer, or one who goes on as them."""
    # The few ids first: with an OR around them PostgreSQL would read every row there is.
    theirs = select(_customer.c.id).where(or_(_customer.c.id == customer_id, _customer.c.person_id == customer_id))
    owned: ColumnElement[bool] = owner.in_(theirs)
    return owned


def person_of(owner: Any) -> ScalarSelect[str]:
    """The person that `owner` (a column of customer ids) goes on as."""
    one = _customer.alias()
    return select(func.coalesce(one.c.person_id, one.c.id)).where(one.c.id == owner).scalar_subquery()
