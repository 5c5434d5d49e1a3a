"""All that is kept of one person, over HTTP: a look at it, a copy to hand out, its erasure. For admins."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from backend import trail
from backend.api.access import Admin, AppSettings, Db, WrongRole, doer_of
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.customers import identities
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound
from backend.data_requests import files, models
from backend.data_requests import service as requests
from backend.data_requests.errors import (
    DataFileGone,
    DataRequestNotFound,
    ErasureNotConfirmed,
    ErasureUnderWay,
    LookNotFresh,
    PersonStillOpen,
)
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import Text
from backend.schemas.data_requests import DataRequest, DataRequestPage, NewDataRequest, NewErasure
from backend.staff import service as staff
from backend.trail import Asked
from backend.workflows.request_data import request_data
from backend.workflows.request_erasure import is_fresh, request_erasure
from kernel import clock
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Staff"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAGE = 50
ZIP = "application/zip"
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {ZIP: {}}, "description": "The copy."}}
Number = Annotated[Text, Path(max_length=20, examples=["DAT-10001"])]


@router.get(
    "/staff/data-requests",
    summary="What was asked for of persons' data, the newest first",
    responses=describe(InvalidRequest, DataRequestNotFound, CustomerNotFound),
)
def page(
    _admin: Admin,
    db: Db,
    customer: Annotated[Text | None, Query(max_length=36, description="Of whoever this customer is.")] = None,
    cursor: Annotated[Text | None, Query(max_length=20, description="`next_cursor` of the page before.")] = None,
) -> DataRequestPage:
    with db.read() as session:
        whose = None
        if customer is not None:
            whose = identities.ids_of_person(session, customers.find(session, customer).id)
        rows = requests.page(session, whose, cursor, PAGE + 1)
        shown = [_to_request(session, row) for row in rows]
    return DataRequestPage(requests=shown[:PAGE], next_cursor=shown[PAGE - 1].number if len(shown) > PAGE else None)


@router.get(
    "/staff/data-requests/{number}",
    summary="One request: how far it is, and what came of it",
    responses=describe(InvalidRequest, DataRequestNotFound),
)
def one(number: Number, _admin: Admin, db: Db) -> DataRequest:
    with db.read() as session:
        return _to_request(session, requests.find(session, number))


@router.post(
    "/staff/customers/{customer_id}/data-requests",
    summary="Have looked what is kept of a person, or a copy of it made",
    response_model=DataRequest,
    status_code=201,
    responses=describe(*_ACT, CustomerNotFound),
)
def ask(customer_id: Annotated[Text, Path(max_length=36)], given: NewDataRequest, admin: Admin, act: Act) -> Response:
    def work(session: Session) -> DataRequest:
        return _to_request(session, request_data(session, customer_id, given.kind, f"staff:{admin.subject}"))

    return act.once(work, status=201)


@router.post(
    "/staff/data-requests/{number}/erasure",
    summary="Have the person erased whom this look was at",
    response_model=DataRequest,
    status_code=201,
    responses=describe(*_ACT, DataRequestNotFound, LookNotFresh, ErasureNotConfirmed, PersonStillOpen, ErasureUnderWay),
)
def erase(number: Number, given: NewErasure, admin: Admin, act: Act) -> Response:
    """Done by the worker: what is not over by then refuses it, and nothing is erased."""

    def work(session: Session) -> DataRequest:
        who = f"staff:{admin.subject}"
        return _to_request(session, request_erasure(session, number, given.confirmation, given.reason, who))

    return act.once(work, status=201)


@router.get(
    "/staff/data-requests/{number}/file",
    summary="The copy that was made: a zip, for a day",
    response_class=Response,
    responses=_FILE | describe(InvalidRequest, DataRequestNotFound, DataFileGone),
)
def file(number: Number, admin: Admin, db: Db, settings: AppSettings) -> Response:
    """Who takes it out of the house is in the trail."""
    with db.read() as session:
        row = requests.find(session, number)
        until = _to_request(session, row).file_until
    path = files.path_of(settings.home, row.id)
    if until is None or until <= clock.now() or not path.exists():
        raise DataFileGone(number=row.number)
    with db.write() as session:
        trail.write(session, doer_of(admin), Asked("GET /staff/data-requests/{number}/file", row.customer_id), row)
    return FileResponse(path, media_type=ZIP, filename=f"{row.number}.zip", headers={"Cache-Control": "no-store"})


def _to_request(session: Session, row: models.DataRequest) -> DataRequest:
    name, _ = customers.names(session, [row.customer_id]).get(row.customer_id, (None, None))
    made_at = row.ended_at if row.kind == "export" and row.status == "done" and not row.is_withdrawn else None
    return DataRequest(
        number=row.number,
        kind=cast(Any, row.kind),
        status=cast(Any, row.status),
        customer_id=row.customer_id,
        customer_name=name,
        reason=cast(Any, row.reason),
        requested_by=row.requested_by,
        requested_by_name=staff.name_of(session, row.requested_by),
        requested_at=row.requested_at,
        ended_at=row.ended_at,
        file_until=made_at + files.LASTS if made_at else None,
        is_fresh=is_fresh(session, row),
        **{key: row.found[key] for key in ("rows", "files", "stands", "left", "keep_until") if key in row.found},
    )
