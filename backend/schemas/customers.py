"""Customers, their channel identities and their addresses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backend.schemas.base import Answer, Line, Request


class Identity(Request):
    """Someone as a channel knows them: `external_id` is the channel's own, unforgeable id."""

    channel: Annotated[Line, Field(max_length=20, examples=["web"])]
    external_id: Annotated[Line, Field(max_length=200, examples=["visitor-0193f2"])]


class IdentityResolved(Answer):
    customer_id: str


class Customer(Answer):
    id: str = Field(examples=["0193f2c1-7a30-7c11-9d5e-0c3f6c1b2a44"])
    name: str | None = Field(None, examples=["Ana María"])


class CustomerChange(Request):
    name: Annotated[Line, Field(max_length=120, examples=["Ana María"])] | None = None


class NewAddress(Request):
    text: Annotated[Line, Field(examples=["Calle 45 # 12-30 apto 401, Bogotá"])]


class Address(Answer):
    id: str = Field(examples=["0193f2c1-9b02-7d40-8a11-53d1e7a90c12"])
    text: str = Field(examples=["Calle 45 # 12-30 apto 401, Bogotá"])
    city: str | None = None
    is_default: bool = False
