"""The routes of an app that consists of many routers."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI


def serve(app: FastAPI, *routers: APIRouter) -> None:
    """Have `app` serve the routes of these routers, as they were made; what is said of a router is said of each.

    `include_router` makes every route a second time, for each app at its first request: a second for the OMS, and
    each later request is then looked up twice (FastAPI 0.165). What the app adds to a router (a prefix, dependencies)
    is not added here.
    """
    for router in routers:
        app.router.routes.extend(router.routes)
