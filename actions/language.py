"""Which language the reply is in: sticky, and changed only by a clear message or on request."""

from __future__ import annotations

from actions.message import Message

LANGUAGES = ("es", "en")
DEFAULT = "es"
# A "ok, 2 panes" says little about a language: to switch, the detector must be sure of a message long enough to tell.
SURE = 0.8
WORDS_TO_SWITCH = 4


def choose(current: str | None, message: Message) -> str:
    """The language to reply in: asked for, else kept, else detected, else the browser's, else Spanish."""
    asked = message.text_entity("language")
    if message.intent == "language_switch" and asked in LANGUAGES:
        return asked
    if message.is_button or message.detected_language not in LANGUAGES:
        return current or _from_locale(message.locale) or DEFAULT
    # An address is in the language of its street, not of its writer.
    is_sure = message.language_confidence >= SURE and not message.first("address")
    if current:
        words = [word for word in message.text.split() if any(character.isalpha() for character in word)]
        return message.detected_language if is_sure and len(words) >= WORDS_TO_SWITCH else current
    if is_sure:
        return message.detected_language
    return _from_locale(message.locale) or message.detected_language


def _from_locale(locale: str | None) -> str | None:
    language = (locale or "")[:2].lower()
    return language if language in LANGUAGES else None
