"""The wording of e-mails to partners, plain text and simple HTML, in both languages (letters.yml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from kernel.quantities import counted
from kernel.yaml_files import read_yaml

_FILE = Path(__file__).with_name("letters.yml")


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of a purchase order; names by language, `unit` empty for base units."""

    quantity: str
    unit: Mapping[str, str]
    sku: str
    name: Mapping[str, str]


@cache
def _catalogue() -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(_FILE)
    return content


def write(
    kind: str,
    language: str,
    shop: str,
    partner: str,
    number: str,
    lines: Sequence[Asked],
    lead_days: int,
    address: str,
    link: str | None = None,
) -> Letter:
    """The letter `sent`, `changed` or `cancelled` about a purchase order; `link` opens the page to answer on."""
    known = {"shop": shop, "partner": partner, "number": number, "lead_days": lead_days, "address": address}
    template = _catalogue()[kind]
    subject = template["subject"][language].format_map(known)
    paragraphs = [paragraph.format_map(known) for paragraph in template["says"][language]]
    listed = [f"{_how_much(line, language)} × {line.name[language]} ({line.sku})" for line in lines]
    deliver_to = _catalogue()["deliver_to"][language].format_map(known)
    answer_here = _catalogue()["answer_here"][language]
    answer = [f"{answer_here}: {link}"] if link else []
    text = "\n\n".join([*paragraphs, "\n".join(f"- {line}" for line in listed), deliver_to, *answer, shop]) + "\n"
    items = "".join(f"<li>{escape(line)}</li>" for line in listed)
    said = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    button = f'<p><a href="{escape(link)}">{escape(answer_here)}</a></p>' if link else ""
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
        f"<body>{said}<ul>{items}</ul><p>{escape(deliver_to)}</p>{button}<p><strong>{escape(shop)}</strong></p></body></html>"
    )
    return Letter(subject, text, html)


def _how_much(line: Asked, language: str) -> str:
    unit = line.unit[language]
    return counted(line.quantity, unit, language) if unit else line.quantity
