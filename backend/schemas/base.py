"""What every message of the API has in common."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from kernel import money


def _storable(text: str) -> str:
    """Refuse what no database stores as text: NUL and lone surrogates."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("contains characters that cannot be stored")
    return text


Text = Annotated[str, AfterValidator(_storable)]
SkuText = Annotated[str, Field(min_length=1, max_length=40, examples=["LECHE-ALP-ENT-1L"]), AfterValidator(_storable)]
Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_storable)]


# A time of day in the shop's zone. Not OpenAPI's format `time`, which wants an offset.
TimeOfDay = Annotated[
    time, WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$", "examples": ["21:00"]})
]

# The most that is collected at a door or a counter, in minor units: a typing error is not a fortune.
MAX_COLLECTED_MINOR = 10**13


class Request(BaseModel):
    """What a client sends: a field we do not know is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Answer(BaseModel):
    """What the OMS says: a client of an older version overlooks fields it does not know."""

    model_config = ConfigDict(extra="ignore")


class Money(Answer):
    """Integer minor units of an ISO 4217 currency: 4.500 pesos are `{"amount_minor": 450000, "currency": "COP"}`."""

    amount_minor: int = Field(examples=[450_000])
    currency: str = Field(min_length=3, max_length=3, examples=["COP"])

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> Self:
        return cls(amount_minor=amount_minor, currency=currency)

    @property
    def value(self) -> money.Money:
        return money.Money(self.amount_minor, self.currency)


class Words(Answer):
    """The same text in both languages."""

    es: str = Field(examples=["caja"])
    en: str = Field(examples=["box"])


class Problem(Answer):
    """A refusal. `code` is stable and has a reply in both languages; `params` are the facts it may name.

    Source: RFC 9457.
    """

    type: str = Field(examples=["urn:comanda:error:out_of_stock"])
    title: str
    status: int
    code: str = Field(examples=["out_of_stock"])
    detail: str
    params: dict[str, object] = Field(default_factory=dict)
