"""The whole API against its own description, asked by a generator that others wrote."""

import shutil
from itertools import count

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from backend.app import create_app
from backend.inventory import service as inventory
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal
from tests.backend.partnering import add_partner
from tests.backend.shopper import (
    BREAD,
    KEY,
    MILK,
    SODA,
    TOMATO,
    Http,
    Shopper,
    add_customer,
    bearer,
    open_market,
    staff_as,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_keys = count(1)


@pytest.fixture(scope="module")
def described(tmp_path_factory, request):
    """A shop with an order, and who may call what."""
    home = tmp_path_factory.mktemp("described")
    shutil.copy(request.getfixturevalue("sqlite_template"), home / "comanda.db")
    chosen = Settings(COMANDA_HOME=home, DATABASE_URL=f"sqlite:///{home / 'comanda.db'}", COMANDA_SECRET=KEY)
    database = Database(chosen.database_url)
    app = create_app(chosen, database)
    with database.write() as session:
        market = open_market(session)
        for sku in (MILK, BREAD, SODA, TOMATO):
            inventory.receive(session, sku, market.centro, 5_000)
        customer_id = add_customer(session)
    add_partner(database, "abril")
    with Http(app) as http:
        Shopper(http, customer_id).order((MILK, "2"), (BREAD, "1"))
    tokens = {
        "/staff": staff_as("admin"),
        "/partner": bearer(Principal("partner", "abril", grants=frozenset({"version:1"}))),
        "/customers/identities": bearer(Principal("service", "bot")),
        "/customers/{customer_id}": bearer(Principal("service", "bot")),
        "": bearer(Principal("customer", customer_id)),
    }
    yield schemathesis.openapi.from_asgi("/openapi.json", app), tokens
    database.dispose()


GENTLY = settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_answer_is_as_described(described):
    schema, tokens = described
    surprises, operations = [], 0
    for operation in (result.ok() for result in schema.get_all_operations()):
        headers = next(token for prefix, token in tokens.items() if operation.path.startswith(prefix))
        operations += 1
        try:
            _try(operation, headers)
        except (AssertionError, BaseExceptionGroup) as failure:
            surprises.append(f"{operation.label}: {str(failure)[:600]}")

    assert surprises == []
    assert operations > 100


def _try(operation, headers):
    @GENTLY
    @given(case=operation.as_strategy())
    def ask(case):
        answer = case.call(headers=headers | {"Idempotency-Key": f"described:{next(_keys)}"})
        case.validate_response(answer, checks=CHECKS)

    ask()
