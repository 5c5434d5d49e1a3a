"""What a code on a package means: read by the scanner, said by whoever holds the package."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.catalog import Barcode, NewBarcode
from console.acts import key_of, sent, texts, whole
from console.desk import desk_of, root_of, words_of
from console.warehouse.goods import names_of
from kernel.errors import NotFound

MAX_CODE = 40


async def show(request: Request) -> Response:
    query = request.query_params
    return await _page(request, query.get("code", "").strip()[:MAX_CODE], is_done=query.get("done") == "1")


async def say(request: Request) -> Response:
    """From here on the code means so many base units of that variant."""
    words, form = words_of(request), await sent(request)
    given = texts(form)
    code, sku, quantity = given["code"][:MAX_CODE], given["sku"].upper()[:MAX_CODE], whole(form, "quantity", 1)
    if not code or not sku:
        return await _page(request, code, 422, words.scan_something, given)
    if quantity is None:
        return await _page(request, code, 422, words.whole_number, given)
    async with desk_of(request).oms(request) as oms:
        try:
            await oms.put_barcode(code, NewBarcode(sku=sku, quantity=quantity), key=key_of(form))
        except NotFound:
            return await _page(request, code, 404, words.barcode_no_sku.format(sku=sku), given)
    return RedirectResponse(f"{root_of(request)}/warehouse/barcodes?{urlencode({'code': code, 'done': 1})}", 303)


async def _page(
    request: Request,
    code: str,
    status: int = 200,
    problem: str = "",
    form: Mapping[str, str] | None = None,
    *,
    is_done: bool = False,
) -> Response:
    desk = desk_of(request)
    meant: Barcode | None = None
    name = ""
    async with desk.oms(request) as oms:
        if code:
            try:
                meant = await oms.barcode(code)
                name = (await names_of(oms, [meant.sku], desk.language(request)))[meant.sku]
            except NotFound:
                meant = None
    typed = form or ({"sku": meant.sku, "quantity": str(meant.quantity)} if meant else {"sku": "", "quantity": "1"})
    return await desk.page(
        request,
        "warehouse/barcodes.html",
        status,
        code=code,
        meant=meant,
        name=name,
        problem=problem,
        typed=typed,
        is_done=is_done,
    )


routes = [Route("/warehouse/barcodes", show), Route("/warehouse/barcodes", say, methods=["POST"])]
