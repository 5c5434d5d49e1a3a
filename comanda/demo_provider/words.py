"""What the demo's pay page says, in two languages."""

from __future__ import annotations

from typing import Any

LOCALES = {"es": "es_CO", "en": "en_US"}
WORDS: dict[str, dict[str, Any]] = {
    "es": {
        "title": "Pago de prueba",
        "demo": "Demostración",
        "demo_notice": "Aquí no se mueve dinero de verdad.",
        "other_language": "English",
        "other_language_code": "en",
        "pay": "Pagar {amount}",
        "decline": "Simular un pago rechazado",
        "went_back": "Se devolvieron {amount} ({number})",
        "dispute": "Simular que el cliente desconoce el cobro",
        "disputed": "El banco retuvo el dinero mientras decide.",
        "shop_wins": "El banco le da la razón a la tienda",
        "shop_loses": "El banco le da la razón al cliente",
        "decided": {
            "won": "El banco le dio la razón a la tienda.",
            "lost": "El banco le devolvió el dinero al cliente.",
        },
        "to_pay": "Total por pagar",
        "concept": "Concepto",
        "reference": "Referencia",
        "until": "Este enlace sirve hasta el {until}",
        "back": "Volver a la tienda",
        "ends": {
            "captured": ("Listo, pago recibido", "Te avisamos en el chat. Ya puedes cerrar esta página."),
            "failed": ("El pago fue rechazado", "No se cobró nada. Pide otro enlace en el chat e inténtalo de nuevo."),
            "expired": ("Este enlace ya venció", "No se cobró nada. Pide otro enlace en el chat."),
            "cancelled": ("Este enlace ya no sirve", "El pedido cambió. Pide otro enlace en el chat."),
            "unknown": ("No encuentro este pago", "Revisa que el enlace esté completo."),
        },
    },
    "en": {
        "title": "Test payment",
        "demo": "Demo",
        "demo_notice": "No real money moves here.",
        "other_language": "Español",
        "other_language_code": "es",
        "pay": "Pay {amount}",
        "decline": "Simulate a declined payment",
        "went_back": "{amount} went back ({number})",
        "dispute": "Simulate that the customer disputes the charge",
        "disputed": "The bank keeps the money while it decides.",
        "shop_wins": "The bank decides for the shop",
        "shop_loses": "The bank decides for the customer",
        "decided": {
            "won": "The bank decided for the shop.",
            "lost": "The bank gave the money back to the customer.",
        },
        "to_pay": "Total to pay",
        "concept": "For",
        "reference": "Reference",
        "until": "This link works until {until}",
        "back": "Back to the shop",
        "ends": {
            "captured": ("Done, we have your payment", "You will hear of it in the chat. You can close this page."),
            "failed": (
                "The payment was declined",
                "Nothing was charged. Ask for another link in the chat.",
            ),
            "expired": ("This link has expired", "Nothing was charged. Ask for another link in the chat."),
            "cancelled": ("This link no longer works", "The order has changed. Ask for another link in the chat."),
            "unknown": ("I can't find this payment", "Check that the link is complete."),
        },
    },
}
