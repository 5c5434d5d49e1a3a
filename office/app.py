"""The back office as one app, to mount below the console: its gate, and sqladmin in the console's frame."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from jinja2 import ChoiceLoader, FileSystemLoader
from sqladmin import Admin
from sqladmin.templating import Jinja2Templates
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

import console
from console import csrf
from console.app import PrivatePages, refused
from console.desk import Desk, desk_of, root_of
from kernel.config import Settings
from kernel.errors import ComandaError
from office.gate import Gate
from office.tables import NotDone, Table
from office.views import TABLES

# Where the console finds it, and it the console.
PATH = "/tables"
_KEPT = frozenset({"list", "details", "create", "edit"})


class LookingOnly(Session):
    """A session of sqladmin's: it reads. What changes goes through the OMS and the bot, as everywhere."""

    def flush(self, objects: Any = None) -> None:
        if self.new or self.dirty or self.deleted:
            raise AssertionError("the back office writes no row by itself")


def create_app(
    settings: Settings,
    engine: Engine,
    backend: httpx.AsyncBaseTransport | None = None,
    bot: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """For admins. `backend` and `bot` are transports for tests."""
    desk = Desk(settings, backend, bot, below=PATH)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await desk.close()

    app = Starlette(lifespan=lifespan)
    office = Office(
        app,
        session_maker=sessionmaker(bind=engine, class_=LookingOnly),
        base_url="/",
        title="Comanda",
        templates_dir=str(Path(__file__).parent / "templates"),
        middlewares=[Middleware(PrivatePages), Middleware(Gate)],
    )
    office.admin.state.desk = desk
    office.admin.exception_handlers = {**office.admin.exception_handlers, ComandaError: refused}
    for table in TABLES:
        office.add_view(table)
    logging.getLogger("sqladmin.application").addFilter(_said_to_the_member)
    return app


class Office(Admin):
    """sqladmin with the console's frame, with forms that prove where they came from, and without what is not used."""

    def __init__(self, app: Starlette, **given: Any) -> None:
        super().__init__(app, **given)
        # Imports, exports, look-ups, files and its own sign-in are not ours: what is no route cannot be called.
        kept = [route for route in self.admin.router.routes if getattr(route, "name", "") in _KEPT]
        remove = Route("/{identity}/remove/{pk:path}", self.remove, name="remove", methods=["POST"])
        self.admin.router.routes = [*kept, remove]

    def init_templating_engine(self) -> Jinja2Templates:
        templates = super().init_templating_engine()
        pages = Path(console.__file__).parent / "templates"
        ours = [FileSystemLoader(self.templates_dir), FileSystemLoader(pages)]
        templates.env.loader = ChoiceLoader(ours)
        templates.env.trim_blocks = templates.env.lstrip_blocks = True
        return _Framed(templates)

    async def remove(self, request: Request) -> Response:
        """What sqladmin deletes by address alone is here a form like every other."""
        view = self._find_model_view(request.path_params["identity"])
        assert isinstance(view, Table), "every table is ours"
        if not view.can_delete:
            return Response(status_code=405)
        form = await checked(request)
        try:
            await view.remove(request, request.path_params["pk"], f"console:{form.get('act')}")
        except NotDone as why:
            context = {"message": str(why), "status_code": 409}
            return await self.templates.TemplateResponse(request, "sqladmin/error.html", context, 409)
        return RedirectResponse(f"{root_of(request)}{PATH}/{view.identity}/list", 303)

    @staticmethod
    def get_save_redirect_url(request: Request, form: FormData, model_view: Any, obj: Any) -> str:
        return f"{root_of(request)}{PATH}/{model_view.identity}/list?done={quote(str(obj))}"

    @staticmethod
    async def _handle_form_data(request: Request, obj: Any = None) -> FormData:
        return await checked(request)


async def checked(request: Request) -> FormData:
    """The form, if it is from our own page.

    Raises: FormRefused.
    """
    await csrf.check(request, desk_of(request).key)
    return await request.form()


class _Framed(Jinja2Templates):
    """Templates that have what the console's pages have: words, tabs, who sits there, the seal."""

    def __init__(self, templates: Jinja2Templates) -> None:
        self.env = templates.env

    async def TemplateResponse(  # noqa: N802  sqladmin calls it so
        self, request: Request, name: str, context: dict[str, Any] | None = None, status_code: int = 200
    ) -> Any:
        desk, root = desk_of(request), root_of(request)
        frame = await desk.frame(request) | {"office": f"{root}{PATH}"}
        response = await super().TemplateResponse(request, name, frame | (context or {}), status_code)
        csrf.plant(response, csrf.seed_of(request), path=root or "/", is_secure=desk.is_secure)
        return response


def _said_to_the_member(record: logging.LogRecord) -> bool:
    """What was refused is on the page; sqladmin would log it as a crash."""
    return not (record.exc_info and isinstance(record.exc_info[1], NotDone))
