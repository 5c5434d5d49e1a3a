"""The declarative base of every `oms_` table, with the column types they share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from sqlalchemy import BigInteger, String, Table
from sqlalchemy.orm import DeclarativeBase, mapped_column

from kernel.db import UtcDateTime, new_metadata
from kernel.ids import new_id

TABLE_PREFIX = "oms_"

Id = Annotated[str, mapped_column(String(36), primary_key=True, default=new_id)]
Ref = Annotated[str, mapped_column(String(36))]
Sku = Annotated[str, mapped_column(String(40))]
Minor = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    """Tables are named `oms_<noun>`; foreign keys between nouns go by table name, never by `relationship()`."""

    metadata = new_metadata()
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  # SQLAlchemy's own declaration


def table_of(model: type[Base]) -> Table:
    """The Core table of a model, for prebuilt statements on hot paths."""
    return cast(Table, model.__table__)
