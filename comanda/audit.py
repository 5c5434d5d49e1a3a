"""`comanda audit` and `comanda stuck`: are the books in order, does every order go on?"""

from __future__ import annotations

import json
from dataclasses import asdict

from backend.audit import audit
from backend.workflows.find_stuck_orders import find_stuck_orders
from kernel.config import Settings
from kernel.db import Database


def audit_books(settings: Settings, *, as_json: bool) -> int:
    """Print what does not hold of stock, reservations and orders; returns 0 when everything does, else 1."""
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            findings = audit(session)
    finally:
        database.dispose()
    for finding in findings:
        if as_json:
            print(json.dumps(asdict(finding), default=str))
        else:
            facts = ", ".join(f"{name} {value}" for name, value in finding.facts.items())
            print(f"✗ {finding.subject}: {finding.invariant}: does not hold ({facts})")
    if not findings and not as_json:
        print("✓ The books are in order.")
    return 1 if findings else 0


def list_stuck(settings: Settings, *, as_json: bool) -> int:
    """Print the orders that have been too long where they are, longest first; returns 0 when there are none, else 1."""
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            found = find_stuck_orders(session)
    finally:
        database.dispose()
    for one in found:
        if as_json:
            print(json.dumps(asdict(one), default=str))
        else:
            print(f"✗ {one.number}: {one.es} ({one.en}), {one.since:%Y-%m-%d %H:%M} UTC")
    if not found and not as_json:
        print("✓ Every order goes on.")
    return 1 if found else 0
