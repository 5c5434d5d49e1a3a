"""`comanda privacy`: what is said at the terminal while a person's data is handed out or erased."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from comanda.database import opened
from comanda.failure import Failure
from comanda.privacy import person as people
from comanda.privacy.erase import Receipt, erase, erase_again, erased_at
from comanda.privacy.export import export
from comanda.progress import Steps, say
from kernel.config import Settings


def export_to(settings: Settings, named: str, target: Path) -> None:
    if target.exists():
        raise Failure(f"{target} is there already: name another file with --to")
    with opened(settings) as database, Steps(total=1).step("Everything of this person") as step:
        rows = export(settings, database, named, target)
        with database.read() as session:
            at = erased_at(settings, people.find(session, named))
        erased = f"; they were erased at {at}, and this is what the law has you keep" if at else ""
        step.outcome = f"is in {target}: {sum(rows.values())} rows of {len(rows)} tables{erased}"


def erase_one(settings: Settings, named: str) -> None:
    with opened(settings) as database, Steps(total=1).step("Erasing") as step:
        receipt = erase(settings, database, named)
        step.outcome = _outcome(receipt)
    print(json.dumps(asdict(receipt), indent=1))


def erase_restored(settings: Settings) -> None:
    with opened(settings) as database, Steps(total=1).step("Erasing again who was erased before") as step:
        receipts = erase_again(settings, database)
        step.outcome = f"did so for {len(receipts)}"


def _outcome(receipt: Receipt) -> str:
    if receipt.left:
        say(f"comanda: words that name this person are left in: {', '.join(receipt.left)}")
    kept = sum(count for one in receipt.kept.values() for count in one["rows"].values())
    return f"done: {sum(receipt.erased.values())} rows, {receipt.files} files; {kept} rows kept by law"
