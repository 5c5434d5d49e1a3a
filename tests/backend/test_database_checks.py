"""Every CHECK of the database refuses what it is there to refuse, whatever the code above it does."""

import re
from datetime import date, time
from decimal import Decimal

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, Integer, LargeBinary, Time, insert
from sqlalchemy.exc import IntegrityError

import backend.migrations.models  # noqa: F401
from backend.base import Base, ExactDecimal
from kernel.clock import now
from kernel.db import UtcDateTime

ONE = {
    Boolean: False,
    Date: date(2026, 1, 1),
    ExactDecimal: Decimal(1),
    Integer: 1,
    JSON: {},
    LargeBinary: b"x",
    Time: time(8),
    UtcDateTime: now(),
}
ONE_OF = re.compile(r"(\w+) IN \((.*)\)")
# Where one of everything would not be a legal row.
LEGAL = {
    "oms_allocation": {"order_id": "x"},
    "oms_balance_entry": {"kind": "overpaid"},
    "oms_bank_line": {"state": "open"},
    "oms_cart_line": {"base_quantity": 1},
    "oms_claim": {"state": "open"},
    "oms_consent": {"kind": "privacy", "version": "1"},
    "oms_data_request": {"kind": "look", "status": "queued", "reason": None},
    "oms_discount": {"kind": "percentage", "percent": "5", "uses": 0},
    "oms_fulfillment": {"location_id": "x"},
    "oms_fulfillment_line": {"picked": 0},
    "oms_incoming_stock": {"received": 0},
    "oms_invoice": {"kind": "invoice", "total_minor": 3, "withheld_minor": 0, "payable_minor": 3},
    "oms_invoice_line": {"gross_minor": 2},
    "oms_order": {"total_minor": 2},
    "oms_payment_proof": {"status": "open"},
    "oms_pending_act": {"status": "pending"},
    "oms_posting": {"credit_minor": 0},
    "oms_return": {"kind": "return", "status": "requested", "charged_minor": 0, "given_back_minor": 0},
    "oms_settlement": {"kind": "balance"},
    "oms_substitute": {"substitute_sku": "y"},
    "oms_suggestion_pair": {"suggested_sku": "y"},
}
# What breaks each check, and no other: for one that says which values there are it is another value, if not said here.
ILLEGAL = {
    "oms_balance_entry_kind": [{"kind": "?", "amount_minor": -1}],
    "oms_consent_kind": [{"kind": "?", "version": None}],
    "oms_discount_kind": [{"kind": "?", "percent": None}],
    "oms_invoice_kind": [{"kind": "?", "corrects_id": "x"}],
    "oms_payment_proof_reason": [{"status": "rejected", "decided_at": now(), "reason": "?"}],
    "oms_payment_proof_status": [{"status": "?", "decided_at": now()}],
    "oms_supplier_note_cost": [{"cost_minor": -1}],
    "oms_supplier_note_line_amounts": [{"quantity": 0}, {"cost_minor": -1}],
    "oms_allocation_whose": [{"cart_id": "x"}, {"order_id": None}],
    "oms_backorder_quantity": [{"quantity": 0}],
    "oms_balance_entry_amount": [{"kind": "used", "amount_minor": 0}],
    "oms_balance_entry_sign": [{"amount_minor": -1}, {"kind": "used"}],
    "oms_bank_line_amount": [{"amount_minor": 0}],
    "oms_bank_line_matched": [{"payment_id": "x"}, {"state": "matched"}],
    "oms_barcode_quantity": [{"quantity": 0}],
    "oms_cart_line_base_quantity": [{"base_quantity": 0}],
    "oms_cart_line_factor": [{"factor": 0}],
    "oms_channel_identity_verified": [{"verified_at": now()}, {"method": "code"}],
    "oms_claim_closed": [{"closed_at": now()}, {"state": "closed"}],
    "oms_consent_version": [{"version": None}, {"kind": "marketing"}],
    "oms_data_request_clears": [{"status": "clearing"}],
    "oms_data_request_ended": [{"ended_at": now()}, {"status": "done"}],
    "oms_data_request_reason": [{"kind": "erasure", "reason": "?"}],
    "oms_data_request_reasoned": [{"reason": "asked"}, {"kind": "erasure"}],
    "oms_discount_amount": [{"amount_minor": 5}],
    "oms_discount_amount_positive": [{"kind": "amount", "percent": None, "amount_minor": 0}],
    "oms_discount_goods": [{"sku": "x", "category": "x"}],
    "oms_discount_minimum": [{"minimum_minor": -1}],
    "oms_discount_percent": [{"percent": None}],
    "oms_discount_use_nth": [{"nth": 0}, {"nth": 2, "most": 1}],
    "oms_discount_uses": [{"uses": -1}, {"uses": 2, "max_uses": 1}],
    "oms_discount_uses_each": [{"max_uses_each": 0}],
    "oms_fulfillment_line_picked": [{"picked": -1}, {"short": -1}, {"picked": 1, "short": 1}],
    "oms_fulfillment_line_quantity": [{"quantity": 0, "short": 0}],
    "oms_fulfillment_owner": [{"partner_id": "x"}, {"location_id": None}],
    "oms_incoming_stock_quantity": [{"quantity": 0}],
    "oms_incoming_stock_received": [{"received": -1}, {"received": 2}],
    "oms_invoice_corrects": [{"corrects_id": "x"}, {"kind": "credit_note"}],
    "oms_invoice_line_base_quantity": [{"base_quantity": 0}],
    "oms_invoice_line_gross": [{"gross_minor": 1}, {"net_minor": -1, "gross_minor": 0}],
    "oms_invoice_payable": [{"payable_minor": 2}],
    "oms_invoice_positive": [{"subtotal_minor": -1, "total_minor": 1, "payable_minor": 1}],
    "oms_invoice_proof_reason": [{"kind": "rejected"}],
    "oms_invoice_total": [{"total_minor": 4, "payable_minor": 4}],
    "oms_link_request_kind": [{"kind": "?"}],
    "oms_link_request_token": [{"kind": "link"}, {"token_hash": "x"}],
    "oms_order_line_base_quantity": [{"base_quantity": 0}],
    "oms_order_line_tax": [{"tax_minor": 2}, {"tax_minor": -1}],
    "oms_order_total": [{"total_minor": 1}],
    "oms_partner_promise_quantity": [{"quantity": 0}],
    "oms_payment_amount": [{"amount_minor": 0}],
    "oms_payment_disputed": [{"disputed_minor": -1}, {"disputed_minor": 2}],
    "oms_payment_promise_amount": [{"amount_minor": 0}],
    "oms_payment_proof_amount": [{"amount_minor": 0}],
    "oms_payment_proof_approved": [{"status": "approved", "decided_at": now()}, {"payment_id": "x"}],
    "oms_payment_proof_decided": [{"decided_at": now()}],
    "oms_payment_proof_rejected": [{"status": "rejected", "decided_at": now()}, {"reason": "other"}],
    "oms_payment_sums": [{"refunded_minor": -1}, {"refunded_minor": 2}],
    "oms_pending_act_amount": [{"amount_minor": 0}],
    "oms_pending_act_decided": [{"decided_at": now()}, {"status": "withdrawn"}],
    "oms_pending_act_second_person": [{"status": "approved", "decided_at": now(), "decided_by": "x"}],
    "oms_pending_act_status": [{"status": "?", "decided_at": now()}],
    "oms_posting_side": [{"credit_minor": 1}, {"debit_minor": 0}, {"debit_minor": -1}],
    "oms_preference_quiet_hours": [{"quiet_from": time(21)}],
    "oms_quote_ordered": [{"order_id": "x"}, {"status": "accepted"}],
    "oms_quote_sent": [{"status": "sent"}],
    "oms_quote_status": [{"status": "?"}],
    "oms_rate_positive": [{"up_to_g": 0}, {"price_minor": -1}],
    "oms_refund_amount": [{"amount_minor": 0}],
    "oms_reservation_quantity": [{"quantity": 0}],
    "oms_return_bounced": [{"kind": "bounced"}, {"shipment_id": "x"}],
    "oms_return_inspection_again": [{"is_again": True, "disposition": "refurbish"}],
    "oms_return_inspection_quantity": [{"quantity": 0}],
    "oms_return_line_quantity": [{"quantity": 0, "taken_back": 0}],
    "oms_return_line_taken_back": [{"taken_back": -1}, {"taken_back": 2}],
    "oms_return_receipt_quantity": [{"quantity": 0}],
    "oms_return_resolved": [{"status": "resolved"}],
    "oms_return_settled": [{"settled_at": now()}],
    "oms_return_sums": [{"credited_minor": -1}, {"charged_minor": -1}, {"charged_minor": 1, "given_back_minor": 1}],
    "oms_settlement_amount": [{"amount_minor": 0}],
    "oms_settlement_payment": [{"kind": "payment"}, {"payment_id": "x"}],
    "oms_shipment_line_quantity": [{"quantity": 0}],
    "oms_shortage_quantity": [{"quantity": 0}],
    "oms_staff_session_ended": [{"ended_at": now()}, {"ended_why": "signed_out"}],
    "oms_staff_session_ended_why": [{"ended_at": now(), "ended_why": "?"}],
    "oms_stock_count_counted": [{"counted": -1}],
    "oms_stock_hold_quantity": [{"quantity": 0}],
    "oms_stock_level_available": [{"on_hand": 0}],
    "oms_picking_basket_position": [{"position": 0}, {"position": 21}],
    "oms_picking_walk_ended": [{"ended_at": now()}, {"ended_by": "x"}],
    "oms_stock_level_reserved": [{"reserved": -1}],
    "oms_stock_move_quantity": [{"quantity": 0}],
    "oms_stock_threshold_minimum": [{"minimum": 0}],
    "oms_substitute_other": [{"substitute_sku": "x"}],
    "oms_suggestion_pair_other": [{"suggested_sku": "x"}],
    "oms_variant_price": [{"price_minor": -1}],
    "oms_variant_price_quantity": [{"price_quantity": 0}],
    "oms_variant_unit_factor": [{"factor": 0}],
    "oms_working_day_weekday": [{"weekday": 7}, {"weekday": -1}],
}
CHECKS = {
    constraint.name: (table, str(constraint.sqltext))
    for table in Base.metadata.sorted_tables
    for constraint in table.constraints
    if isinstance(constraint, CheckConstraint)
}


def one_of(sql):
    """The column and its first value, of a check that says which there are."""
    match = ONE_OF.fullmatch(sql)
    return (match[1], match[2].split("'")[1]) if match else None


def legal(table):
    row = {column.name: _one(column) for column in table.c}
    row |= dict(filter(None, (one_of(sql) for its, sql in CHECKS.values() if its is table)))
    return {name: value for name, value in row.items() if not table.c[name].nullable} | LEGAL.get(table.name, {})


def _one(column):
    return next((one for kind, one in ONE.items() if isinstance(column.type, kind)), "x")


def refusal(database, table, row):
    """What the database says against it; nothing is kept."""
    with database.engine.connect() as connection:
        try:
            connection.execute(insert(table), row)
        except IntegrityError as refused:
            return str(refused.orig)
        finally:
            connection.rollback()
    return "it was accepted"


def illegal(name):
    chosen = one_of(CHECKS[name][1])
    return ILLEGAL.get(name.removeprefix("ck_")) or [{chosen[0]: "?"}]


def test_what_breaks_a_check_is_refused_by_it_and_by_no_other(database):
    missed = []
    for name, (table, _) in CHECKS.items():
        said = refusal(database, table, legal(table))
        if "CHECK" in said.upper():
            missed.append((name, "legal", said))
        for wrong in illegal(name):
            said = refusal(database, table, legal(table) | wrong)
            if not re.search(rf"{name}\b", said):
                missed.append((name, wrong, said))

    assert not missed, "\n".join(f"{name} {what} {said[:140]}" for name, what, said in missed)
