"""The API's description of itself, and the page that shows it, from files on this machine: no CDN, no inline script."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from backend.api.problems import MEDIA_TYPE

PATH = "/docs"
# The page and its files are siblings, so that they find each other wherever the app is mounted.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comanda OMS</title>
<link rel="stylesheet" href="{root}/docs/files/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="docs"></div>
<script src="{root}/docs/files/swagger-ui-bundle.js"></script>
<script src="{root}/docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: document.currentScript.src.replace("docs/start.js", "openapi.json"),
  dom_id: "#docs",
  deepLinking: true,
  tryItOutEnabled: false,
  validatorUrl: null,
});
"""


def install(app: FastAPI) -> None:
    """Serve the page at `/docs`. The files are Swagger UI's, from the `fastapi-offline` wheel."""
    describe_itself = app.openapi

    def openapi() -> dict[str, Any]:
        return describe_itself() if app.openapi_schema else _with_problems(describe_itself())

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's manual says to

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(PAGE.format(root=request.scope.get("root_path", "").rstrip("/")))

    async def start(_request: Request) -> Response:
        return Response(START, media_type="text/javascript")

    app.add_route(PATH, page, include_in_schema=False)
    app.add_route(f"{PATH}/start.js", start, include_in_schema=False)
    app.mount(f"{PATH}/files", StaticFiles(directory=_files()))


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    """FastAPI files every model under `application/json`; a refusal is `application/problem+json` and nothing else."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                content = response.get("content", {})
                if MEDIA_TYPE in content and "application/json" in content:
                    content[MEDIA_TYPE]["schema"] = content.pop("application/json")["schema"]
    return schema


def _files() -> Path:
    spec = find_spec("fastapi_offline")
    assert spec is not None, "it is a dependency"
    assert spec.origin is not None, "it is a regular package"
    return Path(spec.origin).parent / "static"
