"""Picking walks: several fulfillments that one picker fetches at once, each in its basket."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from backend.schemas.base import Answer, Request, Text
from backend.schemas.fulfillment import Fulfillment, Picker, PickList

MOST_BASKETS = 20
_Number = Annotated[Text, Field(min_length=1, max_length=40, examples=["PED-10023-1"])]


class WalkBasket(Answer):
    """`left_at` is when it was no longer carried: the walk ended, or left it out."""

    letter: str = Field(examples=["A"])
    fulfillment: Fulfillment
    left_at: datetime | None = None


class PickingWalk(Answer):
    """`pick_list` is what is still to be found for what is carried: where to go, what for which basket."""

    id: str
    location: str = Field(examples=["CENTRO"])
    picker: Picker
    started_at: datetime
    ended_at: datetime | None = None
    baskets: list[WalkBasket]
    pick_list: PickList


class OpenWalk(Answer):
    """`left_count` of the lines in its `baskets_count` baskets are still to be found."""

    id: str
    location: str = Field(examples=["CENTRO"])
    picker: Picker
    started_at: datetime
    baskets_count: int
    left_count: int


class OpenWalks(Answer):
    """The oldest first."""

    walks: list[OpenWalk]


class StartWalk(Request):
    """`fulfillments`: these, all of them or none; or the `next` so many that wait, by promise."""

    location: Annotated[Text, Field(min_length=1, max_length=20, examples=["CENTRO"])]
    fulfillments: Annotated[list[_Number], Field(max_length=MOST_BASKETS, default_factory=list)]
    next: Annotated[int, Field(ge=1, le=MOST_BASKETS, examples=[5])] | None = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if bool(self.fulfillments) == (self.next is not None):
            raise ValueError("a walk is for these, or for the next so many")
        return self


class LeaveOut(Request):
    fulfillment: _Number
