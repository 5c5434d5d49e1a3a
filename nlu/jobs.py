"""What the shop calls the customer's wish: one of the jobs that docs/understanding.md lists."""

from __future__ import annotations

import re

from nlu.normalization import without_accents

JOBS = {
    "cart_add": "place_order",
    "cart_remove": "remove_item",
    "cart_change": "change_order",
    "cart_show": "place_order",
    "cart_clear": "remove_item",
    "checkout_start": "place_order",
    "address_give": "place_order",
    "pickup_choose": "place_order",
    "email_give": "place_order",
    "payment_choose": "pay",
    "option_choose": "place_order",
    "discount_apply": "discount",
    "discount_remove": "discount",
    "affirm": "affirm",
    "deny": "deny",
    "order_track": "track_order",
    "delivery_eta": "delivery_eta",
    "order_cancel": "cancel_order",
    "order_change": "change_order",
    "order_repeat": "place_order",
    "product_price": "price",
    "product_stock": "stock",
    "product_info": "product_question",
    "catalog_browse": "product_question",
    "product_recommend": "recommendation",
    "store_info": "store_info",
    "delivery_info": "store_info",
    "payment_info": "payment_info",
    "invoice_get": "get_invoice",
    "balance_ask": "balance",
    "pay_start": "pay",
    "return_start": "return_request",
    "return_cancel": "return_request",
    "return_appeal": "return_request",
    "refund_status": "refund_status",
    "identity_link": "identity",
    "identity_move": "identity",
    "identity_part": "identity",
    "complaint": "complaint",
    "human_request": "human_agent",
    "greet": "greeting",
    "goodbye": "goodbye",
    "thanks": "thanks",
    "help": "store_info",
    "bot_challenge": "out_of_scope",
    "language_switch": "out_of_scope",
    "opt_in": "opt_in",
    "opt_out": "opt_out",
    "out_of_scope": "out_of_scope",
    "nlu_fallback": "out_of_scope",
}

_ADDS = re.compile(
    r"\b(?:agreg|anad|sum[ae]|adicion|tambien|ademas|otr[oa]s?\b|mas\b|ponle|echale|add|also|another|extra|more|plus|too\b)"
    r"|^\s*(?:y|and)\b"
)
_ASKS_WHEN = re.compile(
    r"\b(?:cuando|kuando|a que hora|cuanto (?:se )?(?:demora|tarda|falta)\w*|cuanto tiempo|en cuanto tiempo|"
    r"cuantos dias|how many days|demora\w*|tarda\w*|"
    r"tiempo de entrega|que dia|when|how long|how much longer|what time|eta|arrive)\b"
)


def job_of(intent: str, text: str) -> str:
    """The job that `intent` stands for; the words of `text` part adding from ordering and "when" from "where"."""
    plain = without_accents(text)
    if intent == "cart_add" and _ADDS.search(plain):
        return "add_item"
    if intent in {"order_track", "delivery_info"} and _ASKS_WHEN.search(plain):
        return "delivery_eta"
    return JOBS[intent]
