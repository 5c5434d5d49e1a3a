"""Receivables: who owes what and for how long, and one customer's statement."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.desk import desk_of, words_of
from console.finance.forms import day

BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")


async def show(request: Request) -> Response:
    desk, words = desk_of(request), words_of(request)
    text, problem = request.query_params.get("as_of", ""), ""
    try:
        as_of = day(text)
    except ValueError:
        as_of, problem = None, words.day_unreadable
    async with desk.oms(request) as oms:
        found = await oms.receivables(as_of)
        aging = await oms.aging(as_of)
        outstanding = await oms.days_sales_outstanding()
    return await desk.page(
        request,
        "finance/receivables.html",
        422 if problem else 200,
        found=found,
        aging=aging,
        outstanding=outstanding,
        buckets=BUCKETS,
        as_of=text,
        problem=problem,
    )


async def show_statement(request: Request) -> Response:
    desk, words, customer_id = desk_of(request), words_of(request), request.path_params["customer_id"]
    typed = {name: request.query_params.get(name, "") for name in ("since", "through")}
    problem, since, through = "", None, None
    try:
        since, through = day(typed["since"]), day(typed["through"])
    except ValueError:
        problem = words.day_unreadable
    async with desk.oms(request) as oms:
        customer = await oms.staff_customer(customer_id)
        statement = await oms.statement(customer_id, since, through)
    return await desk.page(
        request,
        "finance/statement.html",
        422 if problem else 200,
        customer=customer,
        statement=statement,
        typed=typed,
        problem=problem,
    )


async def save_statement(request: Request) -> Response:
    """As a table; what customers wrote in it is never run as a formula."""  # case 98
    customer_id, query = request.path_params["customer_id"], request.query_params
    async with desk_of(request).oms(request) as oms:
        table = await oms.statement_table(customer_id, query.get("since") or None, query.get("through") or None)
    headers = {"Content-Disposition": 'attachment; filename="statement.csv"'}
    return Response(table, media_type="text/csv", headers=headers)


routes = [
    Route("/finance/receivables", show),
    Route("/finance/receivables/{customer_id}", show_statement),
    Route("/finance/receivables/{customer_id}/statement.csv", save_statement),
]
