"""Stripe as our adapter meets it: sessions, charges and refunds over HTTP, idempotency keys, and answers that are lost.

Field names and states are those of Stripe's published API description; money moves when a test says so.
"""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import stripe

SECRET = "whsec_test"
FEE = 29_000
DISPUTE_FEE = 60_000


class StripePeer:
    def __init__(self):
        self.sessions, self.refunds, self.disputes, self.asked, self.kept = {}, {}, [], [], {}
        # What is listed of a day; a test says when.
        self.charges, self.refund_rows, self.payouts = [], [], []
        # What becomes of the next calls: an HTTP status instead of doing it; "lost" does it and answers nothing.
        self.faults = []
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_port}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    @property
    def keys(self):
        """How often each idempotency key was sent."""
        return Counter(key for _, _, key in self.asked if key)

    def pay(self, session_id, currency=None, fee_in=None):
        session = self.sessions[session_id]
        currency, amount = currency or session["currency"], session["amount_total"]
        balance = {"id": "txn_1", "object": "balance_transaction", "fee": FEE, "currency": fee_in or currency}
        charge = {"id": "ch_1", "object": "charge", "amount": amount, "amount_refunded": 0, "disputed": False}
        charge |= {"currency": currency, "balance_transaction": balance}
        intent = {"id": f"pi_{session_id}", "object": "payment_intent", "amount_received": amount}
        intent |= {"currency": currency, "status": "succeeded", "latest_charge": charge}
        session.update(status="complete", payment_status="paid", payment_intent=intent)

    def dispute(self, session_id, status):
        """The customer's bank takes it back, or decides: needs_response, won, lost; warning_… only asks."""
        intent = self.sessions[session_id]["payment_intent"]
        intent["latest_charge"]["disputed"] = True
        about = {"id": "dp_1", "object": "dispute", "payment_intent": intent["id"], "currency": intent["currency"]}
        taken = [{"id": "txn_2", "object": "balance_transaction", "fee": DISPUTE_FEE, "currency": intent["currency"]}]
        about |= {"amount": intent["amount_received"], "status": status, "balance_transactions": taken}
        self.disputes = [about]

    def leave_unpaid(self, session_id, status):
        """A bank debit: the page is done with, the money is to come (`processing`) or did not."""
        session = self.sessions[session_id]
        intent = {"id": f"pi_{session_id}", "object": "payment_intent", "amount_received": 0, "latest_charge": None}
        intent |= {"currency": session["currency"], "status": status}
        session.update(status="complete", payment_status="unpaid", payment_intent=intent)

    def event(self, kind, about, event_id="evt_1"):
        told = {"id": event_id, "object": "event", "type": kind, "created": int(time.time()), "livemode": False}
        return told | {"data": {"object": about}}

    def answer(self, method, path, form, key):
        self.asked.append((method, path, key))
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, int):
            return fault, {"error": {"type": "api_error", "message": "not now"}}
        if key in self.kept:
            before, told = self.kept[key]
            if before != form:
                return 400, {"error": {"type": "idempotency_error", "message": "another body"}}
        else:
            status, told = self._do(method, path, form)
            if status != 200:
                return status, {"error": {"type": "invalid_request_error", "message": "no"}}
            if key:
                self.kept[key] = form, told
        return (None, None) if fault == "lost" else (200, told)

    def _do(self, method, path, form):
        parts = path.removeprefix("/v1/").split("/")
        if (method, parts) == ("POST", ["checkout", "sessions"]):
            made = f"cs_test_{len(self.sessions) + 1}"
            self.sessions[made] = {
                "id": made,
                "object": "checkout.session",
                "url": f"https://checkout.stripe.com/c/pay/{made}",
                "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
                "currency": form["line_items[0][price_data][currency]"],
                "client_reference_id": form["client_reference_id"],
                "livemode": False,
                "expires_at": int(form["expires_at"]),
                "status": "open",
                "payment_status": "unpaid",
                "payment_intent": None,
            }
            return 200, self.sessions[made]
        if parts[:2] == ["checkout", "sessions"]:
            session = self.sessions.get(parts[2])
            if session is None or (parts[3:] == ["expire"] and session["status"] != "open"):
                return 404 if session is None else 400, None
            if parts[3:] == ["expire"]:
                session["status"] = "expired"
            intent = session["payment_intent"]
            is_whole = intent is None or any(name.startswith("expand") for name in form)
            return 200, session if is_whole else session | {"payment_intent": intent["id"]}
        if method == "GET" and "created[gte]" in form:
            return 200, self._list(parts[0], form)
        if (method, parts) == ("GET", ["refunds"]):
            mine = [each for each in self.refunds.values() if each["payment_intent"] == form["payment_intent"]]
            return 200, {"object": "list", "url": path, "has_more": False, "data": mine[::-1]}
        if (method, parts) == ("GET", ["disputes"]):
            mine = [each for each in self.disputes if each["payment_intent"] == form["payment_intent"]]
            return 200, {"object": "list", "url": path, "has_more": False, "data": mine[::-1]}
        assert (method, parts) == ("POST", ["refunds"]), path
        intent = self.sessions[form["payment_intent"].removeprefix("pi_")]["payment_intent"]
        charge, amount = intent["latest_charge"], int(form["amount"])
        if charge["amount_refunded"] + amount > charge["amount"]:
            return 400, None
        charge["amount_refunded"] += amount
        made = f"re_{len(self.refunds) + 1}"
        about = {"payment_intent": form["payment_intent"], "metadata": {"refund": form["metadata[refund]"]}}
        self.refunds[made] = {"id": made, "object": "refund", "amount": amount, "status": "succeeded"} | about
        return 200, self.refunds[made]

    def _list(self, name, form):
        """Newest first, two a page: what was made from one second to before another."""
        everything = {"charges": self.charges, "refunds": self.refund_rows, "payouts": self.payouts}[name]
        since, until = int(form["created[gte]"]), int(form["created[lt]"])
        rows = [row for row in everything if since <= row["created"] < until]
        after = form.get("starting_after")
        first = next((place + 1 for place, row in enumerate(rows) if row["id"] == after), 0)
        page = rows[first : first + 2]
        listed = {"object": "list", "url": f"/v1/{name}", "data": page}
        return listed | {"has_more": first + 2 < len(rows)}

    def _handler(self):
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.respond(dict(parse_qsl(urlsplit(self.path).query)))

            def do_POST(self):
                length = int(self.headers.get("content-length") or 0)
                self.respond(dict(parse_qsl(self.rfile.read(length).decode())))

            def respond(self, form):
                # The SDK makes a key of its own for what has none.
                path, key = urlsplit(self.path).path, self.headers.get("idempotency-key")
                status, told = peer.answer(self.command, path, form, key)
                if status is None:
                    self.close_connection = True
                    return
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        return Handler


def signed(event, *, secret=SECRET, at=None):
    """The headers and the body of a webhook, as Stripe signs it."""
    body = event if isinstance(event, str) else json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, int(at or time.time()))
    return {"stripe-signature": header, "content-type": "application/json"}, body
