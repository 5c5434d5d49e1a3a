"""What every table of the back office has: it is looked at as it is, and changed by a verb or not at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import uuid4

from pydantic import ValidationError
from sqladmin import ModelView
from sqlalchemy import Select
from starlette.requests import Request
from wtforms import BooleanField, Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from console.desk import desk_of, words_of
from console.payments.amounts import to_type, typed_minor
from kernel.errors import ComandaError, Conflict, Forbidden, Invalid, NotFound
from kernel.logging import get_logger

log = get_logger(__name__)
MOST_TYPED = 2_000
Kind = Literal["text", "long", "money", "yes", "choice"]


class NotDone(Exception):
    """What a verb refused, in the member's words."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `choices` are what may be chosen, or the query that finds it; `key` is not changed later."""

    name: str
    kind: Kind = "text"
    choices: tuple[str, ...] | Select[Any] = ()
    is_needed: bool = False
    is_key: bool = False


class Table(ModelView):
    """One table. Without `fields` it is only looked at.

    `put` and `remove` ask the OMS, or the bot, with the member's own authority and the key of the form: rights, rules
    and the trail are theirs. sqladmin writes nothing.
    """

    fields: ClassVar[tuple[Field, ...]] = ()
    can_create = can_edit = can_delete = can_export = can_import = False
    page_size = 50
    page_size_options: ClassVar[list[int]] = [50]
    column_type_formatters: ClassVar[dict[type, Callable[[Any], Any]]] = {
        type(None): lambda _value: "",
        bool: lambda value: "✓" if value else "–",
        list: lambda value: ", ".join(map(str, value)),
        dict: lambda value: ", ".join(f"{name}: {each}" for name, each in value.items()),
        datetime: lambda value: f"{value:%Y-%m-%d}",
    }

    async def put(self, request: Request, pk: str | None, typed: Mapping[str, Any], key: str) -> str:
        """Make it (`pk` None), or change it; what it is called. Raises: what the verb refuses."""
        raise NotImplementedError

    async def take_away(self, request: Request, pk: str, key: str) -> None:
        raise NotImplementedError

    async def typed(self, request: Request, row: Any) -> dict[str, Any]:
        """A row as its form has it."""
        currency = await currency_of(request) if any(field.kind == "money" for field in self.fields) else ""
        return {field.name: self._as_typed(request, field, getattr(row, field.name), currency) for field in self.fields}

    def _as_typed(self, request: Request, field: Field, value: Any, currency: str) -> Any:
        if field.kind == "money" and value is not None:
            return to_type(value, currency, desk_of(request).language(request))
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return value if field.kind == "yes" or value is None else str(value)

    def named(self, row: Any) -> str:
        """What a row is called where it is changed: what does not change of it."""
        keys = (getattr(row, field.name, None) for field in self.fields if field.is_key)
        return " · ".join(str(key) for key in keys if key is not None)

    # what sqladmin calls

    async def get_object_for_edit(self, request: Request) -> Any:
        row = await super().get_object_for_edit(request)
        if row is not None:
            # Beside its columns: sqladmin asks for what is typed without saying whose request it is.
            row.__dict__["typed"] = await self.typed(request, row)
        return row

    async def get_form_data_for_edit(self, obj: Any) -> dict[str, Any]:
        typed: dict[str, Any] = obj.__dict__["typed"]
        return typed

    async def scaffold_form(self, rules: list[str] | None = None) -> type[Form]:
        made: dict[str, Any] = {"act": HiddenField(default=lambda: str(uuid4()))}
        for field in self.fields:
            if not (field.is_key and rules == ["edit"]):
                made[field.name] = await self._field(field)
        return type(f"{type(self).__name__}Form", (Form,), made)

    form_create_rules: ClassVar[list[str]] = ["create"]
    form_edit_rules: ClassVar[list[str]] = ["edit"]

    async def _field(self, field: Field) -> Any:
        needed = [InputRequired()] if field.is_needed else []
        if field.kind == "yes":
            return BooleanField()
        if field.kind == "long":
            return TextAreaField(validators=needed, render_kw={"maxlength": MOST_TYPED, "rows": 3})
        if field.kind != "choice":
            return StringField(validators=needed, render_kw={"maxlength": MOST_TYPED, "autocomplete": "off"})
        found = field.choices if isinstance(field.choices, tuple) else await self._run_query(field.choices)
        return SelectField(choices=list(found) if field.is_needed else ["", *found])

    async def insert_model(self, request: Request, data: dict[str, Any]) -> Any:
        return await self._do(request, lambda key: self.put(request, None, data, key))

    async def update_model(self, request: Request, pk: str, data: dict[str, Any]) -> Any:
        return await self._do(request, lambda key: self.put(request, pk, data, key))

    async def remove(self, request: Request, pk: str, key: str) -> None:
        await self._asked(request, self.take_away(request, pk, key))

    async def delete_model(self, request: Request, pk: Any) -> None:
        raise AssertionError("what is removed is removed by `remove`")

    async def _do(self, request: Request, act: Callable[[str], Awaitable[str]]) -> str:
        form = await request.form()
        done: str = await self._asked(request, act(f"console:{form.get('act')}"))
        return done

    async def _asked(self, request: Request, asked: Awaitable[Any]) -> Any:
        words = words_of(request)
        try:
            return await asked
        except ValidationError as wrong:
            names = dict.fromkeys(str(error["loc"][0]) for error in wrong.errors() if error["loc"])
            labels = ", ".join(words.table_column.get(name, name) for name in names)
            raise NotDone(words.field_wrong.format(field=labels or "–")) from wrong
        except (Conflict, Forbidden, Invalid, NotFound) as refusal:
            raise NotDone(_said(request, refusal)) from refusal
        except NotDone:
            raise
        except Exception as error:  # an edge: sqladmin would show the member what broke
            log.error("table_not_changed", table=self.identity, exc_info=error)
            raise NotDone(words.unavailable) from error


def _said(request: Request, refusal: ComandaError) -> str:
    words = words_of(request)
    problems: Any = refusal.params.get("problems")
    if refusal.code == "catalogue_refused" and isinstance(problems, list):
        return " ".join(
            f"{words.table_column.get(each['column'], each['column'])}: {words.catalogue_problem[each['code']]}"
            for each in problems
        )
    said: str = words.table_refused.get(refusal.code) or words.refused.get(refusal.code, words.refused_otherwise)
    return said


async def currency_of(request: Request) -> str:
    async with desk_of(request).oms(request) as oms:
        return (await oms.shop()).currency


async def minor(request: Request, name: str, text: str) -> int | None:
    """Minor units of what was typed; None for nothing. Raises: NotDone."""
    if not text:
        return None
    currency = await currency_of(request)
    amount = 0 if text == "0" else typed_minor(text, currency, desk_of(request).language(request))
    if amount is None:
        words = words_of(request)
        raise NotDone(f"{words.table_column[name]}: {words.amount_unreadable}")
    return amount


def shown_money(row: Any, name: str, request: Request) -> str:
    """An amount in a list, in the row's currency."""
    return desk_of(request).minor(request, getattr(row, name), row.currency)
