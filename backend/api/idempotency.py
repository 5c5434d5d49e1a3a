"""The `Act` of a mutating route: one write transaction, done once per Idempotency-Key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend import cause, idempotency, trail
from backend.api.access import Anyone, Db, Door, doer_of
from backend.api.staff_door import StaffDoor
from backend.cause import Cause
from backend.idempotency import IdempotencyKeyInvalid, IdempotencyKeyRequired
from backend.schemas.staff import PendingAct
from backend.trail import Asked
from kernel.acts import is_key
from kernel.db import Database
from kernel.tokens import Principal

# Accepted, but not done.
WAITS = 202
Key = Annotated[
    str | None, Header(description="Names the logical act; a repeat gets the kept answer.", examples=["cart:42:1"])
]


@dataclass(frozen=True, slots=True)
class OneAct:
    database: Database
    scope: str
    key: str
    fingerprint: str
    cause: Cause
    principal: Principal | None = None
    door: StaffDoor | None = None
    asked: Asked | None = None

    @property
    def name(self) -> str:
        """The act in 64 characters, for rows that keep what they were made for."""
        return hashlib.sha256(f"{self.scope}:{self.key}".encode()).hexdigest()

    @property
    def saying(self) -> str:
        """The act with what was asked for by it: the same for a repeat alone."""
        return hashlib.sha256(f"{self.name}:{self.fingerprint}".encode()).hexdigest()

    def once(self, work: Callable[[Session], BaseModel], status: int = 200) -> Response:
        """Answer with what `work` returns, done in one transaction with its key; or with the kept answer.

        What is written says which chat message it follows from. An act of staff is in the trail, or was not done;
        one that waits for a second person is answered with 202 and what waits.
        """

        def caused(session: Session) -> str | tuple[str, int]:
            cause.carry(session, self.cause)
            if self.principal is None or self.door is None or self.asked is None or self.principal.role != "staff":
                return work(session).model_dump_json(by_alias=True)
            self.door.recheck(session, self.principal)
            trail.follow(session)
            answer = work(session)
            trail.write(session, doer_of(self.principal), self.asked, answer)
            return answer.model_dump_json(by_alias=True), WAITS if _waits(answer) else status

        answered = idempotency.once(self.database, self.scope, self.key, self.fingerprint, status, caused)
        headers = {"Idempotent-Replay": "true"} if answered.is_replay else None
        return Response(answered.body, answered.status, headers, media_type="application/json")


def _waits(answer: BaseModel) -> bool:
    return isinstance(answer, PendingAct) and answer.status == "pending"


async def _act(
    request: Request,
    database: Db,
    principal: Anyone,
    door: Door,
    idempotency_key: Key = None,
) -> OneAct:
    reason = Cause(principal.conversation_id, principal.message_id)
    act = await act_of(request, database, f"{principal.role}:{principal.subject}", idempotency_key, reason)
    return replace(act, principal=principal, door=door, asked=await _asked(request))


async def _asked(request: Request) -> Asked:
    """What the trail keeps of a request: the route, what of, and the words."""
    route, named = request.scope["route"].path, list(request.path_params.values())
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        body = {}
    return Asked(f"{request.method} {route}", "/".join(map(str, named)) or None, body)


async def act_of(request: Request, database: Database, scope: str, key: str | None, reason: Cause) -> OneAct:
    """The act that a request asks for; `scope` says whose keys these are.

    Raises: IdempotencyKeyRequired, IdempotencyKeyInvalid.
    """
    if key is None:
        raise IdempotencyKeyRequired()
    if not is_key(key):
        raise IdempotencyKeyInvalid()
    fingerprint = idempotency.request_hash(request.method, request.url.path, await request.body())
    return OneAct(database, scope, key, fingerprint, reason)


Act = Annotated[OneAct, Depends(_act)]
