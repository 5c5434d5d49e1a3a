"""The way in for the OMS's events: verified, noted once, then acknowledged (R1)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.concurrency import run_in_threadpool

from bot.notices import service as notices
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import Invalid, Unauthenticated

BODY_MOST_BYTES = 512 * 1024
ID_MOST = 36

router = APIRouter(prefix="/internal", include_in_schema=False)


class SignatureRefused(Unauthenticated):
    code, title = "signature_refused", "The event is not signed by our OMS, or too old"


class EventInvalid(Invalid):
    code, title = "event_invalid", "That is no event"


class Delivered(BaseModel):
    """Source: Standard Webhooks, "Payload structure"."""

    type: str
    data: dict[str, Any]


@router.post("/events", status_code=204)
async def take_event(request: Request) -> None:
    """One event of the OMS. The same one again changes nothing.

    Raises: SignatureRefused, EventInvalid.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_MOST_BYTES:
            raise EventInvalid
    settings: Settings = request.app.state.settings
    try:
        Webhook(settings.bot_events_secret()).verify(body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        raise SignatureRefused from None
    event_id = request.headers["webhook-id"]
    try:
        event = Delivered.model_validate_json(body)
    except ValidationError:
        raise EventInvalid from None
    if len(event_id) > ID_MOST:
        raise EventInvalid
    await run_in_threadpool(_note, request.app.state.database, event_id, event, settings.feedback_after_s)


def _note(database: Database, event_id: str, event: Delivered, feedback_after_s: float) -> None:
    try:
        with database.write() as session:
            notices.note(session, event_id, event.type, event.data, feedback_after_s)
    except IntegrityError:
        # The same event twice at the same moment: the other one was first, and both are acknowledged.
        with database.read() as session:
            assert notices.is_noted(session, event_id), "what was refused is not what is there"
