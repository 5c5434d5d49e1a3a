"""Who comes in: a signed-in admin whose session is good now, whatever they ask for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from console.app import refused
from console.desk import desk_of
from console.tabs import ADMIN
from kernel.errors import ComandaError, Forbidden


class NotAnAdmin(Forbidden):
    code, title = "not_an_admin", "This is for admins"


class Gate:
    """In front of every address of the back office, also of those that do not exist."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            # The OMS knows the session and the role of this moment; the cookie only says who claims to come.
            async with desk_of(request).oms(request) as oms:
                if (await oms.current_session()).role != ADMIN:
                    raise NotAnAdmin()
        except ComandaError as refusal:
            await (await refused(request, refusal))(scope, receive, send)
            return
        await self.app(scope, receive, send)
