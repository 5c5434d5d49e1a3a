"""The list of e-mails, and one as it was written."""

from __future__ import annotations

from typing import get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.schemas.mail import MailStatus
from console.desk import desk_of

STATUSES: tuple[str, ...] = get_args(MailStatus)


async def show_list(request: Request) -> Response:
    desk = desk_of(request)
    asked = request.query_params.get("status")
    status = asked if asked in STATUSES else None
    async with desk.oms(request) as oms:
        page = await oms.staff_mails(status, request.query_params.get("cursor"))
    return await desk.page(
        request, "mails.html", mails=page.mails, status=status, statuses=STATUSES, next_cursor=page.next_cursor
    )


async def show_mail(request: Request) -> Response:
    """Its plain text: what others wrote as HTML has no place in our pages."""
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        mail = await oms.staff_mail(request.path_params["mail_id"])
    return await desk.page(request, "mail.html", mail=mail)


routes = [Route("/mail", show_list), Route("/mail/{mail_id}", show_mail)]
