"""The embeddable web chat: the files a shop's page loads, served for any origin."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

_FILES = Path(__file__).parent


class _WidgetFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        if not path.endswith(".js"):
            return Response(status_code=404)
        response = await super().get_response(path, scope)
        # Module scripts are fetched with CORS; these files are the same for everyone and hold no secret.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Ask each time, answer 304: a page never runs two versions of the widget's files together for long.
        response.headers["Cache-Control"] = "no-cache"
        return response


def widget_files() -> ASGIApp:
    """An ASGI app to mount at `/widget`: serves the widget's scripts and nothing else of this folder."""
    return GZipMiddleware(_WidgetFiles(directory=_FILES), minimum_size=500)
