"""`comanda audit`: are the books in order?"""

from __future__ import annotations

import json
from dataclasses import asdict

from backend.audit import audit
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
