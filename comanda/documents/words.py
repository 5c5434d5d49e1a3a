"""Every word of the document page, in both languages."""

from __future__ import annotations

from typing import Any

LOCALES = {"es": "es_CO", "en": "en_US"}
WORDS: dict[str, dict[str, Any]] = {
    "es": {
        "title": "Tu factura",
        "label": "Tu devolución",
        "receipt": "Tu reembolso",
        "other_language": "English",
        "other_language_code": "en",
        "kinds": {"invoice": "Factura", "credit_note": "Nota crédito", "debit_note": "Nota débito"},
        "order": "Pedido",
        "buyer": "A nombre de",
        "issued_on": "Fecha",
        "due_on": "Vence",
        "day_pattern": "d 'de' MMMM 'de' y",
        "pdf": "Descargar PDF",
        "xml": "Descargar XML",
        "question": "¿Está bien?",
        "accept": "Sí, la acepto",
        "reject": "No, tiene un error",
        "reason": "¿Qué no está bien?",
        "answers": {
            "accepted": "La aceptaste. ¡Gracias!",
            "rejected": "Nos dijiste que no está bien. La estamos revisando.",
        },
        "missing_reason": "Dinos qué no está bien, para poder corregirla.",
        "demo": "Demo",
        "demo_notice": "Esta tienda es una demostración: sus documentos no valen.",
        "private": "Quien tenga este enlace ve este documento. No lo reenvíes a quien no deba verlo.",
        "refused": {
            "unknown": (
                "Este enlace no abre nada",
                "Puede que se haya copiado incompleto. Pídenos la factura por el chat, con el número de tu pedido.",
            ),
            "expired": (
                "Este enlace ya venció",
                "Por tu seguridad los enlaces no duran para siempre. Pídenos la factura de nuevo por el chat.",
            ),
            "label": (
                "Esta etiqueta ya no sirve",
                "La devolución ya llegó o se cerró, o el enlace venció. Pregúntanos por el chat cómo va tu devolución.",
            ),
            "receipt": (
                "Este enlace no abre ningún comprobante",
                "El enlace venció, se copió incompleto, o la plata volvió a la tienda. Pregúntanos por el chat.",
            ),
            "unavailable": (
                "Ahora no podemos mostrarte el documento",
                "Algo falla de nuestro lado. Vuelve a cargar la página en un momento.",
            ),
        },
    },
    "en": {
        "title": "Your invoice",
        "label": "Your return",
        "receipt": "Your refund",
        "other_language": "Español",
        "other_language_code": "es",
        "kinds": {"invoice": "Invoice", "credit_note": "Credit note", "debit_note": "Debit note"},
        "order": "Order",
        "buyer": "Billed to",
        "issued_on": "Date",
        "due_on": "Due",
        "day_pattern": "MMMM d, y",
        "pdf": "Download PDF",
        "xml": "Download XML",
        "question": "Is it right?",
        "accept": "Yes, I accept it",
        "reject": "No, something is wrong",
        "reason": "What is wrong?",
        "answers": {
            "accepted": "You accepted it. Thank you!",
            "rejected": "You told us it is wrong. We are looking into it.",
        },
        "missing_reason": "Tell us what is wrong, so that we can correct it.",
        "demo": "Demo",
        "demo_notice": "This shop is a demonstration: its documents are not real ones.",
        "private": "Whoever has this link sees this document. Do not pass it on to who should not see it.",
        "refused": {
            "unknown": (
                "This link opens nothing",
                "It may have been copied in part. Ask us for the invoice in the chat, with your order number.",
            ),
            "expired": (
                "This link has ended",
                "For your safety links do not last for ever. Ask us for the invoice again in the chat.",
            ),
            "label": (
                "This label is no longer good",
                "The return has come or is closed, or the link has ended. Ask us in the chat how your return is doing.",
            ),
            "receipt": (
                "This link opens no receipt",
                "The link has ended or was copied in part, or the money came back to the shop. Ask us in the chat.",
            ),
            "unavailable": (
                "We cannot show you the document right now",
                "Something fails on our side. Reload the page in a moment.",
            ),
        },
    },
}
