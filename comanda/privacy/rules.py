"""What becomes of each row of an erased person: gone, blank, or kept, and why."""

from __future__ import annotations

from typing import Any

ERASED = "[borrado]"
KEEP_YEARS = 10

# Rows that are nothing without their person.
GONE = (
    "bot_draft", "bot_seen", "bot_tag", "bot_doubt", "bot_outgoing", "bot_choice", "bot_enclosure", "bot_attachment",
    "bot_contact", "oms_idempotent_act", "oms_address",
    "oms_preference", "oms_link_request", "oms_channel_identity",
)  # fmt: skip
# Documents, money and proofs that the law has the shop keep as they were; the person behind them is a number from then.
KEPT = {
    "oms_invoice": "tax documents", "oms_invoice_line": "tax documents", "oms_invoice_file": "tax documents",
    "oms_invoice_proof": "tax documents", "oms_invoice_submission": "tax documents",
    "oms_journal_entry": "books", "oms_posting": "books", "oms_settlement": "books", "oms_balance_entry": "books",
    "oms_payment": "books", "oms_payment_event": "books", "oms_bank_line": "books", "oms_discount_use": "books",
    "oms_reminder": "books", "oms_consent": "proofs of consent", "oms_identity_entry": "proofs of consent",
    "oms_data_request": "proofs of requests",
}  # fmt: skip
# Source: Código de Comercio (Colombia), art. 60, with Ley 962 de 2005, art. 28: ten years.
WHY = {
    "tax documents": "Ley 962 de 2005, art. 28; Estatuto Tributario, art. 632",
    "books": "Ley 962 de 2005, art. 28",
    "proofs of consent": "Decreto 1377 de 2013, art. 8",
    "proofs of requests": "Decreto 1377 de 2013, art. 26",
}
# What people wrote, or where and who they are, and what stands there afterwards. Of other texts only the words that
# name the person are replaced.
BLANK: dict[str, dict[str, Any]] = {
    "oms_customer": {
        "name": None, "email": None, "email_verified_at": None, "legal_name": None, "tax_id": None, "language": None,
    },
    "oms_cart": {"address": None},
    "oms_cart_confirmation": {"content": {}},
    "oms_quote": {"content": {"lines": [], "address": None, "pickup_location": None, "payment_method": None}},
    "oms_order": {"address": ERASED},
    "oms_order_entry": {"note": None},
    "oms_payment_promise": {"said": None},
    "oms_payment_proof": {"reference": None, "note": None},
    "oms_purchase_order": {"note": None},
    "oms_refund": {"note": None},
    "oms_shipment": {"received_by": None, "proof": None},
    "oms_tracking_event": {"place": None, "note": None},
    "oms_claim": {"note": None, "answer": None},
    "oms_return": {"pickup_slot": None, "drop_off_point": None},
    "oms_return_entry": {"note": None},
    "oms_return_line": {"note": None, "photos": []},
    "oms_return_inspection": {"note": None, "photos": []},
    "oms_return_receipt": {"note": None},
    "oms_mail": {"recipient": ERASED, "subject": ERASED, "text": ERASED, "html": ERASED},
    # Who did what and when stays; what was asked and how it was before may name a person.
    "oms_audit_entry": {"reason": None, "request": {}, "changes": []},
    "bot_message": {"text": ""},
    "bot_note": {"text": ""},
    "bot_handoff": {"done": None},
    "bot_turn": {"payload": None, "start_token": None, "shared_phone": None},
    "bot_notice": {"facts": {}},
}  # fmt: skip
# What people call what is kept, by how the names of its tables begin; the first that fits, else RECORDS.
GROUPS = (
    ("files", ("bot_attachment", "bot_enclosure")),
    ("profile", ("bot_contact", "oms_customer", "oms_address", "oms_preference", "oms_link_", "oms_channel_identity")),
    ("chats", ("bot_",)),
    ("documents", ("oms_invoice",)),
    ("books", (
        "oms_journal", "oms_posting", "oms_settlement", "oms_balance", "oms_payment", "oms_bank", "oms_refund",
        "oms_discount_use", "oms_reminder",
    )),
    ("consents", ("oms_consent", "oms_identity_entry")),
    ("returns", ("oms_return", "oms_claim")),
    ("mails", ("oms_mail",)),
    ("carts", ("oms_cart", "oms_quote", "oms_suggestion")),
    ("orders", (
        "oms_order", "oms_fulfillment", "oms_shipment", "oms_parcel", "oms_tracking", "oms_allocation", "oms_backorder",
        "oms_purchase",
    )),
)  # fmt: skip
RECORDS = "records"


def group_of(table: str) -> str:
    return next((group for group, beginnings in GROUPS if table.startswith(beginnings)), RECORDS)


def becomes(table: str) -> str:
    """What erasing makes of its rows: `kept`, `gone`, or `blank`, which name nobody any more."""
    return "kept" if table in KEPT else "gone" if table in GONE else "blank"
