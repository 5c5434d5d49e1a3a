"""The names of the steps in an order's history: whoever shows one has words for each of them, and no others."""

from __future__ import annotations

ENTRIES = frozenset(
    {
        # agreement
        "placed",
        "held",
        "approved",
        "rejected",
        "confirmed",
        "changed",
        "cancelled",
        "cancelled_rest",
        "closed",
        # promises and what is short
        "promised_later",
        "backorder_filled",
        "shortage_wait",
        "shortage_substitute",
        "shortage_drop",
        # partners
        "purchase_order_sent",
        "purchase_order_ok",
        "partner_rejected",
        # the warehouse and the way
        "picking",
        "picked",
        "short",
        "packed",
        "shipped",
        "out_for_delivery",
        "attempt_failed",
        "wrong_address",
        "lost",
        "delayed",
        "returned_to_origin",
        "delivered",
        "collected",
        "pickup_reset",
        # money
        "proof_sent",
        "proof_approved",
        "proof_rejected",
        "payment_recorded",
        "payment_disputed",
        "payment_won",
        "payment_lost",
        "refund_requested",
        "refunded",
        "refund_rejected",
        "refund_failed",
        # claims and returns
        "claim_opened",
        "claim_closed",
        "return_requested",
        "return_accepted",
        "return_rejected",
        "return_appealed",
        "return_cancelled",
        "return_in_transit",
        "return_received",
        "return_inspected",
        "return_resolved",
        "return_bounced",
        "return_wish_chosen",
    }
)
