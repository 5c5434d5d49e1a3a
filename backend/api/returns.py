"""Returns over HTTP: customers ask for them, the shop's people decide, receive, look and resolve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import (
    Admin,
    Anyone,
    AppSettings,
    Customer,
    Db,
    Desk,
    Floor,
    Service,
    Staff,
    Warehouse,
    WrongRole,
)
from backend.api.idempotency import Act
from backend.api.orders import Number
from backend.api.problems import InvalidRequest, describe
from backend.api.return_parts import to_page, to_points, to_policy, to_quote, to_return, to_returnable, to_staff_return
from backend.carts.errors import InvalidQuantity, QuantityTooLarge
from backend.catalog.errors import UnknownSku, UnknownTaxClass, UnknownUnit
from backend.catalog.service import tax_rate
from backend.claims.errors import ClaimClosed, ClaimNotFound
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory.errors import LocationNotFound, OutOfStock
from backend.invoicing.errors import SeriesUsedUp, TooMuchToCredit
from backend.ledger.errors import PeriodClosed
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.orders.service import FullOrder
from backend.partners.errors import PartnerNotFound, SupplierRequired
from backend.returns import service as returns
from backend.returns.errors import (
    AlreadyReturned,
    DropOffPointUnknown,
    ExchangeMissing,
    FinalSale,
    InspectedTooMany,
    LabelLinkOver,
    NotInOrder,
    NotInReturn,
    ReceivedTooMany,
    ReturnDayImpossible,
    ReturnLineTwice,
    ReturnNotDelivered,
    ReturnNotFound,
    ReturnPhotoRequired,
    ReturnPolicyInvalid,
    ReturnReasonUnknown,
    ReturnSettled,
    ReturnStepIllegal,
    ReturnTooMuch,
    ReturnWindowOver,
)
from backend.returns.policy import DropOffPoint, Policy, Reason, RefundRule, policy, set_policy
from backend.returns.service import FullReturn
from backend.schemas import returns as schemas
from backend.workflows.accept_return import accept_return
from backend.workflows.inspect_return import Found, inspect_return
from backend.workflows.link_label import open_label
from backend.workflows.look_at_returnable import look_at_returnable
from backend.workflows.print_return_label import print_return_label
from backend.workflows.quote_return import quote_return
from backend.workflows.receive_return import receive_return, send_return
from backend.workflows.reject_return import appeal_return, cancel_return, reject_return
from backend.workflows.request_return import Request, Wanted, request_return
from backend.workflows.resolve_return import resolve_return
from backend.workflows.take_back_parcel import choose_for_parcel
from kernel import vouchers
from kernel.tokens import Principal, TokenRefused
from kernel.vouchers import VoucherRefused

router = APIRouter(tags=["Returns"], responses=describe(TokenRefused, WrongRole))
Photos = tuple[dict[str, str], ...]
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_STEP = (*_ACT, ReturnNotFound, ReturnStepIllegal)
# Whatever settles a return writes documents and books them, and sends what goes out for it.
_MONEY = (
    TooMuchToCredit, SeriesUsedUp, PeriodClosed, ReturnSettled, ExchangeMissing, OutOfStock, UnknownSku, UnknownUnit,
    InvalidQuantity, QuantityTooLarge,
)  # fmt: skip
_REQUEST = (
    *_ACT, *_MONEY, OrderNotFound, NotInOrder, ReturnLineTwice, ReturnReasonUnknown, ReturnPhotoRequired,
    ReturnNotDelivered, AlreadyReturned, FinalSale, ReturnWindowOver, ReturnTooMuch, ReturnDayImpossible,
    DropOffPointUnknown,
)  # fmt: skip
_QUOTE = (
    InvalidRequest, OrderNotFound, NotInOrder, ReturnLineTwice, ReturnReasonUnknown, ReturnPhotoRequired,
    ReturnNotDelivered, AlreadyReturned, FinalSale, ReturnWindowOver, ReturnTooMuch, ExchangeMissing, UnknownSku,
    UnknownUnit, InvalidQuantity, QuantityTooLarge,
)  # fmt: skip
LISTED, PAGE = 50, 50
PDF = "application/pdf"
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {PDF: {}}, "description": "The label."}}
_LABEL = _FILE | describe(ReturnNotFound, ReturnStepIllegal)

Rma = Annotated[str, Path(max_length=40, description="`RMA-10001`.", examples=["RMA-10001"])]


# customers


@router.get(
    "/orders/{number}/returnable",
    summary="What of an order may be returned, and why the rest may not",
    responses=describe(OrderNotFound),
)
def returnable(number: Number, customer: Customer, db: Db) -> schemas.Returnable:
    with db.read() as session:
        found = orders.find(session, customer.subject, number)
        return to_returnable(found, look_at_returnable(session, found), policy(session))


@router.post(
    "/orders/{number}/returns",
    summary="Ask to return a part of an order",
    response_model=schemas.Return,
    status_code=201,
    responses=describe(*_REQUEST, VoucherRefused),
)
def request(number: Number, wish: schemas.NewReturn, customer: Customer, act: Act, settings: AppSettings) -> Response:
    photos = [_photos(line, customer.subject, settings.signing_key()) for line in wish.lines]

    def work(session: Session) -> schemas.Return:
        found = orders.find(session, customer.subject, number, lock=True)
        return to_return(session, request_return(session, found, _asked(wish, photos), f"customer:{customer.subject}"))

    return act.once(work, status=201)


@router.post(
    "/orders/{number}/returns/quote",
    summary="What a return would come to, and when it could be fetched; changes nothing",
    responses=describe(*_QUOTE, VoucherRefused),
)
def quote(
    number: Number, wish: schemas.NewReturn, customer: Customer, db: Db, settings: AppSettings
) -> schemas.ReturnQuote:
    photos = [_photos(line, customer.subject, settings.signing_key()) for line in wish.lines]
    with db.read() as session:
        return to_quote(quote_return(session, orders.find(session, customer.subject, number), _asked(wish, photos)))


@router.get("/drop-off-points", summary="Where customers may leave what comes back")
def drop_off_points(_caller: Anyone, db: Db) -> list[schemas.DropOffPoint]:
    with db.read() as session:
        return to_points(policy(session).drop_off_points)


@router.get("/returns", summary="The customer's returns, the newest first")
def mine(customer: Customer, db: Db) -> list[schemas.Return]:
    with db.read() as session:
        found = returns.of_customer(session, customer.subject, LISTED)
        return [to_return(session, returns.full(session, rma)) for rma in found]


@router.get("/returns/{number}", summary="One return of the customer", responses=describe(ReturnNotFound))
def one_of_mine(number: Rma, customer: Customer, db: Db) -> schemas.Return:
    with db.read() as session:
        return to_return(session, returns.full(session, returns.find(session, number, customer_id=customer.subject)))


@router.get(
    "/returns/{number}/label",
    summary="What is put on the parcel, or shown where it is left: a PDF with a QR code",
    response_class=Response,
    responses=_LABEL,
)
def label(number: Rma, customer: Customer, db: Db) -> Response:
    with db.read() as session:
        content = print_return_label(session, number, customer_id=customer.subject)
    return Response(content, media_type=PDF)


@router.post(
    "/returns/{number}/cancel",
    summary="Keep the goods after all",
    response_model=schemas.Return,
    responses=describe(*_STEP, ReturnSettled),
)
def cancel(number: Rma, wish: schemas.CancelReturn, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> schemas.Return:
        who = f"customer:{customer.subject}"
        return to_return(session, cancel_return(session, number, who, customer_id=customer.subject, reason=wish.reason))

    return act.once(work)


@router.post(
    "/returns/{number}/wish",
    summary="Say what shall become of a parcel that could not be delivered",
    response_model=schemas.Return,
    responses=describe(*_STEP, ReturnSettled),
)
def choose(number: Rma, choice: schemas.ChooseForParcel, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> schemas.Return:
        who = f"customer:{customer.subject}"
        return to_return(session, choose_for_parcel(session, number, choice.wish, who, customer_id=customer.subject))

    return act.once(work)


@router.post(
    "/returns/{number}/appeal",
    summary="Have a person look at a return that was rejected",
    response_model=schemas.Return,
    responses=describe(*_STEP),
)
def appeal(number: Rma, wish: schemas.AppealReturn, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> schemas.Return:
        appeal_return(session, number, customer.subject, wish.note)
        return to_return(session, returns.full(session, returns.find(session, number)))

    return act.once(work)


# staff


@router.get(
    "/staff/orders/{number}/returnable",
    summary="What of a customer's order may be returned",
    tags=["Staff"],
    responses=describe(OrderNotFound),
)
def returnable_of(number: Number, _staff: Staff, db: Db) -> schemas.Returnable:
    with db.read() as session:
        found = orders.find_any(session, number)
        return to_returnable(found, look_at_returnable(session, found), policy(session))


@router.post(
    "/staff/orders/{number}/returns",
    summary="Ask for a return on a customer's behalf",
    response_model=schemas.StaffReturn,
    status_code=201,
    tags=["Staff"],
    responses=describe(*_REQUEST, ClaimNotFound, ClaimClosed),
)
def request_for(number: Number, wish: schemas.NewReturnFor, staff: Desk, act: Act) -> Response:
    def work(session: Session) -> FullReturn:
        found: FullOrder = orders.find_any(session, number, lock=True)
        photos = [tuple(photo.model_dump() for photo in line.photos) for line in wish.lines]
        asked = replace(_asked(wish, photos), needs_goods=wish.needs_goods, claim_id=wish.claim_id)
        return request_return(session, found, asked, _who(staff), overrules=wish.overrules)

    return act.once(_answer(work), status=201)


@router.get(
    "/staff/orders/{number}/returns",
    summary="The returns of an order, oldest first",
    tags=["Staff"],
    responses=describe(OrderNotFound),
)
def of_order(number: Number, _staff: Staff, db: Db) -> list[schemas.StaffReturn]:
    with db.read() as session:
        mine = returns.of_order(session, orders.find_any(session, number).order.id)
        return [to_staff_return(session, returns.full(session, rma)) for rma in mine]


@router.get("/staff/returns", summary="Returns, the newest first", tags=["Staff"])
def page(
    _staff: Staff,
    db: Db,
    status: Annotated[schemas.ReturnStatus | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=40, description="`next_cursor` of the page before.")] = None,
) -> schemas.ReturnPage:
    with db.read() as session:
        return to_page(session, returns.page(session, status, cursor, PAGE + 1), PAGE)


@router.get("/staff/returns/{number}", summary="One return", tags=["Staff"], responses=describe(ReturnNotFound))
def one(number: Rma, _staff: Staff, db: Db) -> schemas.StaffReturn:
    with db.read() as session:
        return to_staff_return(session, returns.full(session, returns.find(session, number)))


@router.get(
    "/staff/returns/{number}/label",
    summary="The label of a customer's return: a PDF with a QR code",
    response_class=Response,
    tags=["Staff"],
    responses=_LABEL,
)
def label_of(number: Rma, _staff: Staff, db: Db) -> Response:
    with db.read() as session:
        content = print_return_label(session, number)
    return Response(content, media_type=PDF)


@router.get(
    "/labels/{token}",
    summary="The label that a link opens: a PDF with a QR code",
    response_class=Response,
    responses=_FILE | describe(LabelLinkOver, ReturnStepIllegal),
)
def linked_label(token: Annotated[str, Path(max_length=100)], _page: Service, db: Db) -> Response:
    with db.read() as session:
        content = open_label(session, token)
    return Response(content, media_type=PDF)


@router.post(
    "/staff/returns/{number}/accept",
    summary="Take the goods back",
    response_model=schemas.StaffReturn,
    tags=["Staff"],
    responses=describe(*_STEP, *_MONEY),
)
def accept(number: Rma, staff: Desk, act: Act) -> Response:
    return act.once(_answer(lambda session: accept_return(session, number, _who(staff))))


@router.post(
    "/staff/returns/{number}/reject",
    summary="Do not take the goods back, and say why",
    response_model=schemas.StaffReturn,
    tags=["Staff"],
    responses=describe(*_STEP),
)
def reject(number: Rma, wish: schemas.RejectReturn, staff: Desk, act: Act) -> Response:
    return act.once(_answer(lambda session: reject_return(session, number, wish.reason, _who(staff))))


@router.post(
    "/staff/returns/{number}/cancel",
    summary="Nothing will come",
    response_model=schemas.StaffReturn,
    tags=["Staff"],
    responses=describe(*_STEP, ReturnSettled),
)
def cancel_for(number: Rma, wish: schemas.CancelReturn, staff: Desk, act: Act) -> Response:
    return act.once(_answer(lambda session: cancel_return(session, number, _who(staff), reason=wish.reason)))


@router.post(
    "/staff/returns/{number}/wish",
    summary="Say for a customer what shall become of a parcel that could not be delivered",
    response_model=schemas.StaffReturn,
    tags=["Staff"],
    responses=describe(*_STEP, ReturnSettled),
)
def choose_for(number: Rma, choice: schemas.ChooseForParcel, staff: Desk, act: Act) -> Response:
    return act.once(_answer(lambda session: choose_for_parcel(session, number, choice.wish, _who(staff))))


@router.post(
    "/staff/returns/{number}/send",
    summary="It is on its way: first scanned by its carrier, or left at a drop-off point",
    response_model=schemas.StaffReturn,
    tags=["Staff"],
    responses=describe(*_STEP, *_MONEY),
)
def send(number: Rma, wish: schemas.SendReturn, staff: Floor, act: Act) -> Response:
    return act.once(_answer(lambda session: send_return(session, number, _who(staff), note=wish.note)))


@router.post(
    "/staff/returns/{number}/receipts",
    summary="Goods came: to a warehouse, or over a store's counter",
    response_model=schemas.StaffReturn,
    tags=["Staff"],
    responses=describe(*_STEP, *_MONEY, LocationNotFound, NotInReturn, ReceivedTooMany),
)
def receive(number: Rma, came: schemas.ReceiveReturn, staff: Floor, act: Act) -> Response:
    """Repeated calls add up; more than was announced is refused."""
    lines = [(line.line, line.quantity) for line in came.lines]

    def work(session: Session) -> FullReturn:
        return receive_return(session, number, came.location, lines, _who(staff), note=came.note, is_last=came.is_last)

    return act.once(_answer(work))


@router.post(
    "/staff/returns/{number}/inspections",
    summary="Say what becomes of what came",
    response_model=schemas.StaffReturn,
    tags=["Staff"],
    responses=describe(
        *_STEP, LocationNotFound, NotInReturn, InspectedTooMany, SupplierRequired, PartnerNotFound, PeriodClosed
    ),
)
def inspect(number: Rma, seen: schemas.InspectReturn, staff: Warehouse, act: Act) -> Response:
    what = [
        Found(
            line.line,
            line.quantity,
            line.disposition,
            line.supplier,
            line.is_again,
            line.note,
            tuple(photo.model_dump() for photo in line.photos),
        )
        for line in seen.lines
    ]
    return act.once(_answer(lambda session: inspect_return(session, number, seen.location, what, _who(staff))))


@router.post(
    "/staff/returns/{number}/resolve",
    summary="Give the customer what was agreed",
    response_model=schemas.StaffReturn,
    tags=["Staff"],
    responses=describe(*_STEP, *_MONEY),
)
def resolve(number: Rma, wish: schemas.ResolveReturn, staff: Desk, act: Act) -> Response:
    """Of two at once one wins; the other is told that it is over."""
    return act.once(_answer(lambda session: resolve_return(session, number, wish.how, _who(staff))))


@router.get("/staff/return-policy", summary="How the shop takes goods back", tags=["Staff"])
def look_at_policy(_staff: Staff, db: Db) -> schemas.ReturnPolicy:
    with db.read() as session:
        return to_policy(policy(session))


@router.put(
    "/staff/return-policy",
    summary="Change how the shop takes goods back",
    response_model=schemas.ReturnPolicy,
    tags=["Staff"],
    responses=describe(*_ACT, ReturnPolicyInvalid, UnknownTaxClass),
)
def change_policy(given: schemas.ReturnPolicy, staff: Admin, act: Act) -> Response:
    def work(session: Session) -> schemas.ReturnPolicy:
        if given.fee_tax_class is not None:
            tax_rate(session, given.fee_tax_class)
        facts = given.model_dump(exclude={"reasons", "refund_when", "final_sale", "drop_off_points", "pickup_slots"})
        changed = Policy(
            **facts,
            reasons=tuple(Reason(**reason.model_dump()) for reason in given.reasons),
            refund_when=tuple(RefundRule(**rule.model_dump()) for rule in given.refund_when),
            final_sale=tuple(given.final_sale),
            pickup_slots=tuple(given.pickup_slots),
            drop_off_points=tuple(DropOffPoint(**point.model_dump()) for point in given.drop_off_points),
        )
        return to_policy(set_policy(session, changed, _who(staff)))

    return act.once(work)


def _photos(line: schemas.NewReturnLine, customer_id: str, key: str) -> Photos:
    """Raises: VoucherRefused, for another customer's photo too, and for a file that is no picture."""
    vouched = [vouchers.read(photo.voucher, key) for photo in line.photos]
    if any(file.customer_id != customer_id or not file.type.startswith("image/") for file in vouched):
        raise VoucherRefused()
    return tuple({"attachment_id": file.attachment_id, "sha256": file.hash} for file in vouched)


def _asked(wish: schemas.NewReturn, photos: Sequence[Photos]) -> Request:
    lines = [
        Wanted(line.line, line.quantity, line.reason, line.note, theirs)
        for line, theirs in zip(wish.lines, photos, strict=True)
    ]
    return Request(
        lines,
        wish.wish,
        wish.way,
        wish.pickup_on,
        wish.pickup_slot,
        wish.drop_off_point,
        [line.model_dump(exclude_none=True) for line in wish.exchange_for],
        wish.difference_as,
    )


def _answer(work: Callable[[Session], FullReturn]) -> Callable[[Session], schemas.StaffReturn]:
    return lambda session: to_staff_return(session, work(session))


def _who(staff: Principal) -> str:
    return f"staff:{staff.subject}"
