"""The declarative base of every `oms_` table, with the column types they share."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import BigInteger, Dialect, String
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from kernel.db import UtcDateTime, new_metadata
from kernel.ids import new_id
from kernel.rows import insert_if_absent as insert_if_absent
from kernel.rows import table_of as table_of

TABLE_PREFIX = "oms_"

Id = Annotated[str, mapped_column(String(36), primary_key=True, default=new_id)]
Ref = Annotated[str, mapped_column(String(36))]
Sku = Annotated[str, mapped_column(String(40))]
Minor = Annotated[int, mapped_column(BigInteger)]


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal kept as its own digits, because SQLite would make a float of it."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    """Tables are named `oms_<noun>`; foreign keys between nouns go by table name, never by `relationship()`."""

    metadata = new_metadata()
    type_annotation_map = {datetime: UtcDateTime, Decimal: ExactDecimal}  # noqa: RUF012  # SQLAlchemy's own declaration


def columns_of(row: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass, not copied as `asdict` would: that is felt on a hot path."""
    return {name: getattr(row, name) for name in row.__slots__}
