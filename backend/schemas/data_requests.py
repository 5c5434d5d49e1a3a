"""What staff asks for of all that is kept of one person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Request

DataRequestKind = Literal["look", "export", "erasure"]
DataRequestStatus = Literal["queued", "working", "clearing", "done", "refused", "failed"]
ErasureReason = Literal["asked", "consent_withdrawn", "authority"]
DataGroup = Literal[
    "profile", "chats", "files", "carts", "orders", "returns", "documents", "books", "mails", "consents", "records"
]
OpenKind = Literal["order", "return", "claim", "refund", "payment_proof", "payment", "invoice"]


class NewDataRequest(Request):
    """`look` says what there is; `export` makes a copy of it, a zip, to hand out."""

    kind: Literal["look", "export"]


class NewErasure(Request):
    """`confirmation` is the number of the look, typed by whoever asks. The reason is a choice: it is kept."""

    reason: ErasureReason
    confirmation: Annotated[Line, Field(max_length=20, examples=["DAT-10001"])]


class HeldRows(Answer):
    """How many rows of a group there are, and what erasing makes of them: `blank` stay, and name nobody any more."""

    group: DataGroup
    becomes: Literal["gone", "blank", "kept"]
    rows: int


class OpenThing(Answer):
    """What is not over between the shop and the person."""

    kind: OpenKind
    number: str = Field(examples=["PED-10023"])


class DataRequest(Answer):
    """`rows` are what was found, handed out or erased, `stands` what stands against erasing.

    Of an erasure `left` names where a word that names the person still stands, outside of what is kept: someone must
    look. `keep_until` is until when the law has the shop keep the rest.
    """

    number: str = Field(examples=["DAT-10001"])
    kind: DataRequestKind
    status: DataRequestStatus
    customer_id: str
    customer_name: str | None
    reason: ErasureReason | None
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    ended_at: datetime | None
    rows: list[HeldRows] = Field(default_factory=list)
    files: int = 0
    stands: list[OpenThing] = Field(default_factory=list)
    left: list[str] = Field(default_factory=list)
    keep_until: date | None = None
    file_until: datetime | None = Field(default=None, description="The copy can be fetched until then.")
    is_fresh: bool = Field(default=False, description="A look by which an erasure may be asked for now.")


class DataRequestPage(Answer):
    requests: list[DataRequest]
    next_cursor: str | None
