"""Who may call what: one row for every route, built against the API's own description of itself."""

import pytest

from backend.staff.models import ROLES
from kernel.tokens import Principal
from tests.backend.partnering import add_partner
from tests.backend.shopper import BREAD, MILK, bearer, code_of, staff_as

CUSTOMER, SERVICE, STAFF, PARTNER = "customer", "service", "staff", "partner"
EVERYONE = frozenset({CUSTOMER, SERVICE, STAFF, PARTNER})
ROLELESS = {"staff without a role"}
# STAFF is everyone who works here. A row of `ADMIN`, `SALES`, … is for that role, and for admins, who may do all.
ADMIN, AGENT, WAREHOUSE, FINANCE, SALES = (f"staff as {role}" for role in ROLES)
NOBODY_NEEDED = EVERYONE | {"nobody"}

# case 84: a route without a row fails the test below, so a new route is closed until someone says who may use it.
MATRIX = {
    ("GET", "/shop"): EVERYONE,
    ("GET", "/staff/shop/payments"): STAFF,
    ("PUT", "/staff/shop/payments"): {ADMIN},
    ("PUT", "/staff/shop/prices"): {ADMIN},
    ("PUT", "/staff/shop/free-delivery"): {ADMIN},
    ("GET", "/catalog/search"): EVERYONE,
    ("GET", "/catalog/variants/{sku}"): EVERYONE,
    ("GET", "/catalog/categories"): EVERYONE,
    ("GET", "/catalog/categories/{code}/variants"): EVERYONE,
    ("POST", "/catalog/resolve"): EVERYONE,
    ("POST", "/staff/catalog/previews"): {ADMIN},
    ("POST", "/staff/catalog/imports"): {ADMIN},
    ("GET", "/staff/catalog/progress/{watch}"): {ADMIN},
    ("GET", "/staff/catalog/export"): {ADMIN},
    ("GET", "/staff/catalog/variants/{sku}"): {ADMIN},
    ("PUT", "/staff/catalog/variants/{sku}"): {ADMIN},
    ("PUT", "/staff/catalog/categories/{code}"): {ADMIN},
    ("GET", "/staff/barcodes/{code}"): {STAFF},
    ("PUT", "/staff/barcodes/{code}"): {WAREHOUSE},
    ("GET", "/staff/shipments/{number}/label"): {STAFF},
    ("PUT", "/customers/identities"): {SERVICE},
    ("GET", "/customers/identities"): {SERVICE},
    ("PUT", "/customers/identities/phone"): {SERVICE},
    ("PUT", "/customers/identities/site"): {SERVICE},
    ("POST", "/customers/me/link-codes"): {CUSTOMER},
    ("POST", "/customers/me/link-codes/{request_id}/confirmation"): {CUSTOMER},
    ("POST", "/customers/me/links"): {CUSTOMER},
    ("POST", "/customers/me/links/opened"): {CUSTOMER},
    ("GET", "/customers/me/identities"): {CUSTOMER},
    ("DELETE", "/customers/me/identities/{identity_id}"): {CUSTOMER},
    ("GET", "/staff/customers/{customer_id}/identities"): {STAFF},
    ("DELETE", "/staff/customers/{customer_id}/identities/{identity_id}"): {AGENT, SALES},
    ("GET", "/staff/customers/{customer_id}/links/{other_id}"): {AGENT, SALES},
    ("POST", "/staff/customers/{customer_id}/links/{other_id}"): {AGENT, SALES},
    ("GET", "/customers/me"): {CUSTOMER},
    ("PATCH", "/customers/me"): {CUSTOMER},
    ("GET", "/customers/me/addresses"): {CUSTOMER},
    ("POST", "/customers/me/addresses"): {CUSTOMER},
    ("GET", "/customers/me/preferences"): {CUSTOMER},
    ("PUT", "/customers/me/preferences"): {CUSTOMER},
    ("GET", "/customers/{customer_id}/preferences"): {SERVICE},
    ("GET", "/privacy-policy"): NOBODY_NEEDED,
    ("GET", "/customers/{customer_id}/privacy-policy"): {SERVICE},
    ("PUT", "/customers/{customer_id}/privacy-policy"): {SERVICE},
    ("GET", "/staff/customers/{customer_id}/consents"): {STAFF},
    ("GET", "/cart"): {CUSTOMER},
    ("GET", "/cart/payment-methods"): {CUSTOMER},
    ("POST", "/cart/changes"): {CUSTOMER},
    ("PUT", "/cart/checkout"): {CUSTOMER},
    ("PUT", "/cart/shortages"): {CUSTOMER},
    ("PUT", "/cart/discount"): {CUSTOMER},
    ("DELETE", "/cart/discount"): {CUSTOMER},
    ("GET", "/staff/discounts"): {SALES},
    ("PUT", "/staff/discounts/{code}"): {SALES},
    ("DELETE", "/staff/discounts/{code}"): {SALES},
    ("POST", "/cart/confirmation"): {CUSTOMER},
    ("POST", "/orders"): {CUSTOMER},
    ("GET", "/orders"): {CUSTOMER},
    ("GET", "/orders/{number}"): {CUSTOMER},
    ("POST", "/orders/{number}/cancel"): {CUSTOMER},
    ("POST", "/orders/{number}/repeat"): {CUSTOMER},
    ("GET", "/orders/{number}/shortages"): {CUSTOMER},
    ("POST", "/orders/{number}/shortages/{shortage}"): {CUSTOMER},
    ("POST", "/staff/orders/{number}/shortages/{shortage}"): {AGENT, SALES, WAREHOUSE},
    ("POST", "/staff/orders/{number}/cancel"): {AGENT, SALES, WAREHOUSE},
    ("GET", "/quotes/{number}"): {CUSTOMER},
    ("POST", "/quotes/{number}/accept"): {CUSTOMER},
    ("GET", "/staff/quotes"): {STAFF},
    ("GET", "/staff/quotes/{number}"): {STAFF},
    ("POST", "/staff/quotes"): {AGENT, SALES},
    ("PUT", "/staff/quotes/{number}"): {AGENT, SALES},
    ("POST", "/staff/quotes/{number}/discount"): {AGENT, SALES},
    ("POST", "/staff/quotes/{number}/discount/withdrawal"): {AGENT, SALES},
    ("POST", "/staff/quotes/{number}/send"): {AGENT, SALES},
    ("POST", "/staff/quotes/{number}/place"): {AGENT, SALES},
    ("POST", "/staff/quotes/{number}/withdraw"): {AGENT, SALES},
    ("POST", "/staff/customers"): {AGENT, SALES},
    ("GET", "/staff/fulfillments"): {STAFF},
    ("GET", "/staff/fulfillments/pick-list"): {STAFF},
    ("GET", "/staff/fulfillments/{number}"): {STAFF},
    ("GET", "/staff/fulfillments/{number}/pick-list"): {STAFF},
    ("POST", "/staff/fulfillments/{number}/start"): {WAREHOUSE},
    ("POST", "/staff/fulfillments/{number}/picks"): {WAREHOUSE},
    ("POST", "/staff/fulfillments/{number}/put-back"): {WAREHOUSE},
    ("POST", "/staff/fulfillments/{number}/parcels"): {WAREHOUSE},
    ("POST", "/staff/fulfillments/{number}/ship"): {WAREHOUSE},
    ("POST", "/staff/fulfillments/{number}/collect"): {WAREHOUSE},
    ("POST", "/staff/fulfillments/{number}/collect/reset"): {WAREHOUSE},
    ("GET", "/staff/picking-walks"): {STAFF},
    ("GET", "/staff/picking-walks/{walk}"): {STAFF},
    ("POST", "/staff/picking-walks"): {WAREHOUSE},
    ("POST", "/staff/picking-walks/{walk}/take-over"): {WAREHOUSE},
    ("POST", "/staff/picking-walks/{walk}/leave-out"): {WAREHOUSE},
    ("POST", "/staff/picking-walks/{walk}/end"): {WAREHOUSE},
    ("GET", "/staff/orders"): {STAFF},
    ("GET", "/staff/orders/{number}"): {STAFF},
    ("POST", "/orders/{number}/changes"): {CUSTOMER},
    ("POST", "/orders/{number}/changes/{confirmation}"): {CUSTOMER},
    ("POST", "/staff/orders/{number}/changes"): {AGENT, SALES},
    ("POST", "/staff/orders/{number}/changes/{confirmation}"): {AGENT, SALES},
    ("POST", "/staff/orders/{number}/approve"): {SALES},
    ("POST", "/staff/orders/{number}/reject"): {SALES},
    ("POST", "/staff/orders/{number}/hold"): {SALES},
    ("POST", "/staff/orders/{number}/payment-link"): {AGENT, SALES},
    ("GET", "/staff/approval-rules"): {STAFF},
    ("GET", "/staff/stuck"): {STAFF},
    ("GET", "/staff/customers"): {STAFF},
    ("GET", "/staff/customers/{customer_id}"): {STAFF},
    ("PATCH", "/staff/customers/{customer_id}"): {SALES},
    ("GET", "/staff/customer-names"): {STAFF},
    ("GET", "/staff/customers/{customer_id}/card"): {AGENT, SALES, FINANCE},
    ("POST", "/staff/approval-rules"): {ADMIN},
    ("PUT", "/staff/approval-rules/{rule_id}"): {ADMIN},
    ("DELETE", "/staff/approval-rules/{rule_id}"): {ADMIN},
    ("GET", "/staff/stock"): {STAFF},
    ("GET", "/staff/stock/moves"): {STAFF},
    ("POST", "/staff/stock/receipts"): {WAREHOUSE},
    ("GET", "/staff/stock/incoming"): {STAFF},
    ("POST", "/staff/stock/incoming"): {WAREHOUSE},
    ("PATCH", "/staff/stock/incoming/{incoming_id}"): {WAREHOUSE},
    ("DELETE", "/staff/stock/incoming/{incoming_id}"): {WAREHOUSE},
    ("POST", "/staff/stock/transfers"): {WAREHOUSE},
    ("POST", "/staff/stock/adjustments"): {WAREHOUSE},
    ("POST", "/staff/stock/counts"): {WAREHOUSE},
    ("GET", "/staff/stock/thresholds"): {STAFF},
    ("PUT", "/staff/stock/thresholds"): {WAREHOUSE},
    ("DELETE", "/staff/stock/thresholds/{code}/{sku}"): {WAREHOUSE},
    ("GET", "/staff/stock/locations"): {STAFF},
    ("POST", "/staff/stock/locations"): {ADMIN},
    ("PATCH", "/staff/stock/locations/{code}"): {ADMIN},
    ("GET", "/staff/stock/locations/{code}/bins"): {STAFF},
    ("POST", "/staff/stock/locations/{code}/bins"): {WAREHOUSE},
    ("GET", "/staff/stock/locations/{code}/bins/{bin_code}"): {STAFF},
    ("PATCH", "/staff/stock/locations/{code}/bins/{bin_code}"): {WAREHOUSE},
    ("POST", "/suggestions"): {CUSTOMER},
    ("POST", "/suggestions/{suggestion_id}/accept"): {CUSTOMER},
    ("POST", "/suggestions/{suggestion_id}/decline"): {CUSTOMER},
    ("GET", "/staff/suggestions"): {STAFF},
    ("GET", "/staff/suggestions/report"): {STAFF},
    ("PUT", "/staff/suggestions/{sku}/{suggested_sku}"): {SALES},
    ("DELETE", "/staff/suggestions/{sku}/{suggested_sku}"): {SALES},
    ("GET", "/staff/partners"): {STAFF},
    ("POST", "/staff/partners"): {ADMIN},
    ("GET", "/staff/partners/{code}"): {STAFF},
    ("PUT", "/staff/partners/{code}"): {ADMIN},
    ("POST", "/staff/partners/{code}/tokens"): {ADMIN},
    ("DELETE", "/staff/partners/{code}/tokens"): {ADMIN},
    ("GET", "/staff/partners/{code}/supplies"): {STAFF},
    ("PUT", "/staff/partners/{code}/supplies/{sku}"): {SALES},
    ("DELETE", "/staff/partners/{code}/supplies/{sku}"): {SALES},
    ("GET", "/staff/purchase-orders"): {STAFF},
    ("GET", "/staff/supplier-notes"): {STAFF},
    ("GET", "/staff/supplier-notes/{number}/file"): {STAFF},
    ("GET", "/partner/purchase-orders"): {PARTNER},
    ("GET", "/partner/purchase-orders/{number}"): {PARTNER},
    ("POST", "/partner/purchase-orders/{number}/confirm"): {PARTNER},
    ("POST", "/orders/{number}/claims"): {CUSTOMER},
    ("GET", "/staff/claims"): {STAFF},
    ("POST", "/staff/claims/{claim_id}/close"): {AGENT, SALES},
    ("GET", "/staff/mail"): {STAFF},
    ("GET", "/staff/mail/{mail_id}"): {STAFF},
    ("POST", "/staff/mail/{mail_id}/resend"): {AGENT, SALES},
    ("GET", "/staff/webhooks"): {STAFF},
    ("POST", "/staff/webhooks"): {ADMIN},
    ("PATCH", "/staff/webhooks/{subscriber_id}"): {ADMIN},
    ("POST", "/staff/webhooks/{subscriber_id}/secret"): {ADMIN},
    ("GET", "/staff/webhooks/deliveries"): {STAFF},
    ("POST", "/staff/webhooks/deliveries/{delivery_id}/resend"): {ADMIN},
    ("POST", "/partner/purchase-orders/{number}/reject"): {PARTNER},
    ("POST", "/partner/purchase-orders/{number}/ship"): {PARTNER},
    ("POST", "/staff/shipments/{number}/invoice"): {FINANCE},
    ("GET", "/staff/invoices"): {STAFF},
    ("GET", "/staff/invoices/{number}"): {STAFF},
    ("GET", "/staff/invoices/{number}/files/{form}"): {STAFF},
    ("POST", "/staff/invoices/{number}/credit-notes"): {FINANCE},
    ("POST", "/staff/invoices/{number}/debit-notes"): {FINANCE},
    ("GET", "/staff/invoices/{number}/proof"): {STAFF},
    ("POST", "/staff/invoices/{number}/proof"): {FINANCE},
    ("POST", "/staff/invoices/{number}/submission"): {FINANCE},
    ("POST", "/staff/invoices/{number}/sending"): {AGENT, SALES, FINANCE},
    ("GET", "/documents/{token}"): {SERVICE},
    ("GET", "/documents/{token}/files/{form}"): {SERVICE},
    ("POST", "/documents/{token}/answer"): {SERVICE},
    ("GET", "/labels/{token}"): {SERVICE},
    ("GET", "/receipts/{token}"): {SERVICE},
    ("GET", "/orders/{number}/invoices"): {CUSTOMER},
    ("GET", "/invoices/{number}/files/{form}"): {CUSTOMER},
    ("POST", "/staff/orders/{number}/payments"): {FINANCE},
    ("GET", "/staff/orders/{number}/payments"): STAFF,
    ("GET", "/staff/payments/{number}"): {FINANCE},
    ("GET", "/staff/payments"): {FINANCE},
    ("POST", "/staff/payments/{number}/refunds"): {AGENT, SALES, FINANCE},
    ("GET", "/staff/refunds"): STAFF,
    ("GET", "/staff/refunds/{number}"): STAFF,
    ("GET", "/staff/refunds/{number}/receipt"): STAFF,
    ("POST", "/staff/refunds/{number}/approval"): {AGENT, SALES, FINANCE},
    ("POST", "/staff/refunds/{number}/rejection"): {FINANCE},
    ("POST", "/staff/refunds/{number}/payout"): {FINANCE},
    ("GET", "/refunds"): {CUSTOMER},
    ("POST", "/orders/{number}/payment-link"): {CUSTOMER},
    ("POST", "/orders/{number}/payment-proofs"): {CUSTOMER},
    ("POST", "/payment-proofs/{number}/details"): {CUSTOMER},
    ("GET", "/staff/payment-proofs"): {FINANCE},
    ("GET", "/staff/payment-proofs/{number}"): {FINANCE},
    ("POST", "/staff/payment-proofs/{number}/approval"): {FINANCE},
    ("POST", "/staff/payment-proofs/{number}/rejection"): {FINANCE},
    ("POST", "/staff/payments/{number}/allocations"): {FINANCE},
    ("POST", "/staff/invoices/{number}/write-offs"): {FINANCE},
    ("GET", "/staff/customers/{customer_id}/balance"): STAFF,
    ("GET", "/customers/me/balance"): {CUSTOMER},
    ("GET", "/staff/bank/accounts"): {FINANCE},
    ("PUT", "/staff/bank/accounts/{code}"): {FINANCE},
    ("GET", "/staff/bank/statements"): {FINANCE},
    ("POST", "/staff/bank/statements"): {FINANCE},
    ("GET", "/staff/bank/lines"): {FINANCE},
    ("POST", "/staff/bank/lines/{line_id}/match"): {FINANCE},
    ("POST", "/staff/bank/lines/{line_id}/ignore"): {FINANCE},
    ("POST", "/customers/me/payment-promises"): {CUSTOMER},
    ("GET", "/staff/receivables/promises"): {FINANCE},
    ("GET", "/staff/receivables/reminders"): {FINANCE},
    ("PUT", "/staff/receivables/reminders"): {ADMIN},
    ("GET", "/staff/insights"): {AGENT, SALES, FINANCE},
    ("GET", "/staff/receivables"): {FINANCE},
    ("GET", "/staff/receivables/aging"): {FINANCE},
    ("GET", "/staff/receivables/days-sales-outstanding"): {FINANCE},
    ("GET", "/staff/customers/{customer_id}/statement"): {FINANCE},
    ("GET", "/staff/customers/{customer_id}/statement.csv"): {FINANCE},
    ("GET", "/customers/me/open-invoices"): {CUSTOMER},
    ("GET", "/staff/ledger/accounts"): {FINANCE},
    ("GET", "/staff/ledger/trial-balance"): {FINANCE},
    ("GET", "/staff/ledger/journal"): {FINANCE},
    ("GET", "/staff/ledger/journal.beancount"): {FINANCE},
    ("POST", "/staff/ledger/entries"): {FINANCE},
    ("GET", "/staff/payment-alerts"): {FINANCE},
    ("POST", "/staff/payment-alerts/{alert_id}/close"): {FINANCE},
    ("POST", "/staff/ledger/entries/{entry_id}/reverse"): {FINANCE},
    ("POST", "/staff/ledger/closings"): {FINANCE},
    ("GET", "/staff/ledger/closings"): {FINANCE},
    ("POST", "/staff/sessions"): NOBODY_NEEDED,
    ("GET", "/staff/sessions"): STAFF,
    ("POST", "/staff/oidc/starts"): NOBODY_NEEDED,
    ("POST", "/staff/oidc/sessions"): NOBODY_NEEDED,
    ("GET", "/staff/members"): {ADMIN},
    ("POST", "/staff/members"): {ADMIN},
    ("GET", "/staff/members/{member_id}"): {ADMIN},
    ("PATCH", "/staff/members/{member_id}"): {ADMIN},
    ("POST", "/staff/members/{member_id}/links"): {ADMIN},
    ("GET", "/staff/members/{member_id}/sessions"): {ADMIN},
    ("POST", "/staff/me/password"): STAFF,
    ("GET", "/staff/links/{token}"): NOBODY_NEEDED,
    ("POST", "/staff/links/{token}"): NOBODY_NEEDED,
    ("GET", "/staff/audit"): {ADMIN},
    ("GET", "/staff/data-requests"): {ADMIN},
    ("GET", "/staff/data-requests/{number}"): {ADMIN},
    ("GET", "/staff/data-requests/{number}/file"): {ADMIN},
    ("POST", "/staff/data-requests/{number}/erasure"): {ADMIN},
    ("POST", "/staff/customers/{customer_id}/data-requests"): {ADMIN},
    ("GET", "/staff/limits"): STAFF,
    ("PUT", "/staff/limits"): {ADMIN},
    ("GET", "/staff/pending-acts"): {STAFF},
    ("POST", "/staff/pending-acts/{number}/approval"): {FINANCE, SALES},
    ("POST", "/staff/pending-acts/{number}/refusal"): {FINANCE, SALES},
    ("POST", "/staff/pending-acts/{number}/withdrawal"): {STAFF},
    ("GET", "/staff/sessions/current"): STAFF,
    ("DELETE", "/staff/sessions/current"): STAFF,
    ("DELETE", "/staff/sessions/{session_id}"): STAFF,
    ("GET", "/staff/shipping/carriers"): {STAFF},
    ("GET", "/staff/shipping/zones"): {STAFF},
    ("PUT", "/staff/shipping/zones/{code}"): {ADMIN},
    ("DELETE", "/staff/shipping/zones/{code}"): {ADMIN},
    ("GET", "/staff/shipping/rates"): {STAFF},
    ("POST", "/staff/shipping/rates"): {ADMIN},
    ("PATCH", "/staff/shipping/rates/{rate_id}"): {ADMIN},
    ("DELETE", "/staff/shipping/rates/{rate_id}"): {ADMIN},
    ("GET", "/staff/shipments/{number}"): {STAFF},
    ("POST", "/staff/shipments/{number}/events"): {WAREHOUSE},
    ("GET", "/staff/calendar"): {STAFF, SERVICE},
    ("PUT", "/staff/calendar/week"): {ADMIN},
    ("PUT", "/staff/calendar/special-days/{on_date}"): {ADMIN},
    ("DELETE", "/staff/calendar/special-days/{on_date}"): {ADMIN},
    ("GET", "/orders/{number}/returnable"): {CUSTOMER},
    ("POST", "/orders/{number}/returns"): {CUSTOMER},
    ("POST", "/orders/{number}/returns/quote"): {CUSTOMER},
    ("GET", "/drop-off-points"): EVERYONE,
    ("GET", "/returns"): {CUSTOMER},
    ("GET", "/returns/{number}"): {CUSTOMER},
    ("POST", "/returns/{number}/cancel"): {CUSTOMER},
    ("POST", "/returns/{number}/appeal"): {CUSTOMER},
    ("POST", "/returns/{number}/wish"): {CUSTOMER},
    ("GET", "/returns/{number}/label"): {CUSTOMER},
    ("GET", "/staff/returns/{number}/label"): {STAFF},
    ("POST", "/staff/returns/{number}/wish"): {AGENT, SALES},
    ("GET", "/staff/orders/{number}/returnable"): {STAFF},
    ("GET", "/staff/orders/{number}/returns"): {STAFF},
    ("POST", "/staff/orders/{number}/returns"): {AGENT, SALES},
    ("GET", "/staff/returns"): {STAFF},
    ("GET", "/staff/returns/{number}"): {STAFF},
    ("POST", "/staff/returns/{number}/accept"): {AGENT, SALES},
    ("POST", "/staff/returns/{number}/reject"): {AGENT, SALES},
    ("POST", "/staff/returns/{number}/cancel"): {AGENT, SALES},
    ("POST", "/staff/returns/{number}/send"): {AGENT, SALES, WAREHOUSE},
    ("POST", "/staff/returns/{number}/receipts"): {AGENT, SALES, WAREHOUSE},
    ("POST", "/staff/returns/{number}/inspections"): {WAREHOUSE},
    ("POST", "/staff/returns/{number}/resolve"): {AGENT, SALES},
    ("GET", "/staff/return-policy"): {STAFF},
    ("PUT", "/staff/return-policy"): {ADMIN},
    # The link itself is the authority.
    ("GET", "/tracking/{token}"): NOBODY_NEEDED,
    ("GET", "/purchase-orders/{token}"): NOBODY_NEEDED,
    ("POST", "/purchase-orders/{token}/confirm"): NOBODY_NEEDED,
    ("POST", "/purchase-orders/{token}/reject"): NOBODY_NEEDED,
    ("POST", "/purchase-orders/{token}/ship"): NOBODY_NEEDED,
}
# No token opens these: the body's signature does, as test_carrier_webhooks.py and test_paying_online.py show.
SIGNED = {("POST", "/carriers/{code}/events"), ("POST", "/payments/{provider}/events")}
FILLED = {
    "{sku}": MILK,
    "{code}": "mercado",
    "{number}": "PED-10001",
    "{suggested_sku}": BREAD,
    "{suggestion_id}": "x",
    "{rate_id}": "x",
    "{on_date}": "2026-12-31",
    "{token}": "x",
}
FILLED["{rule_id}"] = FILLED["{confirmation}"] = "x"
FILLED["{session_id}"] = FILLED["{member_id}"] = FILLED["{shortage}"] = FILLED["{incoming_id}"] = "x"
FILLED |= dict.fromkeys(
    ("{identity_id}", "{request_id}", "{customer_id}", "{mail_id}", "{subscriber_id}", "{delivery_id}"), "someone"
)


def test_every_route_has_a_row_and_every_row_a_route(app):  # case 84
    routes = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}

    known = set(MATRIX) | SIGNED
    assert not routes - known, f"say in MATRIX who may call {sorted(routes - known)}"
    assert not known - routes, f"take out of MATRIX what is gone: {sorted(known - routes)}"


def test_every_route_takes_only_whom_its_row_names(ana, app, database):  # case 84
    """Every kind of caller at every route, with the order number of someone else."""
    ana.order((MILK, "1"))
    callers = {
        "nobody": {},
        CUSTOMER: bearer(Principal("customer", "someone-else")),
        SERVICE: bearer(Principal("service", "bot")),
        **dict.fromkeys(ROLELESS, bearer(Principal("staff", "someone"))),
        **{f"staff as {role}": staff_as(role) for role in ROLES},
        PARTNER: bearer(Principal("partner", "abril", grants=frozenset({"version:1"}))),
    }
    add_partner(database, "abril")
    surprises = []
    for (method, path), named in MATRIX.items():
        allowed = _callers(named)
        for caller, headers in callers.items():
            for placeholder, value in FILLED.items():
                path = path.replace(placeholder, value)
            given = {"headers": headers | {"Idempotency-Key": "k"}}
            if method != "GET":
                given["json"] = {}
            status = ana.http.request(method, path, **given).status_code
            refused = {401} if caller == "nobody" else {403}
            if (caller in allowed) == (status in refused | {500}):
                surprises.append((caller, method, path, status))

    # What of a build's log says how much was asked: routes, callers, calls.
    print(f"authorisation: {len(MATRIX)} routes x {len(callers)} callers = {len(MATRIX) * len(callers)} calls")
    assert surprises == []


def _callers(named):
    """The callers that a row means."""
    staff = {f"staff as {role}" for role in ROLES}
    if STAFF in named:
        return set(named) | staff | (ROLELESS if set(named) >= EVERYONE else set())
    return set(named) | ({ADMIN} if staff & set(named) else set())


@pytest.mark.parametrize("role", [SERVICE, STAFF, PARTNER])
def test_no_other_token_acts_for_a_customer(ana, role):  # case 85
    ana.add(MILK)
    for subject in (ana.id, f"customer:{ana.id}"):
        impostor = bearer(Principal(role, subject))  # type: ignore[arg-type]
        answer = ana.http.request("GET", "/cart", headers=impostor)
        assert code_of(answer) == (403, "wrong_role")


def test_a_customers_token_shows_that_customers_things_only(ana, beto):  # case 85
    ana.add(MILK)

    assert beto.cart()["is_empty"]
    headers = beto.headers | {"X-Customer-Id": ana.id, "Idempotency-Key": "k"}
    body = {"changes": [{"op": "clear"}]}
    assert ana.http.request("POST", "/cart/changes", json=body, headers=headers).status_code == 200
    assert not ana.cart()["is_empty"]


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", "bearer hola"])
def test_what_is_no_token_is_refused(http, market, given):
    answer = http.request("GET", "/cart", headers={"Authorization": given})

    assert code_of(answer) == (401, "token_refused")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
