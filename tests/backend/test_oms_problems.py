import threading

import pytest
from sqlalchemy.exc import OperationalError

from tests.backend.shopper import MILK, Http, code_of

NAMED_BY_STAFF = {"NewQuote": {"customer_id"}, "CatalogueEntry": {"price"}}


def test_every_documented_refusal_is_a_problem_with_an_example(app):
    plain = []
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    continue
                content = response["content"].get("application/problem+json", {})
                examples = content.get("examples", {})
                if list(response["content"]) != ["application/problem+json"] or not examples:
                    plain.append((method, path, status))
                for code, example in examples.items():
                    assert (example["value"]["code"], example["value"]["status"]) == (code, int(status))
                assert content.get("schema") == {"$ref": "#/components/schemas/Problem"} or plain

    assert plain == []


def test_the_documentation_comes_from_this_machine(http):
    page = http.request("GET", "/docs")

    assert page.status_code == 200
    assert "//" not in page.text.replace("<!doctype html>", "")
    for address in ("/docs/files/swagger-ui.css", "/docs/files/swagger-ui-bundle.js", "/docs/start.js"):
        assert address in page.text
        assert http.request("GET", address).status_code == 200
    assert http.request("GET", "/openapi.json").json()["info"]["title"] == "Comanda OMS"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", (404, "no_such_route")),
        ("DELETE", "/cart", (405, "method_not_allowed")),
        ("GET", "/cart/changes", (405, "method_not_allowed")),
    ],
)
def test_a_wrong_address_is_a_problem_too(ana, method, path, expected):
    answer = ana.act(method, path)

    assert code_of(answer) == expected
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"changes": NaN}', b"[" * 60_000, b""])
def test_a_body_that_is_no_json_is_a_problem(ana, body):  # case 12
    headers = ana.headers | {"Idempotency-Key": "k", "Content-Type": "application/json"}

    answer = ana.http.request("POST", "/cart/changes", content=body, headers=headers)

    assert code_of(answer) == (422, "invalid_request")


def test_a_body_that_is_too_large_is_refused_unread(ana):  # case 12
    async def drip():
        for _ in range(100):
            yield b" " * 1_000

    whole = ana.change(*[{"op": "add", "sku": MILK, "quantity": "1"}] * 2_000)
    dripping = ana.http.request(
        "POST", "/cart/changes", content=drip(), headers=ana.headers | {"Content-Type": "application/json"}
    )

    assert code_of(whole) == code_of(dripping) == (413, "body_too_large")


def test_no_request_body_takes_a_field_it_does_not_know(app):  # case 79
    schemas = app.openapi()["components"]["schemas"]
    bodies = {
        reference["$ref"].rpartition("/")[2]: path
        for path, operations in app.openapi()["paths"].items()
        for operation in operations.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for reference in [content["schema"]]
        # A carrier's webhook is in the carrier's own words.
        if "$ref" in reference
    }

    assert {"CartChanges", "CheckoutChoice", "PlaceOrder", "CancelOrder"} <= set(bodies)
    nested = [name for name in ("CartChange", "LineToResolve") if name in schemas]
    for name in [*bodies, *nested]:
        assert schemas[name]["additionalProperties"] is False, name
        # Whose it is comes from the token, what it costs from the catalog; staff name what is theirs to name.
        forbidden = {"price", "total", "discount", "customer_id", "status"} - NAMED_BY_STAFF.get(name, set())
        assert not forbidden & set(schemas[name]["properties"]), name
    assert all(bodies[name].startswith("/staff/") for name in NAMED_BY_STAFF)


def test_what_breaks_inside_tells_nothing_outside(ana, app):
    @app.get("/broken", include_in_schema=False)
    def broken() -> None:
        raise RuntimeError("the password is 1234")

    answer = ana.get("/broken")

    assert code_of(answer) == (500, "internal_error")
    assert "1234" not in answer.text


def test_a_database_that_does_not_answer_is_503(ana, app):
    @app.get("/locked", include_in_schema=False)
    def locked() -> None:
        raise OperationalError("select 1", {}, Exception("database is locked"))

    answer = ana.get("/locked")

    assert code_of(answer) == (503, "database_unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_eight_writers_at_once_all_succeed(app, new_shopper):  # case 50
    """Eight threads of one process, each a customer with its own act, thirty times."""
    shoppers = [new_shopper() for _ in range(8)]
    statuses: list[int] = []

    def shop(shopper) -> None:
        with Http(app) as http:
            shopper.http = http
            for _ in range(10):
                statuses.append(shopper.change({"op": "set", "sku": MILK, "quantity": "1"}).status_code)
                statuses.append(shopper.get("/cart").status_code)
                statuses.append(shopper.change({"op": "clear"}).status_code)

    threads = [threading.Thread(target=shop, args=(shopper,)) for shopper in shoppers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 8 * 30
