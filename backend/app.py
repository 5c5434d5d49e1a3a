"""The OMS as one FastAPI app."""

from __future__ import annotations

from fastapi import FastAPI

from backend.api import (
    approval,
    banking,
    calendar,
    carts,
    catalog,
    catalogue,
    changes,
    claims,
    consents,
    customer_cards,
    customers,
    data_requests,
    discounts,
    docs,
    fulfillment,
    identities,
    insights,
    inventory,
    invoices,
    ledger,
    mail,
    orders,
    partners,
    payment_alerts,
    payment_proofs,
    payments,
    pending_acts,
    picking_walks,
    problems,
    purchase_links,
    quotes,
    receivables,
    refunds,
    reminders,
    returns,
    shipping,
    shop,
    staff,
    staff_members,
    staff_oidc,
    suggestions,
    supplier_notes,
    trail,
    webhooks,
)
from backend.api.body_limit import BodyLimit
from backend.api.progress import Progress
from backend.api.staff_door import StaffDoor, lifetime_of
from backend.payments.providers import Providers
from kernel import links
from kernel.config import Settings
from kernel.db import Database

DESCRIPTION = """
Every call but signing in carries a bearer token of a customer, a service, staff or a partner.
Whatever changes something carries an `Idempotency-Key` that names the logical act: a repeat gets the kept answer,
marked `Idempotent-Replay: true`; the same key with another body is refused. Refusals are `application/problem+json`
(RFC 9457) with a stable `code`. Money is integer minor units with a currency; quantities are decimal strings.
"""
NOUNS = (
    shop,
    catalog,
    catalogue,
    customers,
    customer_cards,
    identities,
    consents,
    carts,
    orders,
    changes,
    quotes,
    discounts,
    approval,
    fulfillment,
    picking_walks,
    insights,
    inventory,
    invoices,
    payments,
    refunds,
    payment_alerts,
    payment_proofs,
    banking,
    ledger,
    receivables,
    reminders,
    staff,
    staff_members,
    staff_oidc,
    pending_acts,
    suggestions,
    supplier_notes,
    trail,
    data_requests,
    partners,
    purchase_links,
    shipping,
    calendar,
    claims,
    returns,
    mail,
    webhooks,
)


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The OMS over `database` (by default the one of the settings), runnable alone or mounted under `/api`."""
    app = FastAPI(
        title="Comanda OMS",
        version="0.1.0",
        summary="Catalog, carts, orders and stock.",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.providers = Providers.of(settings)
    app.state.database = database or Database(settings.database_url)
    app.state.signing_key = settings.signing_key()
    app.state.progress = Progress()
    app.state.oidc = staff_oidc.provider_of(settings)
    app.state.staff_door = StaffDoor(app.state.database, lifetime_of(settings))
    links.carry(app.state.database, links.Links(settings.public_url, app.state.signing_key))
    app.add_middleware(BodyLimit)
    problems.install(app)
    docs.install(app)
    for noun in NOUNS:
        # `include_router` would make every route a second time, for each app at its first request: a second of work,
        # and each later request would be looked up twice (FastAPI 0.165).
        app.router.routes.extend(noun.router.routes)
    return app
