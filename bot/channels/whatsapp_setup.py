"""Setup: whether what a shop set up at Twilio is what Comanda needs: its sender, and the templates that its file names.

Plain values, as Twilio told them. Sources: Twilio, "Senders API", "Content API resources", "Content types overview".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.base import SEVERAL
from bot.channels.templates import ANY, Template, Templates
from bot.notices.plan import CODE

LANGUAGES = ("es", "en")
_QUICK_REPLY, _LIST_PICKER, _AUTHENTICATION = "twilio/quick-reply", "twilio/list-picker", "whatsapp/authentication"
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# What a shop has templates for, as `lacking` calls it.
_NEEDED = {ANY: "news after 24 hours", SEVERAL: "several notices at once", CODE: "one-time codes"}


@dataclass(frozen=True, slots=True)
class Sender:
    """A number: `status` is Twilio's word for it, the addresses are those to which it posts what customers write."""

    status: str
    callback_url: str
    callback_method: str
    fallback_url: str

    @classmethod
    def of(cls, told: Mapping[str, Any], status: str) -> Sender:
        """`told`: its webhooks, of which each may be missing or null."""
        method = str(told.get("callback_method") or "POST")
        return cls(status, str(told.get("callback_url") or ""), method, str(told.get("fallback_url") or ""))


@dataclass(frozen=True, slots=True)
class Content:
    """A template: its content types, how many variables are in it, and what WhatsApp says of it, empty for nothing."""

    language: str
    types: frozenset[str]
    places: int
    approval: str = ""
    reason: str = ""

    @classmethod
    def of(cls, language: str, types: Mapping[str, Any], approval: Mapping[str, Any]) -> Content:
        places = len(set(_PLACE.findall(json.dumps(types))))
        reason = str(approval.get("rejection_reason") or "")
        return cls(language, frozenset(types), places, str(approval.get("status") or ""), reason)


def sender_faults(sender: Sender | None, number: str, address: str) -> list[str]:
    """What is wrong with a number whose messages should come to `address`; None is one that Twilio does not know."""
    if sender is None:
        return [f"Twilio has no WhatsApp sender {number}"]
    found = []
    if not sender.status.startswith("ONLINE"):
        found.append(f"the sender {number} is {sender.status}")
    if sender.callback_url.rstrip("/") != address:
        found.append(f"what customers write is posted to {sender.callback_url or 'nowhere'}")
    elif sender.callback_method != "POST":
        found.append(f"what customers write comes by {sender.callback_method} and not by POST")
    if sender.fallback_url.rstrip("/") != address:
        found.append(f"the fallback URL is {sender.fallback_url or 'not set'}")
    return found


def template_faults(templates: Templates, contents: Mapping[str, Content]) -> list[str]:
    """What is wrong with the templates of a shop's file, by those that Twilio has, by their SID."""
    found = []
    for name, language, template in _named(templates):
        content = contents.get(template.sid)
        wrong: str | None = f"Twilio has no {template.sid}"
        if content:
            wrong = _wrong(content, language, template, is_code=name == CODE)
        if wrong:
            found.append(f"{name} ({language}): {wrong}")
    for kind, by_count, type_, each in (
        ("buttons", templates.buttons, _QUICK_REPLY, 2),
        ("lists", templates.lists, _LIST_PICKER, 3),
    ):
        for count, sid in by_count.items():
            content, places = contents.get(sid), 1 + each * count
            if content is None:
                found.append(f"{kind} ({count}): Twilio has no {sid}")
            elif type_ not in content.types:
                found.append(f"{kind} ({count}): it is no {type_}")
            elif content.places != places:
                found.append(f"{kind} ({count}): it has {content.places} variables, and needs {places}")
    return found


def lacking(templates: Templates) -> str:
    """For what a shop has no template in which language, in words; empty when there is nothing."""
    missing = {
        words: [each for each in LANGUAGES if each not in templates.notices.get(name, {})]
        for name, words in _NEEDED.items()
    }
    return ", ".join(f"{words} ({', '.join(each)})" for words, each in missing.items() if each)


def _named(templates: Templates) -> Iterator[tuple[str, str, Template]]:
    for by_name in (templates.notices, templates.agents):
        for name, by_language in by_name.items():
            for language, template in by_language.items():
                yield name, language, template


def _wrong(content: Content, language: str, template: Template, *, is_code: bool) -> str | None:
    if is_code and _AUTHENTICATION not in content.types:
        return f"it is no {_AUTHENTICATION}"
    # What a template for codes says is WhatsApp's, and not written in it.
    if not is_code and content.places != len(template.variables):
        return f"it has {content.places} variables, and {len(template.variables)} are named for it"
    if re.split(r"[_-]", content.language)[0] != language:
        return f"its language is {content.language}"
    if content.approval != "approved":
        state = content.approval or "not handed in"
        return f"WhatsApp has not approved it: {state}{f' ({content.reason})' if content.reason else ''}"
    return None
