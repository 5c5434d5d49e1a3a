"""The catalogue as a file: looked at before it comes in, brought in whole or not at all, taken out again."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.catalog import MAX_CATALOGUE, Catalogue, CatalogueOutcome, CatalogueProblem
from console.acts import key_of, sent, typed, whole
from console.catalog.cells import shown
from console.desk import desk_of, root_of, words_of
from kernel.errors import Invalid
from kernel.tables import decoded

MAX_WATCH = 80


async def show(request: Request) -> Response:
    counts = {name: whole(request.query_params, name) for name in ("added", "changed", "same")}
    return await _page(request, done=counts if None not in counts.values() else None)


async def preview(request: Request) -> Response:
    """What the file would add, change and leave. The page carries it on to be brought in."""
    words, form = words_of(request), await sent(request)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _page(request, 422, problem=words.file_missing)
    content = await file.read(MAX_CATALOGUE + 1)
    text = decoded(content).replace("\x00", "")
    if len(content) > MAX_CATALOGUE or len(text) > MAX_CATALOGUE:
        return await _page(request, 413, problem=words.file_too_large)
    if not text.strip():
        return await _page(request, 422, problem=words.file_missing)
    async with desk_of(request).oms(request) as oms:
        outcome = await oms.preview_catalogue(Catalogue(content=text, watch=_watch(form, "watch")))
    return await _page(request, 422 if outcome.problems else 200, outcome, text, file.filename[:100])


async def bring_in(request: Request) -> Response:
    form = await sent(request)
    text, name = str(form.get("content", "")), str(form.get("name", ""))[:100]
    if not 0 < len(text) <= MAX_CATALOGUE:
        return await _page(request, 422, problem=words_of(request).file_missing)
    async with desk_of(request).oms(request) as oms:
        try:
            done = await oms.import_catalogue(Catalogue(content=text, watch=_watch(form, "act")), key=key_of(form))
        except Invalid as refusal:
            # Someone changed the catalog since it was looked at.
            outcome = await oms.preview_catalogue(Catalogue(content=text))
            if refusal.code != "catalogue_refused" or not outcome.problems:
                raise
            return await _page(request, 422, outcome, text, name)
    counts = f"added={done.added}&changed={done.changed}&same={done.same}"
    return RedirectResponse(f"{root_of(request)}/catalog?{counts}", 303)


async def show_progress(request: Request) -> Response:
    """How far a preview or an import is; nothing where that is not known."""
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        now = await oms.catalogue_progress(request.path_params["watch"][:MAX_WATCH])
    if now.what is None:
        return Response(status_code=204)
    return HTMLResponse(await desk.render(request, "catalog/_progress.html", now=now))


async def take_out(request: Request) -> Response:
    """The whole catalog, to be changed in a spreadsheet and brought in again."""
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        made = await oms.export_catalogue(desk.language(request))
    on: date = await desk.today(request)
    headers = {"Content-Disposition": f'attachment; filename="catalogo-{on.isoformat()}.csv"'}
    # Spreadsheets know UTF-8 by its mark.
    return Response(made.content.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


async def _page(
    request: Request,
    status: int = 200,
    outcome: CatalogueOutcome | None = None,
    content: str = "",
    name: str = "",
    problem: str = "",
    done: dict[str, int | None] | None = None,
) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        # Whoever may not bring one in sees so before choosing a file.
        await oms.members()
        currency = (await oms.shop()).currency if outcome and outcome.changes else ""
    return await desk.page(
        request,
        "catalog/file.html",
        status,
        outcome=outcome,
        content=content,
        name=name,
        problem=problem,
        done=done,
        said=lambda each: _said(request, each),
        shown=lambda column, cell: shown(column, cell, currency, desk.language(request)),
        label=lambda column: words_of(request).table_column.get(column, column),
    )


def _watch(form: FormData, name: str) -> str | None:
    """Under which name the page asks how far it is."""
    return typed(form, name, MAX_WATCH) or None


def _said(request: Request, problem: CatalogueProblem) -> str:
    said: Any = words_of(request).catalogue_problem[problem.code]
    return str(said)


routes = [
    Route("/catalog", show),
    Route("/catalog/preview", preview, methods=["POST"]),
    Route("/catalog/import", bring_in, methods=["POST"]),
    Route("/catalog/progress/{watch}", show_progress),
    Route("/catalog/export", take_out),
]
