"""Hints from our own worker."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from bot.desk.access import require
from bot.schemas.conversations import Wake

router = APIRouter(prefix="/internal", dependencies=[Depends(require("service"))], include_in_schema=False)


@router.post("/wake", status_code=204)
async def wake(request: Request, body: Wake) -> None:
    """A worker of ours has written into a conversation."""
    request.app.state.hub.wake(body.conversation_id)
