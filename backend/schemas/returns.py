"""Returns: what comes back of an order, how far it is, and the shop's policy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from backend.schemas.base import Answer, Line, Money, Request, SkuText, Text, Words

ReturnStatus = Literal[
    "requested", "accepted", "rejected", "in_transit", "partly_received", "received", "inspected", "resolved",
    "cancelled",
]  # fmt: skip
Wish = Literal["refund", "exchange", "store_credit", "replacement"]
ReturnWay = Literal["pickup", "drop_off", "store", "carrier"]
ParcelWish = Literal["replacement", "refund", "store_credit"]
Resolution = Literal["refund", "exchange", "store_credit", "replacement", "none"]
Disposition = Literal["restock", "refurbish", "scrap", "back_to_supplier"]
RefundTime = Literal["on_request", "first_scan", "inspection"]
Refusal = Literal["not_delivered", "already_returned", "final_sale", "outside_window"]

_Some = Annotated[int, Field(gt=0, le=100_000_000, description="Base units.", examples=[1])]
_LineName = Annotated[
    Text, Field(min_length=1, max_length=40, description="The id of a line, or its sku.", examples=["LECHE-ALP-ENT-1L"])
]
_Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_\-]+$")]
_Amount = Annotated[int, Field(ge=0, le=1_000_000_000_000)]
_Slot = Annotated[str, StringConstraints(max_length=11, pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$")]
_Days = Annotated[int, Field(ge=0, le=365)]


class VouchedPhoto(Request):
    """A photo that the customer sent in the chat; `voucher` is the bot's signed word for whose it is."""

    voucher: Text = Field(min_length=1, max_length=2000)


class Photo(Request):
    """A file that is kept elsewhere: what it is called there, and its fingerprint."""

    attachment_id: Annotated[Text, Field(min_length=1, max_length=64)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NewReturnLine(Request):
    """`quantity` base units; `reason` is one of the policy's codes."""

    line: _LineName
    quantity: _Some
    reason: _Code = Field(examples=["damaged"])
    note: Line | None = None
    photos: Annotated[list[VouchedPhoto], Field(max_length=10)] = Field(default_factory=list)


class ReturnLineFor(NewReturnLine):
    """Staff has the photos before it."""

    photos: Annotated[list[Photo], Field(max_length=10)] = Field(default_factory=list)  # type: ignore[assignment]


class ExchangeLine(Request):
    """What is wanted instead; `quantity` in the variant's usual unit, or in `unit`, as a decimal string."""

    sku: SkuText
    quantity: Annotated[str, Field(max_length=20, examples=["1"])]
    unit: Annotated[Text, Field(max_length=40)] | None = None


class NewReturn(Request):
    """`exchange_for` goes with the wish `exchange`, and only with it. What it costs less is `difference_as`.

    `drop_off_point` is the code of one of the shop's, where it is left at one; without, any of them will do.
    """

    lines: Annotated[list[NewReturnLine], Field(min_length=1, max_length=100)]
    wish: Wish = "refund"
    way: Literal["pickup", "drop_off", "store"] = "store"
    pickup_on: date | None = None
    pickup_slot: Annotated[Text, Field(max_length=40, examples=["09:00-12:00"])] | None = None
    drop_off_point: Annotated[_Code, Field(examples=["papeleria-el-lapiz"])] | None = None
    exchange_for: Annotated[list[ExchangeLine], Field(max_length=50)] = Field(default_factory=list)
    difference_as: Literal["refund", "store_credit"] = "refund"


class NewReturnFor(NewReturn):
    """`overrules`: taken back though window, final sale or a missing photo forbid it.

    It makes the claim `claim_id` good, and `needs_goods` back unless it says otherwise: what never came cannot.
    """

    lines: Annotated[list[ReturnLineFor], Field(min_length=1, max_length=100)]  # type: ignore[assignment]
    overrules: bool = False
    needs_goods: bool = True
    claim_id: Annotated[Text, Field(max_length=40)] | None = None


class ChooseForParcel(Request):
    """What the customer wants for a parcel that came back: sent again (`replacement`), or their money."""

    wish: ParcelWish


class CancelReturn(Request):
    reason: Line | None = None


class AppealReturn(Request):
    note: Annotated[Line, Field(max_length=1000)] | None = None


class RejectReturn(Request):
    """`reason` is told to the customer."""

    reason: Line


class SendReturn(Request):
    note: Line | None = None


class ReceivedLine(Request):
    line: _LineName
    quantity: _Some


class ReceiveReturn(Request):
    """`location` is the code of the warehouse or store where it came; `is_last`: nothing more will come."""

    location: _Code
    lines: Annotated[list[ReceivedLine], Field(min_length=1, max_length=100)]
    is_last: bool = False
    note: Line | None = None


class InspectedLine(Request):
    """`is_again`: of those that were refurbished meanwhile.

    What goes back to a supplier names the partner (`supplier`, a code), where it is not the one who supplies it; they
    get a debit note.
    """

    line: _LineName
    quantity: _Some
    disposition: Disposition
    supplier: Annotated[_Code, Field(examples=["lacteos-del-valle"])] | None = None
    is_again: bool = False
    note: Line | None = None
    photos: Annotated[list[Photo], Field(max_length=10)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.is_again and self.disposition == "refurbish":
            raise ValueError("what was refurbished gets another disposition")
        return self


class InspectReturn(Request):
    location: _Code
    lines: Annotated[list[InspectedLine], Field(min_length=1, max_length=100)]


class ResolveReturn(Request):
    """`how` is what the customer gets; left out it is what they wished."""

    how: Resolution | None = None


class ReturnableLine(Answer):
    """`left` base units may be returned until a day, `refusal` says why none may; a unit is `unit_factor` of them."""

    line: str
    sku: str
    name: str
    names: Words
    unit: str
    unit_name: Words
    unit_factor: int
    delivered: int
    left: int
    until: date | None = None
    refusal: Refusal | None = None


class ReturnReason(Answer):
    code: str
    name: Words
    photo_required: bool
    is_our_fault: bool


class Returnable(Answer):
    """What of an order may be returned, and for what reasons."""

    order_number: str
    lines: list[ReturnableLine]
    reasons: list[ReturnReason]


class PickupSlot(Answer):
    """Hours of a working day in which what comes back can be fetched, in the shop's zone."""

    on: date
    slot: str = Field(examples=["09:00-12:00"])


class ReturnQuote(Answer):
    """What a return would come to, if it were asked for like this.

    `value` is what the lines cost, tax included, `charged` what is kept of it for fees; `exchange` is what is wanted
    instead costs today. `at_once`: it is accepted by itself. `pickup_slots` are the next that can be chosen.
    """

    value: Money
    charged: Money
    exchange: Money | None = None
    at_once: bool
    needs_goods: bool
    pickup_slots: list[PickupSlot]


class DropOffPoint(Answer):
    """Where a customer may leave what comes back."""

    code: str = Field(examples=["papeleria-el-lapiz"])
    name: str = Field(examples=["Papelería El Lápiz"])
    address: str = Field(examples=["Carrera 13 # 60-15"])
    hours: Words


class ReturnPhoto(Answer):
    attachment_id: str
    sha256: str


class ReturnLine(Answer):
    """Quantities are base units."""

    id: str
    sku: str
    name: str
    names: Words
    quantity: int
    received: int
    inspected: int
    reason: str
    note: str | None = None
    photos: list[ReturnPhoto]


class ReturnEntry(Answer):
    """A step of the return's history; see OrderEntry."""

    what: str
    who: str
    note: str | None = None
    at: datetime
    message_id: str | None = None
    facts: dict[str, Any] | None = None


class Return(Answer):
    """How far a return is. `answer_by`, `send_by`, `inspect_by` and `pay_by` are working days.

    Settled, `credited` is what its credit notes take back, `charged` what was kept of it, `given_back` what the
    customer gets as what `resolution` says; `refunded` of it goes back to how it was paid.

    What its customer brings to a drop-off point may be left at any of `drop_off_points`: the one that they chose, or
    all of the shop's.
    """

    number: str = Field(examples=["RMA-10001"])
    order_number: str
    kind: Literal["return", "bounced"]
    status: ReturnStatus
    wish: Wish | None = None
    way: ReturnWay
    pickup_on: date | None = None
    pickup_slot: str | None = None
    drop_off_points: list[DropOffPoint] = Field(default_factory=list)
    needs_goods: bool
    refund_when: RefundTime
    value: Money
    credited: Money
    charged: Money
    given_back: Money
    refunded: Money
    difference_as: Literal["refund", "store_credit"]
    resolution: Resolution | None = None
    exchange_order: str | None = None
    rejected_because: str | None = None
    answer_by: date | None = None
    send_by: date | None = None
    inspect_by: date | None = None
    pay_by: date | None = None
    money_by: date | None = Field(default=None, description="When the money goes back at the latest.")
    label_url: str | None = Field(default=None, description="A link to the label, which needs no login; `/pdf` is it.")
    requested_at: datetime
    settled_at: datetime | None = None
    ended_at: datetime | None = None
    lines: list[ReturnLine]
    history: list[ReturnEntry]


class ReturnReceipt(Answer):
    line: str
    sku: str
    location: str
    quantity: int
    note: str | None = None
    who: str
    at: datetime


class ReturnInspection(Answer):
    line: str
    sku: str
    location: str
    quantity: int
    disposition: Disposition
    is_again: bool
    note: str | None = None
    photos: list[ReturnPhoto]
    who: str
    at: datetime


class StaffReturn(Return):
    customer_id: str
    receipts: list[ReturnReceipt]
    inspections: list[ReturnInspection]


class ReturnSummary(Answer):
    number: str
    order_number: str
    kind: Literal["return", "bounced"]
    status: ReturnStatus
    wish: Wish | None = None
    value: Money
    requested_at: datetime


class ReturnPage(Answer):
    """Newest first; `next_cursor` opens the following page."""

    returns: list[ReturnSummary]
    next_cursor: str | None = None


class PolicyReason(Request):
    code: _Code
    name_es: Line
    name_en: Line
    photo_required: bool = False
    is_our_fault: bool = False


class PolicyRefund(Request):
    """`known_customers`: only for who has another order that was accepted."""

    when: RefundTime
    up_to_minor: _Amount | None = None
    known_customers: bool = False


class PolicyPoint(Request):
    """Where customers may leave what comes back; the hours as people say them."""

    code: _Code
    name: Line
    address: Line
    hours_es: Line
    hours_en: Line


class ReturnPolicy(Request):
    """How the shop takes goods back. Amounts are minor units of its currency, tax included.

    `window_days` by category (`default` for the others) count from the delivery; `final_sale` names categories and
    skus. The fees are charged where the reason is not the shop's fault, with the tax of `fee_tax_class`. The first
    rule of `refund_when` that a return's value fits says when its money goes back. The four `_days` are working days.
    """

    window_days: Annotated[dict[_Code, _Days], Field(max_length=200, examples=[{"default": 30}])]
    reasons: Annotated[list[PolicyReason], Field(min_length=1, max_length=50)]
    refund_when: Annotated[list[PolicyRefund], Field(max_length=20)]
    final_sale: Annotated[list[_Code], Field(max_length=1000)] = Field(default_factory=list)
    restocking_fee_percent: Annotated[int, Field(ge=0, le=100)] = 0
    pickup_fee_minor: _Amount = 0
    fee_tax_class: Annotated[Text, Field(max_length=20)] | None = None
    keep_goods_up_to_minor: _Amount = 0
    accept_up_to_minor: _Amount = 0
    answer_days: Annotated[int, Field(ge=0, le=60)] = 2
    send_days: Annotated[int, Field(ge=0, le=60)] = 10
    inspect_days: Annotated[int, Field(ge=0, le=60)] = 3
    pay_days: Annotated[int, Field(ge=0, le=60)] = 5
    drop_off_points: Annotated[list[PolicyPoint], Field(max_length=200)] = Field(default_factory=list)
    pickup_slots: Annotated[list[_Slot], Field(max_length=24, examples=[["09:00-12:00"]])] = Field(default_factory=list)
