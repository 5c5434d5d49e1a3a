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
    "angry": {
        "es": "Entiendo tu molestia. Pedí que una persona de la tienda lo revise contigo por aquí.",
        "en": "I understand that you are upset. I've asked for someone from the shop to look into it with you here.",
    },
    "queued": {
        "es": "Ya avisé a la tienda: una persona te va a responder por aquí. Si prefieres, puedes seguir conmigo.",
        "en": "I've told the shop: a person will answer you here. If you'd rather, you can go on with me.",
    },
    # How it stands for who waits (bot/answering/waiting.py); each may follow one of the sentences above.
    "queue_next": {"es": "Sigues tú en la fila.", "en": "You are next in line."},
    "queue_position": {"es": "Eres la persona {place} en la fila.", "en": "You are number {place} in line."},
    "queue_wait": {
        "es": "Últimamente responden en unos {minutes} minutos.",
        "en": "Lately an answer has taken about {minutes} minutes.",
    },
    "queue_wait_one": {"es": "Últimamente responden en un minuto.", "en": "Lately an answer has taken a minute."},
    "queue_nobody": {
        "es": "En este momento no hay nadie disponible: te responden por aquí apenas alguien pueda.",
        "en": "Nobody is available right now: someone will answer you here as soon as they can.",
    },
    "queue_closed": {
        "es": "La tienda está cerrada ahora: te responden por aquí cuando abra.",
        "en": "The shop is closed now: someone will answer you here when it opens.",
    },
    "queue_opens": {
        "es": "La tienda está cerrada ahora y abre {when}: te responden por aquí desde entonces.",
        "en": "The shop is closed now and opens {when}: someone will answer you here from then on.",
    },
    "queue_today": {"es": "hoy a las {time}", "en": "today at {time}"},
    "queue_day": {"es": "el {day} a las {time}", "en": "on {day} at {time}"},
    "queue_again": {
        "es": "Quien te atendía se desconectó, así que volviste a la fila donde estabas.",
        "en": "The person who was helping you got disconnected, so you are back in line where you were.",
    },
    "call_title": {"es": "Que me llamen", "en": "I'd rather be called"},
    "call_noted": {
        "es": "Listo, pedí que te llamen. Si debe ser a otro número, escríbelo aquí.",
        "en": "All right, I've asked for someone to call you. If it should be another number, write it here.",
    },
    "resume_title": {
        "es": "Seguir con el asistente",
        "en": "Go on with the assistant",
    },
    "resumed": {
        "es": "Listo, aquí sigo contigo. ¿Qué necesitas?",
        "en": "All right, I'm back with you. What do you need?",
    },
    "returned": {
        "es": "Aquí sigo yo, el asistente de la tienda. ¿Necesitas algo más?",
        "en": "I'm the shop's assistant, back with you. Do you need anything else?",
    },
    # Who opened a link, or shared their number, while a person has the conversation (bot/answering/proofs.py).
    "link_ask": {
        "es": "Alguien pidió, en otro chat de la tienda, seguir aquí: quien esté allá verá tus pedidos y tu carrito, y "
        "tú los suyos. ¿Fuiste tú? Si te mandaron este enlace, di que no.",
        "en": "Someone asked, in another chat of the shop, to go on here: whoever is there will see your orders and "
        "your cart, and you theirs. Was it you? If somebody sent you this link, say no.",
    },
    "link_mine": {"es": "Sí, fui yo", "en": "Yes, it was me"},
    "link_not_mine": {"es": "No fui yo", "en": "It wasn't me"},
    "linked": {
        "es": "¡Listo! Quedó comprobado que eres tú: tus chats con la tienda son uno.",
        "en": "Done! It is proven that it is you: your chats with the shop are one.",
    },
    "link_declined": {
        "es": "Bien, no uní nada. Cada chat sigue por su lado.",
        "en": "Good, I joined nothing. Each chat stays on its own.",
    },
    "link_over": {
        "es": "Ese enlace ya no sirve: vale 10 minutos y una sola vez. Pide otro en el chat donde empezaste.",
        "en": "That link is no longer good: it lasts 10 minutes and opens once. Ask for another in the chat where you "
        "began.",
    },
    "phone_kept": {"es": "Gracias, guardé tu número.", "en": "Thank you, I've kept your number."},
    "rate": {
        "es": "¿Cómo te atendimos? Responde de 1 (mal) a 5 (excelente).",
        "en": "How did we do? Answer from 1 (badly) to 5 (excellent).",
    },
    "rated": {"es": "¡Gracias por contarnos!", "en": "Thank you for telling us!"},
    "opted_out": {
        "es": "Listo, no te volveré a escribir. Si cambias de idea, escribe ALTA.",
        "en": "Done, I won't write to you again. If you change your mind, write START.",
    },
    "opted_in": {
        "es": "¡Qué bueno tenerte de vuelta! ¿Qué necesitas?",
        "en": "Good to have you back! What do you need?",
    },
    "voice_shown": {"es": "[nota de voz]", "en": "[voice note]"},
    "voice_unreadable": {
        "es": "Todavía no puedo escuchar notas de voz. Escríbemelo, porfa.",
        "en": "I can't listen to voice notes yet. Please write it to me.",
    },
    "voice_heard": {"es": "Te escuché: «{words}»", "en": "I heard: “{words}”"},
    "contact_shown": {"es": "[contacto]", "en": "[contact]"},
    "contact_unreadable": {
        "es": "Recibí un contacto, pero no puedo leerlo. Escríbeme lo que necesitas.",
        "en": "I got a contact, but I can't read it. Write me what you need.",
    },
    "file_shown": {"es": "[archivo]", "en": "[file]"},
    "file_unreadable": {
        "es": "Solo puedo recibir fotos (JPG, PNG o WebP) y archivos PDF. Escríbeme lo que necesitas.",
        "en": "I can only take photos (JPG, PNG or WebP) and PDF files. Write me what you need.",
    },
    "button_shown": {"es": "[botón]", "en": "[button]"},
    "button_unreadable": {
        "es": "Esa opción ya no está disponible. Escríbeme con tus palabras qué necesitas.",
        "en": "That option is no longer available. Tell me in your own words what you need.",
    },
    "unknown_shown": {"es": "[mensaje sin texto]", "en": "[message without text]"},
    "unknown_unreadable": {
        "es": "Recibí un mensaje que no puedo leer. Escríbemelo con tus palabras, porfa.",
        "en": "I got a message that I can't read. Please write it in your own words.",
    },
    # Before the first answer. Whoever writes on has accepted it (bot/answering/consent.py).
    "policy_shown": {
        "es": "Al seguir escribiéndome aceptas nuestra política de datos: {link}",
        "en": "By writing on you accept our privacy policy: {link}",
    },
    "loop": {
        "es": "Recibí muchos mensajes en un minuto y dejé de contestar. Una persona de la tienda lo va a ver. "
        "Si prefieres seguir conmigo, espera un minuto y toca el botón.",
        "en": "I got a lot of messages within a minute and stopped answering. A person from the shop will look at it. "
        "If you'd rather go on with me, wait a minute and press the button.",
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
    "attachment_empty": {
        "es": "Ese archivo está vacío. Escoge otro.",
        "en": "That file is empty. Choose another one.",
    },
    "attachment_too_large": {
        "es": "Ese archivo pesa más de 15 MB. Envía uno más liviano o una captura de pantalla.",
        "en": "That file is larger than 15 MB. Send a smaller one, or a screenshot.",
    },
    "attachment_unsupported": {
        "es": "Solo puedo recibir fotos (JPG, PNG o WebP) y archivos PDF.",
        "en": "I can only take photos (JPG, PNG or WebP) and PDF files.",
    },
    "attachment_unreadable": {
        "es": "No pude abrir ese archivo: está dañado o incompleto. Toma la foto otra vez o envía otra copia.",
        "en": "I couldn't open that file: it is damaged or incomplete. Take the photo again or send another copy.",
    },
    "attachment_cut_off": {
        "es": "El archivo no llegó completo. Inténtalo de nuevo.",
        "en": "The file did not arrive whole. Try again.",
    },
    "attachments_too_many": {
        "es": "En un mensaje caben hasta 5 archivos. Envía los demás en otro.",
        "en": "A message takes up to 5 files. Send the others in another one.",
    },
    "attachments_too_fast": {
        "es": "Son muchos archivos seguidos. Espera un minuto y envía los que faltan.",
        "en": "That's a lot of files in a row. Wait a minute and send the rest.",
    },
    "attachment_gone": {
        "es": "Ese archivo ya no se puede enviar. Adjúntalo de nuevo.",
        "en": "That file can't be sent any more. Attach it again.",
    },
    "attachment_not_found": {
        "es": "Ese archivo ya no está.",
        "en": "That file is no longer here.",
    },
    "visitor_unknown": {
        "es": "Esta conversación ya no está abierta. Recarga la página e inténtalo de nuevo.",
        "en": "This conversation is no longer open. Reload the page and try again.",
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
