"""What the bot itself says, in both languages: everything else the customer reads comes from the assistant."""

from __future__ import annotations

LANGUAGES = ("es", "en")
DEFAULT_LANGUAGE = "es"

# Said as messages of the conversation.
_MESSAGES: dict[str, dict[str, str]] = {
    "outage": {
        "es": "Un momento, estoy teniendo problemas. Tu mensaje está guardado y te contesto apenas pueda.",
        "en": "One moment, I'm having trouble answering. Your message is saved and I'll reply as soon as I can.",
    },
    "outage_handoff": {
        "es": "Sigo sin poder responderte, lo siento. Te dejé en la fila para que te atienda una persona.",
        "en": "I still can't answer you, I'm sorry. You are in the queue for a person to help you.",
    },
    "turn_failed": {
        "es": "Lo siento, no pude procesar tu último mensaje. Te dejé en la fila para que te atienda una persona.",
        "en": "I'm sorry, I couldn't process your last message. You are in the queue for a person to help you.",
    },
    "handoff": {
        "es": "Te paso con una persona de la tienda.",
        "en": "I'm handing you over to a person from the shop.",
    },
    "queued": {
        "es": "Ya avisé a la tienda: una persona te va a responder por aquí. Si prefieres, puedes seguir conmigo.",
        "en": "I've told the shop: a person will answer you here. If you'd rather, you can go on with me.",
    },
    "resume_title": {
        "es": "Seguir con el asistente",
        "en": "Go on with the assistant",
    },
    "resumed": {
        "es": "Listo, aquí sigo contigo. ¿Qué necesitas?",
        "en": "All right, I'm back with you. What do you need?",
    },
    "card_removed": {
        "es": "Por tu seguridad borré el número de tarjeta que escribiste. Por favor no envíes datos de tarjetas aquí.",
        "en": "For your safety I removed the card number you wrote. Please don't send card details here.",
    },
}

# Said in error frames and answers; the key is the error's code.
_ERRORS: dict[str, dict[str, str]] = {
    "hello_expected": {
        "es": "La conexión debe empezar con un saludo (hello).",
        "en": "The connection must begin with a hello.",
    },
    "bad_frame": {
        "es": "No pude leer ese mensaje. Revísalo y envíalo de nuevo.",
        "en": "I couldn't read that message. Check it and send it again.",
    },
    "text_empty": {
        "es": "Escribe algo para enviarlo.",
        "en": "Write something to send it.",
    },
    "text_too_long": {
        "es": "Tu mensaje es muy largo: escríbelo en menos de 1.000 caracteres o en varios mensajes.",
        "en": "Your message is too long: write it in fewer than 1,000 characters or in several messages.",
    },
    "rate_limited": {
        "es": "Vas muy rápido. Espera unos segundos y vuelve a enviarlo.",
        "en": "You're going very fast. Wait a few seconds and send it again.",
    },
    "choice_expired": {
        "es": "Esa opción ya no está disponible. Escríbeme con tus palabras qué necesitas.",
        "en": "That option is no longer available. Tell me in your own words what you need.",
    },
    "unavailable": {
        "es": "No pude guardar tu mensaje en este momento. Inténtalo de nuevo en unos segundos.",
        "en": "I couldn't save your message just now. Try again in a few seconds.",
    },
}

ALL: dict[str, dict[str, str]] = {**_MESSAGES, **_ERRORS}
ERROR_CODES = frozenset(_ERRORS)


def say(key: str, language: str) -> str:
    """The bot's words for `key`; a language we do not speak is answered in the default one."""
    words = ALL[key]
    return words.get(language, words[DEFAULT_LANGUAGE])
