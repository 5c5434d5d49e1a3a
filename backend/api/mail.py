"""The outbox of e-mail over HTTP: for staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from backend.api.access import Db, Desk, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.mail import models
from backend.mail import service as mails
from backend.mail.errors import MailNotFailed, MailNotFound
from backend.schemas.base import Text
from backend.schemas.mail import Mail, MailPage, MailStatus, MailSummary
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff/mail", tags=["Mail"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAGE = 50

MailId = Annotated[Text, Path(max_length=36)]


@router.get("", summary="What was or will be sent, the newest first")
def page(
    _staff: Staff,
    db: Db,
    status: MailStatus | None = None,
    cursor: Annotated[Text | None, Query(max_length=36, description="`next_cursor` of the page before.")] = None,
) -> MailPage:
    with db.read() as session:
        found = mails.page(session, status, cursor, PAGE + 1)
    next_cursor = found[PAGE - 1].id if len(found) > PAGE else None
    return MailPage(mails=[_to_summary(mail) for mail in found[:PAGE]], next_cursor=next_cursor)


@router.get("/{mail_id}", summary="One e-mail, with its text", responses=describe(MailNotFound))
def one(mail_id: MailId, _staff: Staff, db: Db) -> Mail:
    with db.read() as session:
        return _to_mail(mails.find(session, mail_id))


@router.post(
    "/{mail_id}/resend",
    summary="Send again what failed, was kept, or may not have arrived",
    response_model=Mail,
    responses=describe(*_ACT, MailNotFound, MailNotFailed),
)
def resend(mail_id: MailId, _staff: Desk, act: Act) -> Response:
    return act.once(lambda session: _to_mail(mails.send_again(session, mail_id)))


def _to_summary(mail: models.Mail) -> MailSummary:
    return MailSummary(
        id=mail.id,
        key=mail.key,
        recipient=mail.recipient,
        subject=mail.subject,
        status=mail.status,
        attempts=mail.attempts,
        error=mail.error,
        created_at=mail.created_at,
        sent_at=mail.sent_at,
    )


def _to_mail(mail: models.Mail) -> Mail:
    return Mail(**_to_summary(mail).model_dump(), text=mail.text, html=mail.html)
