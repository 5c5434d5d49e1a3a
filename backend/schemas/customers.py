"""Customers, their channel identities and their addresses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backend.schemas.base import Answer, Line, Request


class Identity(Request):
    """Someone as a channel knows them: `external_id` is the channel's own, unforgeable id."""

    channel: Annotated[Line, Field(max_length=20, examples=["web"])]
    external_id: Annotated[Line, Field(max_length=200)]


class IdentityResolved(Answer):
    customer_id: str


class Customer(Answer):
    id: str
    name: str | None = None


class CustomerChange(Request):
    name: Annotated[Line, Field(max_length=120)] | None = None


class NewAddress(Request):
    text: Annotated[Line, Field(examples=["Calle 45 # 12-30 apto 401, Bogotá"])]


class Address(Answer):
    id: str
    text: str
    city: str | None = None
    is_default: bool = False
