"""How anyone acts: with a key, again when nobody answers, and with a line in the history."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel

from backend.client import BackendClient
from bench.storm.history import History, Operation, end
from bot.client import BotClient
from kernel import clock
from kernel.config import Settings
from kernel.errors import ComandaError, TooMany, Unauthenticated, Unavailable
from kernel.tokens import Principal, mint

Answer = TypeVar("Answer", bound=BaseModel)
TOKEN_FOR = timedelta(minutes=20)
AGAIN_S = 0.4
# Of those who get no answer so many go away without one; the others ask until they have it.
GIVES_UP = 0.15
# Of the acts that went well so many are sent once more, as by a finger that slipped.
SENDS_TWICE = 0.1


@dataclass
class World:
    """What everyone shares. `shift` is how far the clocks of Comanda's processes are from ours."""

    settings: Settings
    history: History
    seed: int
    shift: timedelta = timedelta()
    is_over: bool = False
    skus: tuple[str, ...] = ()
    # What the queue of the warehouse and the counter of finance are told, as people would tell them.
    placed: list[Operation] = field(default_factory=list)

    def token(self, principal: Principal) -> str:
        when: AbstractContextManager[None] = nullcontext()
        if self.shift:
            when = clock.standing_at(clock.now() + self.shift)
        with when:
            return mint(principal, self.settings.signing_key(), TOKEN_FOR)


class Actor:
    """Someone with a name, luck of their own, and what they may do."""

    def __init__(self, world: World, name: str, oms: BackendClient, principal: Principal | None = None) -> None:
        self.world, self.name = world, name
        self.chance = random.Random(f"{world.seed} {name}")
        self._oms, self.principal = oms, principal

    @property
    def oms(self) -> BackendClient:
        assert self.principal is not None, "someone who is nobody yet"
        return self._oms.with_token(self.world.token(self.principal))

    def bot(self) -> BotClient:
        assert self.principal is not None, "someone who is nobody yet"
        return BotClient(f"http://127.0.0.1:{self.world.settings.port}", self.world.token(self.principal))

    def key(self) -> str:
        """Names that nobody else gives, the same in every storm of this seed."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    async def pause(self, most_s: float) -> None:
        await asyncio.sleep(self.chance.random() * most_s)

    async def do(
        self, kind: str, call: Callable[[str], Awaitable[Answer]], *, key: str | None = None, **facts: Any
    ) -> Answer | None:
        """Do it once, whatever it takes: its answer, or None when it was refused or nobody knows.

        `call` is given the key, the same at every try.
        """
        name = key or self.key()
        operation = self.world.history.begin(self.name, kind, name, **facts)
        while True:
            operation.tries += 1
            try:
                answer = await call(name)
            except (TooMany, Unauthenticated):
                # Of a clock that has just jumped, or too fast: it was not done, and may be tried again.
                await asyncio.sleep(AGAIN_S)
                if self.world.is_over:
                    end(operation, "fail" if operation.tries == 1 else "unknown")
                    return None
            except ComandaError as refusal:
                if not (
                    isinstance(refusal, Unavailable) or refusal.status >= Unavailable.status or refusal.code == "error"
                ):
                    # A try before this one may have come through: then nobody knows.
                    told = {"code": refusal.code, **refusal.params}
                    end(operation, "fail" if operation.tries == 1 else "unknown", told)
                    return None
                operation.facts.setdefault("unanswered", []).append(refusal.detail[:80])
                if self.chance.random() < GIVES_UP or self.world.is_over:
                    return None
                await asyncio.sleep(AGAIN_S)
            else:
                break
        end(operation, "ok", answer.model_dump(mode="json"))
        if self.chance.random() < SENDS_TWICE:
            await self._once_more(operation, call)
        return answer

    async def _once_more(self, operation: Operation, call: Callable[[str], Awaitable[BaseModel]]) -> None:
        try:
            again = (await call(operation.key)).model_dump(mode="json")
        except (Unavailable, TooMany, Unauthenticated):
            return
        except ComandaError as refusal:
            if refusal.status >= Unavailable.status:
                return
            again = {"code": refusal.code}
        if json.dumps(again, sort_keys=True) != json.dumps(operation.answer, sort_keys=True):
            operation.differed = again

    async def see(self, kind: str, call: Callable[[], Awaitable[Answer]], **facts: Any) -> Answer | None:
        """Look at something; None when it cannot be seen now."""
        operation = self.world.history.begin(self.name, kind, "", **facts)
        operation.tries = 1
        try:
            answer = await call()
        except ComandaError:
            end(operation, "fail")
            return None
        end(operation, "ok", answer.model_dump(mode="json"))
        return answer
