"""The wording of e-mails: one letter per fact, plain text and simple HTML, in both languages (letters.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from babel.dates import format_date

from kernel.money import Money, format_money
from kernel.quantities import amount
from kernel.yaml_files import read_yaml

LOCALES = {"es": "es_CO", "en": "en_US"}
LANGUAGES = tuple(LOCALES)
_OF_A_CODE = ("code_subject", "code_says", "code_why")
_FILE = Path(__file__).with_name("letters.yml")


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


@cache
def catalogue() -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(_FILE)
    return content


def write(kind: str, language: str, shop: str, name: str | None, facts: dict[str, Any]) -> Letter:
    """The letter about an event of this kind, of its payload."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    words = {key: text[language] for key, text in catalogue()["words"].items()}
    known = _known(facts, words, language) | {"shop": shop, "comma_name": f" {name}" if name else ""}
    chosen_by = ("resolution", "stage", "reason", "kind")
    reasons = facts.get("reasons") or [next((facts[name] for name in chosen_by if facts.get(name)), None)]
    template = catalogue()[kind]
    if len(reasons) == 1:
        template = template.get("when", {}).get(reasons[0], template)
    subject = template["subject"][language].format_map(known)
    greeting = catalogue()["greeting"][language].format_map(known)
    paragraphs = list(filter(None, (paragraph.format_map(known) for paragraph in template["says"][language])))
    lines = [_line(line, language) for line in facts.get("lines") or () if isinstance(line, dict)]
    list_title = template.get("lines", catalogue()["lines"])[language]
    url = str(facts.get(template.get("link", "tracking_url")) or "")
    link = (
        (template["button"][language], url)
        if "button" in template and url.startswith(("http://", "https://"))
        else None
    )
    why = catalogue()["why"][language].format_map(known)
    return Letter(
        subject,
        _text(greeting, paragraphs, list_title, lines, link, shop, why),
        _html(language, subject, greeting, paragraphs, list_title, lines, link, shop, why),
    )


def code(language: str, shop: str, code: str) -> Letter:
    """The letter that brings a code to whoever reads at an address."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    known = {"shop": shop, "code": code, "comma_name": ""}
    said = {key: text[language].format_map(known) for key, text in catalogue()["words"].items() if key in _OF_A_CODE}
    subject, says, why = (said[key] for key in _OF_A_CODE)
    greeting = catalogue()["greeting"][language].format_map(known)
    text = _text(greeting, [says], "", [], None, shop, why)
    return Letter(subject, text, _html(language, subject, greeting, [says], "", [], None, shop, why))


def _known(facts: dict[str, Any], words: dict[str, str], language: str) -> dict[str, str]:
    known = {key: "" if value is None else str(value) for key, value in facts.items()}
    for expected in ("number", "location", "code", "carrier", "tracking_number", "document"):
        known.setdefault(expected, "")
    known["carrier"] = known.get("carrier_name") or known["carrier"]
    known["where"] = f", {facts['address']}" if facts.get("address") else ""
    location = facts.get("location")
    if isinstance(location, dict):
        known["location"] = str(location.get("name", ""))
    total = facts.get("total") or facts.get("amount")
    known["amount"] = _amount(total, language) if isinstance(total, dict) else ""
    known["discounted"] = _discounted(facts.get("discount"), known["amount"], words, language)
    day = facts.get("promised_on")
    known["arrives"] = words["arrives"].format(day=_day(day, language)) if day else ""
    known["because"] = words["because"].format(reason=facts["reason"]) if facts.get("reason") else ""
    known["due_day"] = _day(facts["due_on"], language) if facts.get("due_on") else ""
    is_part = facts.get("is_partial") or facts.get("is_last") is False
    known["what"] = words["part" if is_part else "whole"].format(number=known["number"])
    known["what_lower"] = known["what"][0].lower() + known["what"][1:]
    known |= _of_return(facts, words, language)
    known["missing"] = ", ".join(_line(line, language) for line in facts.get("shortages") or ())
    return known


def _discounted(discount: dict[str, Any] | None, total: str, words: dict[str, str], language: str) -> str:
    """What was taken off, and the total that is left; nothing where there is no discount."""
    if not discount:
        return ""
    off = _amount(discount["amount"], language)
    return words["discounted"].format(name=_name(discount, language), off=off, amount=total)


def _of_return(facts: dict[str, Any], words: dict[str, str], language: str) -> dict[str, str]:
    """What of a return is said only where it is so: the days that were promised, and what its customer gets."""
    days = ("answer_by", "send_by", "inspect_by", "pay_by", "not_sent_by")
    said = {name: words[name].format(day=_day(facts[name], language)) if facts.get(name) else "" for name in days}
    if facts.get("needs_goods") is False:
        said["send_by"] = words["keep_goods"]
    for name in ("given_back", "charged", "costs_more", "refunded", "kept"):
        amount = facts.get(name) or {"amount_minor": 0}
        said[name] = words[name].format(amount=_amount(amount, language)) if amount["amount_minor"] > 0 else ""
    credited = facts.get("credited") or {"amount_minor": 0}
    if not said["given_back"] and credited["amount_minor"] > 0:
        said["given_back"] = words["owed_less"].format(amount=_amount(credited, language))
    return said | {name: str(facts.get(name) or "") for name in ("return", "exchange_order")}


def _amount(total: dict[str, Any], language: str) -> str:
    return format_money(Money(int(total["amount_minor"]), str(total["currency"])), LOCALES[language])


def _day(day: str, language: str) -> str:
    pattern = "EEEE d 'de' MMMM" if language == "es" else "EEEE, MMMM d"
    return format_date(date.fromisoformat(day), pattern, locale=language)


def _name(named: dict[str, Any], language: str) -> str:
    name = named.get("name_en") if language == "en" else named.get("name")
    return str(name or named.get("name") or named.get("sku", ""))


def _line(line: dict[str, Any], language: str) -> str:
    """`2 × Leche entera 1 L`, `2 cajas de Leche entera 1 L`; by the piece where no unit is told."""
    name = _name(line, language)
    if not line.get("quantity"):
        return name
    return f"{amount(line['quantity'], line.get('unit'), line.get(f'unit_name_{language}'), language)} {name}"


def _text(
    greeting: str,
    paragraphs: list[str],
    list_title: str,
    lines: list[str],
    link: tuple[str, str] | None,
    shop: str,
    why: str,
) -> str:
    parts = [greeting, *paragraphs]
    if lines:
        parts.append("\n".join([list_title, *(f"- {line}" for line in lines)]))
    if link:
        parts.append(f"{link[0]}: {link[1]}")
    parts += [shop, f"--\n{why}"]
    return "\n\n".join(parts) + "\n"


def _html(
    language: str,
    subject: str,
    greeting: str,
    paragraphs: list[str],
    list_title: str,
    lines: list[str],
    link: tuple[str, str] | None,
    shop: str,
    why: str,
) -> str:
    """One column, no image, nothing loaded from anywhere: every mail program shows it, and none reports back."""
    inside = [f"<p>{escape(text)}</p>" for text in (greeting, *paragraphs)]
    if lines:
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        inside.append(f"<p>{escape(list_title)}</p><ul>{items}</ul>")
    if link:
        style = "background:#14532d;color:#fff;padding:12px 20px;border-radius:8px;text-decoration:none"
        inside.append(f'<p><a href="{escape(link[1])}" style="{style}">{escape(link[0])}</a></p>')
    inside.append(f"<p><strong>{escape(shop)}</strong></p>")
    inside.append(f'<p style="color:#666;font-size:13px">{escape(why)}</p>')
    body = "font:16px/1.5 system-ui,sans-serif;color:#1c1917;max-width:36em;margin:24px auto;padding:0 16px"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
        f'<body style="{body}">{"".join(inside)}</body></html>'
    )
