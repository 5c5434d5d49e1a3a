"""The receipt of a refund, by a link that needs no login and ends when the money comes back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from backend.invoicing.pdf import typeset
from backend.workflows import print_refund
from backend.workflows.check_payment import fold
from backend.workflows.link_receipt import LASTS
from comanda.documents import create_app
from kernel import clock
from tests.backend.payments.test_refunds import ask, number, paid, send, told
from tests.backend.shopper import Http, code_of

__all__ = ["number", "paid"]


@pytest.fixture
def page(app: Any, settings: Any) -> Iterator[Any]:
    settings.backend_url = "http://oms"
    with Http(create_app(settings, httpx.ASGITransport(app))) as client:

        def open_(url: str) -> Any:
            return client.request("GET", url.partition("/f")[2], follow_redirects=False)

        yield open_


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was typeset."""
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(print_refund, "typeset", lambda page, *rest: seen.append(page) or typeset(page, *rest))
    return seen


def test_what_went_back_has_a_receipt_that_says_how_much_when_and_to_where(number, paid, online, finance, page, pages):
    send(online, ask(finance, paid, 300_000))

    [said] = told(online, "refund.succeeded")
    receipts = [page(address) for address in (said["receipt_url"], f"{said['receipt_url']}/pdf")]
    for receipt in receipts:
        assert (receipt.status_code, receipt.headers["content-type"]) == (200, "application/pdf")
        assert receipt.content.startswith(b"%PDF-")
        assert receipt.headers["cache-control"] == "no-store"
    assert receipts[0].content == receipts[1].content
    assert (pages[0]["number"], pages[0]["amount"]["value"]) == ("DEV-10001", "$3.000")
    values = {each["name"]: each["value"] for each in pages[0]["facts"]}
    assert (values["Pedido"], values["Pago"]) == (number, paid.number)
    assert pages[0]["note"].startswith("No es factura ni nota crédito. Tu banco")


def test_what_was_given_back_in_cash_has_one_too_and_no_bank_is_spoken_of(finance, number, online, page, pages):
    payment = finance.pay(number, 200_000)
    made = finance.post(
        f"/payments/{payment['number']}/refunds", {"amount_minor": 100_000, "currency": "COP", "reason": "Faltó pan"}
    ).json()
    finance.post(f"/refunds/{made['number']}/payout", {"out_of": "cash", "reference": "R-1"})

    assert page(told(online, "refund.succeeded")[0]["receipt_url"]).status_code == 200
    assert pages[0]["note"] == "No es factura ni nota crédito."


def test_before_it_went_back_there_is_no_receipt_and_once_it_came_back_none_any_more(paid, online, finance, page):
    made = ask(finance, paid, 300_000)
    assert "receipt_url" not in told(online, "refund.approved")[0]
    send(online, made)
    url = told(online, "refund.succeeded")[0]["receipt_url"]
    assert page(url).status_code == 200

    before = online.demo.look(paid.provider_ref)
    failed = replace(before, refunds=tuple(replace(each, status="failed") for each in before.refunds))
    with online.database.write() as session:
        fold(session, session.merge(online.payment()), failed, "demo")

    gone = page(url)
    assert gone.status_code == 404
    assert "Este enlace no abre ningún comprobante" in gone.text


def test_a_link_that_is_not_genuine_or_over_opens_no_receipt(paid, online, finance, page):
    send(online, ask(finance, paid, 300_000))
    url = told(online, "refund.succeeded")[0]["receipt_url"]

    receipts, _, genuine = url.rpartition("/")
    forged = genuine[:-1] + ("B" if genuine[-1] == "A" else "A")
    for token in ("x", forged):
        assert page(f"{receipts}/{token}").status_code == 404
    # Nor does it open a document, or a label.
    assert page(f"/f/{genuine}").status_code == 404
    assert page(f"/f/label/{genuine}").status_code == 404
    with time_machine.travel(clock.now() + LASTS + timedelta(minutes=1)):
        assert page(url).status_code == 404


def test_staff_open_the_receipt_of_what_is_back_and_of_nothing_else(paid, online, finance, page):
    made = ask(finance, paid, 300_000)

    def receipt(refund: str = "DEV-10001") -> Any:
        return finance.http.request("GET", f"/staff/refunds/{refund}/receipt", headers=finance.headers)

    assert code_of(receipt()) == (409, "refund_not_back")
    assert finance.get("/refunds/DEV-10001")["is_receipted"] is False

    send(online, made)

    shown = receipt()
    assert (shown.status_code, shown.headers["content-type"]) == (200, "application/pdf")
    assert shown.content == page(told(online, "refund.succeeded")[0]["receipt_url"]).content
    assert finance.get("/refunds/DEV-10001")["is_receipted"] is True
    assert code_of(receipt("DEV-99999")) == (404, "refund_not_found")
