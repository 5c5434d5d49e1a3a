"""What does not fit together, disputed payments, and debit notes to suppliers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.acts import key_of, sent, texts
from console.desk import desk_of, root_of, words_of
from console.finance.forms import MOST_TYPED, said
from kernel.errors import Conflict, Forbidden, Invalid, NotFound

STATES = ("open", "closed", "disputed", "lost")


async def show(request: Request) -> Response:
    return await _page(request)


async def close(request: Request) -> Response:
    words, form, alert_id = words_of(request), texts(await sent(request)), request.path_params["alert_id"]
    if not form["note"]:
        return await _page(request, 422, alert_id, words.alert_note_missing)
    async with desk_of(request).oms(request) as oms:
        try:
            await oms.close_alert(alert_id, form["note"][:MOST_TYPED], key=key_of(form))
        except (Conflict, Invalid, Forbidden, NotFound) as refusal:
            return await _page(request, refusal.status, alert_id, said(request, refusal), form["note"])
    return RedirectResponse(f"{root_of(request)}/finance/alerts", 303)


async def show_suppliers(request: Request) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        notes = await oms.supplier_notes(request.query_params.get("before"))
    return await desk.page(request, "finance/suppliers.html", notes=notes)


async def show_supplier_note(request: Request) -> Response:
    number = request.path_params["number"]
    async with desk_of(request).oms(request) as oms:
        content = await oms.supplier_note_file(number)
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{number.upper()}.pdf"'},
    )


async def _page(request: Request, status: int = 200, at: str = "", problem: str = "", note: str = "") -> Response:
    desk, state = desk_of(request), request.query_params.get("state", "")
    state = state if state in STATES else "open"
    is_of_payments = state in ("disputed", "lost")
    async with desk.oms(request) as oms:
        payments = (await oms.payments(state)).payments if is_of_payments else []
        alerts = [] if is_of_payments else (await oms.payment_alerts(state)).alerts
    return await desk.page(
        request,
        "finance/alerts.html",
        status,
        alerts=alerts,
        payments=payments,
        state=state,
        states_of=STATES,
        at_alert=at,
        problem=problem,
        typed=note,
    )


routes = [
    Route("/finance/alerts", show),
    Route("/finance/alerts/{alert_id}/close", close, methods=["POST"]),
    Route("/finance/suppliers", show_suppliers),
    Route("/finance/suppliers/{number}.pdf", show_supplier_note),
]
