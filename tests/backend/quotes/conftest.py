"""Quotes as sales writes them."""

from itertools import count

import pytest

from tests.backend.shopper import staff_as

ADDRESS = "Calle 45 # 12-30, Bogotá"
WHOLE = {"address_text": ADDRESS, "payment_method": "nequi"}


class QuoteDesk:
    """Someone of sales who drafts what a customer wants."""

    def __init__(self, http):
        self.http, self.headers, self._keys = http, staff_as("sales"), count(1)

    def act(self, method, path, body, key=None):
        headers = self.headers | {"Idempotency-Key": key or f"q:{next(self._keys)}"}
        return self.http.request(method, f"/staff{path}", json=body, headers=headers)

    def draft(self, customer, *lines, **facts):
        wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
        return self.act("POST", "/quotes", {"customer_id": customer, "lines": wanted} | WHOLE | facts)

    def sent(self, customer, *lines, **facts):
        quote = self.draft(customer, *lines, **facts).json()
        answer = self.act("POST", f"/quotes/{quote['number']}/send", {"version": quote["version"]})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, number):
        return self.http.request("GET", f"/staff/quotes/{number}", headers=self.headers).json()

    def place(self, quote, **given):
        body = {"version": quote["version"], "confirmation": quote["confirmation"]} | given
        return self.act("POST", f"/quotes/{quote['number']}/place", body)


@pytest.fixture
def desk(http, market):
    return QuoteDesk(http)
