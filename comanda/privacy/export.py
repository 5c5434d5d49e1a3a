"""Export: a zip with everything of one person, for them to read and for programs to use."""

from __future__ import annotations

import base64
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from backend import trail
from backend.trail import Asked
from bot.attachments.files import Files
from comanda.privacy import person as people
from comanda.privacy import trackers
from comanda.privacy.holdings import Holdings, gather
from comanda.privacy.person import Person
from comanda.terminal import TERMINAL
from kernel import clock
from kernel.config import Settings
from kernel.db import Database

README = """Tus datos / Your data
{at}

conversaciones.txt  Lo que hablamos, por canal. / What we talked about, by channel.
resumen.txt         Lo que sabemos de ti, en claro. / What we know of you, in plain words.
archivos/           Las fotos y PDF que enviaste. / The photos and PDFs you sent.
documentos/         Tus facturas. / Your invoices.
datos.json          Todo, tabla por tabla, para programas. / Everything, table by table, for programs.
asistente.json      Lo que el asistente recuerda. / What the assistant remembers.
"""


def export(settings: Settings, database: Database, named: str, target: Path) -> dict[str, int]:
    """Write the zip, readable by its owner alone; how many rows of each table are in it.

    Records: an AuditEntry, before anything of the person is in a file.
    Raises: Failure, for nobody, and for several.
    """
    with database.write() as session:
        person = people.find(session, named)
        trail.write(session, TERMINAL, Asked("comanda privacy export", person.customer_ids[0]))
    return export_person(settings, database, person, target)


def export_person(settings: Settings, database: Database, person: Person, target: Path) -> dict[str, int]:
    """The same of a person who was found; what was there under that name is written anew."""
    with database.read() as session:
        held = gather(session, person)
    remembered = trackers.read(trackers.path_of(settings), [row["id"] for row in held.get("bot_conversation", [])])
    draft = target.with_name(f"{target.name}.part")
    draft.touch(mode=0o600)
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("LEEME.txt", README.format(at=clock.now().isoformat(timespec="minutes")))
        zipped.writestr("conversaciones.txt", _talk(held))
        zipped.writestr("resumen.txt", _summary(held))
        zipped.writestr("datos.json", _json(held))
        zipped.writestr("asistente.json", _json(remembered))
        _add_files(zipped, held, Files(settings))
    draft.rename(target)
    return {name: len(rows) for name, rows in held.items()}


def _add_files(zipped: zipfile.ZipFile, held: Holdings, files: Files) -> None:
    for row in held.get("bot_attachment", []):
        content = files.path(row["conversation_id"], row["id"])
        if content.exists():
            zipped.write(content, f"archivos/{row['id']}-{row['name']}")
    numbers = {row["id"]: row["number"] for row in held.get("oms_invoice", [])}
    for row in held.get("oms_invoice_file", []):
        zipped.writestr(f"documentos/{numbers[row['invoice_id']]}.{row['format']}", row["content"])


def _talk(held: Holdings) -> str:
    who = {"customer": "Tú / You", "assistant": "Asistente / Assistant", "agent": "Tienda / Shop"}
    lines = []
    for conversation in sorted(held.get("bot_conversation", []), key=lambda row: row["created_at"]):
        lines.append(f"== {conversation['channel']}, {conversation['created_at']:%Y-%m-%d}")
        said = [row for row in held.get("bot_message", []) if row["conversation_id"] == conversation["id"]]
        lines += [f"{row['at']:%Y-%m-%d %H:%M} {who[row['author']]}: {row['text']}" for row in sorted(said, key=_seq)]
        lines.append("")
    return "\n".join(lines)


def _seq(row: dict[str, Any]) -> int:
    return int(row["seq"])


def _summary(held: Holdings) -> str:
    lines = []
    for row in held.get("oms_customer", []):
        lines += [f"{name}: {row[name]}" for name in ("name", "email", "legal_name", "tax_id", "language") if row[name]]
    lines += [f"{row['channel']}: {row['external_id']}" for row in held.get("oms_channel_identity", [])]
    lines += [f"Dirección / Address: {row['text']}" for row in held.get("oms_address", [])]
    lines += [
        f"Pedido / Order {row['number']}: {row['status']}, {_amount(row, 'total_minor')}, {row['address']}"
        for row in held.get("oms_order", [])
    ]
    lines += [
        f"Factura / Invoice {row['number']}: {_amount(row, 'payable_minor')}" for row in held.get("oms_invoice", [])
    ]
    lines += [
        f"Autorización / Consent {row['kind']} {row['version'] or ''}: {row['given_at']:%Y-%m-%d}, {row['channel']}, "
        f"«{row['wording']}»"
        for row in held.get("oms_consent", [])
    ]
    return "\n".join(lines) + "\n"


def _amount(row: dict[str, Any], name: str) -> str:
    return f"{row[name]} {row['currency']} (minor units)"


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, Decimal):
        return str(value)
    return str(value)
