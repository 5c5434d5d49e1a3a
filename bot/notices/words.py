"""The wording of notices (words.yml): an event's facts as a customer reads them, with the question they raise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_time

from bot.conversations.service import Button, Enclosed
from bot.notices.plan import CODE, FEEDBACK
from bot.replies import DEFAULT_LANGUAGE, LANGUAGES
from kernel.money import Money, format_money
from kernel.quantities import amount
from kernel.yaml_files import read_yaml

# Stands for a secret in what is stored, and shown to staff: only what leaves has it (bot/telling/secrets_said.py).
MASK = "••••••"
_FILE = Path(__file__).with_name("words.yml")
SUBSTITUTES_MOST = 3
LOCALES = {"es": "es_CO", "en": "en_US"}
# What a customer may want to talk to a person about.
PERSONAL = ("shipment.returned", "return.rejected", "return.resolved.none")
# What the assistant calls the question about goods that were not found; "shortage" is its word for a cart's.
SHORTAGE = "order_shortage"
# What becomes of a parcel that came back undelivered (actions/returns/bounced.py).
BOUNCED = "parcel_bounced"


# What goes with a notice as a file: the facts that name it, and that say its page, of which `/pdf` is the file.
ENCLOSED = {
    "invoice.issued": ("document", "document_url"),
    "invoice.sent": ("document", "document_url"),
    "credit_note.issued": ("document", "document_url"),
    "return.accepted": ("return", "label_url"),
    "refund.succeeded": ("refund", "receipt_url"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the assistant keeps it open (actions/questions.py): options have `value`, `title` and `also`."""

    kind: str
    options: tuple[dict[str, str], ...]
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said; `question` is what it asks, and then `buttons` are its answers; `enclosures` go with it."""

    text: str
    buttons: tuple[Button, ...] = ()
    question: Question | None = None
    enclosures: tuple[Enclosed, ...] = ()


@cache
def catalogue() -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(_FILE)
    return content


def word(what: str, language: str, facts: dict[str, Any]) -> list[Words]:
    """The messages of a notice, usually one: of several missing goods each is a question of its own."""
    language = language if language in LANGUAGES else DEFAULT_LANGUAGE
    if what == "fulfillment.short":
        return [_shortage(facts, shortage, language) for shortage in facts.get("shortages") or ()]
    if what == CODE:
        facts = facts | {"code": MASK}
    key = f"{what}.{_reason(facts)}"
    key = key if key in catalogue() else what
    text = str(catalogue()[key][language]).format_map(_known(facts, language))
    if what == "shipment.returned" and facts.get("return"):
        return [_bounced(text, facts, language)]
    if key in PERSONAL or what in ("shipment.exception", "payment_proof.rejected"):
        return [Words(text, (Button(_say("person", language), "/human_request"),))]
    if what == "quote.sent":
        accept = _payload("quote_accept", quote_number=facts["number"], confirmation=facts["confirmation"])
        return [Words(text, (Button(_say("accept_quote", language), accept),))]
    if what == FEEDBACK:
        return [_feedback(text, facts, language)]
    return [Words(text, enclosures=_enclosed(what, facts))]


def _enclosed(what: str, facts: dict[str, Any]) -> tuple[Enclosed, ...]:
    """The document itself, where there is one to be had."""
    name, page = (facts.get(fact) for fact in ENCLOSED.get(what, ("", "")))
    return (Enclosed(f"{name}.pdf", f"{page}/pdf"),) if name and page else ()


def _reason(facts: dict[str, Any]) -> str:
    """What a notice of several wordings chooses by: how a return ended, what went wrong, how late, why held."""
    reasons = facts.get("reasons") or [facts.get("reason")]
    only = reasons[0] if len(reasons) == 1 else None
    return str(facts.get("resolution") or facts.get("kind") or facts.get("stage") or only)


def _feedback(text: str, facts: dict[str, Any], language: str) -> Words:
    number = facts["number"]
    answers = (("yes_arrived", True), ("no_arrived", False))
    buttons = tuple(
        Button(_say(title, language), _payload(FEEDBACK, order_number=number, ok=ok)) for title, ok in answers
    )
    return Words(text, buttons, Question(FEEDBACK, (), {"order_number": number}))


def _bounced(text: str, facts: dict[str, Any], language: str) -> Words:
    """Sent again, or not; the money is spoken of where some was paid."""
    wishes = ("replacement", "refund", "store_credit") if facts.get("is_paid") else ("replacement", "refund")
    titles = ("again", "money", "credit_kept") if facts.get("is_paid") else ("again", "no_more")
    context = {"return_number": facts["return"], "order_number": facts["number"], "is_paid": bool(facts.get("is_paid"))}
    options = tuple(
        {"value": wish, "title": _say(title, language), "also": ""} for wish, title in zip(wishes, titles, strict=True)
    )
    buttons = tuple(
        Button(each["title"], _payload("parcel_choose", return_number=facts["return"], choice=each["value"]))
        for each in options
    )
    return Words(text, buttons, Question(BOUNCED, options, context))


def _shortage(facts: dict[str, Any], shortage: dict[str, Any], language: str) -> Words:
    """Wait, take something else, or go without: what the customer may answer by button, number or words."""
    key = f"fulfillment.short.{facts.get('why')}"
    text = str(catalogue()[key if key in catalogue() else "fulfillment.short"][language])
    known = _known({**facts, "shortages": [shortage]}, language)
    common = {"order_number": facts["number"], "shortage": shortage["id"]}
    answers: list[tuple[str, dict[str, str]]] = []
    for substitute in list(shortage.get("substitutes") or ())[:SUBSTITUTES_MOST]:
        title = _say("substitute", language).format(name=_name(substitute, language))
        answers.append((title, {"choice": "substitute", "sku": substitute["sku"]}))
    wait_until = shortage.get("wait_until")
    wait = _say("wait_until", language).format(day=_day(wait_until, language)) if wait_until else _say("wait", language)
    answers += [(wait, {"choice": "wait"}), (_say("drop", language), {"choice": "drop"})]
    return Words(
        text.format_map(known),
        tuple(Button(title, _payload("shortage_resolve", **common, **chosen)) for title, chosen in answers),
        Question(
            SHORTAGE,
            tuple({"value": json.dumps(chosen), "title": title, "also": ""} for title, chosen in answers),
            common | {"name": shortage.get("name", ""), "name_en": shortage.get("name_en", "")},
        ),
    )


def _known(facts: dict[str, Any], language: str) -> dict[str, str]:
    """The facts as words; what an event does not say is the empty text."""
    known = {key: "" if value is None else str(value) for key, value in facts.items()}
    for expected in ("number", "location", "code", "url", "document", "document_url", "refund"):
        known.setdefault(expected, "")
    location = facts.get("location")
    if isinstance(location, dict):
        known["location"] = str(location.get("name", ""))
    known["carrier"] = known.get("carrier_name") or known.get("carrier", "")
    number = known["number"]
    extent = "part" if facts.get("is_partial") or facts.get("is_last") is False else "whole"
    day = facts.get("promised_on")
    carried = facts.get("carrier") and facts.get("tracking_number")
    url = str(facts.get("tracking_url") or "")
    known |= _of_return(facts, language)
    return known | {
        "what": _say(extent, language).format(number=number),
        "what_lower": _say(f"{extent}_lower", language).format(number=number),
        "arrives": _say("arrives", language).format(day=_day(day, language)) if day else "",
        "until": _until(facts.get("until"), language),
        "because": _say("because", language).format(reason=known["reason"]) if known.get("reason") else "",
        "with_carrier": _say("with_carrier", language).format_map(known) if carried else "",
        "tracking": _say("tracking", language).format(url=url) if url else "",
        "where": _say("where", language).format_map(known) if known.get("address") else "",
        "map": _say("map", language).format(url=facts["map_url"]) if facts.get("map_url") else "",
        "receipt": _say("receipt", language).format(url=facts["receipt_url"]) if facts.get("receipt_url") else "",
        "missing": _listed([_amount(each, language) for each in facts.get("shortages") or ()], language),
        "listed": _listed([_amount(each, language) for each in facts.get("lines") or ()], language),
        "filled": _amount(facts, language),
        "difference": _difference(facts, language),
        "due_day": _day(facts["due_on"], language) if facts.get("due_on") else "",
        "amount": _money(facts.get("amount"), language),
        "total_amount": _money(facts.get("total"), language),
        "due": _if_any("due", facts.get("due"), language),
        "to_balance": _if_any("to_balance", facts.get("to_balance"), language),
        "goes_back": _if_any("goes_back", facts.get("goes_back"), language),
        "paid_in_vain": _if_any("paid_in_vain", facts.get("goes_back"), language),
    }


def _of_return(facts: dict[str, Any], language: str) -> dict[str, str]:
    """What of a return is said only where it is so: the days that were promised, and what the customer gets."""
    said = {
        name: _say(name, language).format(day=_day(facts[name], language)) if facts.get(name) else ""
        for name in ("answer_by", "send_by", "inspect_by", "pay_by", "not_sent_by")
    }
    if facts.get("needs_goods") is False:
        said["send_by"] = _say("keep_goods", language)
    label = facts.get("label_url")
    said["label"] = _say("label", language).format(url=label) if label else ""
    given, credited = facts.get("given_back"), facts.get("credited")
    owed_less = _if_any("owed_less", credited, language)
    return said | {
        "given_back": _if_any("given_back", given, language) or owed_less,
        "credit": _if_any("credit", given, language) or owed_less,
        **{name: _if_any(name, facts.get(name), language) for name in ("charged", "costs_more", "refunded", "kept")},
    }


def _if_any(what: str, amount: dict[str, Any] | None, language: str) -> str:
    """A sentence about an amount; none about nothing."""
    is_some = amount is not None and amount["amount_minor"] > 0
    return _say(what, language).format(amount=_money(amount, language)) if is_some else ""


def _until(instant: str | None, language: str) -> str:
    """An instant of the shop's day, in words."""
    if instant is None:
        return ""
    local = datetime.fromisoformat(instant)
    day, time = _day(local.date().isoformat(), language), format_time(local.time(), "short", locale=LOCALES[language])
    return _say("until", language).format(day=day, time=time)


def _money(amount: dict[str, Any] | None, language: str) -> str:
    if amount is None:
        return ""
    return format_money(Money(amount["amount_minor"], amount["currency"]), LOCALES[language])


def _difference(facts: dict[str, Any], language: str) -> str:
    difference = int(facts.get("difference_minor") or 0)
    if not difference:
        return ""
    amount = format_money(Money(abs(difference), str(facts["currency"])), LOCALES[language])
    return _say("more" if difference > 0 else "less", language).format(amount=amount)


def _amount(line: dict[str, Any], language: str) -> str:
    """`2 × Leche entera 1 L`, `2 cajas de Leche entera 1 L`; by the piece where no unit is told."""
    name = _name(line, language)
    if not line.get("quantity"):
        return name
    return f"{amount(line['quantity'], line.get('unit'), line.get(f'unit_name_{language}'), language)} {name}"


def _name(line: dict[str, Any], language: str) -> str:
    other = line.get("name_en") if language == "en" else None
    return str(other or line.get("name") or line.get("sku", ""))


def _listed(parts: list[str], language: str) -> str:
    return _say("and", language).join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _day(day: str, language: str) -> str:
    pattern = "EEEE d 'de' MMMM" if language == "es" else "EEEE, MMMM d"
    return format_date(date.fromisoformat(day), pattern, locale=language)


def _say(key: str, language: str) -> str:
    return str(catalogue()["words"][key][language])


def _payload(intent: str, **entities: Any) -> str:
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}"
