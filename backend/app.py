"""The OMS as one FastAPI app."""

from __future__ import annotations

from fastapi import FastAPI

from backend.api import carts, catalog, customers, inventory, orders, problems, shop, staff
from kernel.config import Settings
from kernel.db import Database

NOUNS = (shop, catalog, customers, carts, orders, inventory, staff)


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The OMS over `database` (by default the one of the settings), runnable alone or mounted under `/api`."""
    app = FastAPI(title="Comanda OMS", version="0.1.0", summary="Catalog, carts, orders and stock.")
    app.state.settings = settings
    app.state.database = database or Database(settings.database_url)
    app.state.signing_key = settings.signing_key()
    problems.install(app)
    for noun in NOUNS:
        app.include_router(noun.router)
    return app
