"""What may be refused about payments."""

from __future__ import annotations

from kernel.errors import Conflict, Forbidden, Invalid, NotFound


class PaymentNotFound(NotFound):
    code, title = "payment_not_found", "There is no such payment"


class SettlesTooMuch(Conflict):
    """`params`: `open_minor` of the invoice, `free_minor` of what should pay it, `amount_minor`."""

    code, title = "settles_too_much", "More than the invoice is open for, or than there is to pay it with"


class BalanceTooSmall(Conflict):
    """`params`: `balance_minor`, `amount_minor`, `currency`."""

    code, title = "balance_too_small", "The customer's balance is smaller than that"


class PaymentMismatch(Conflict):
    """`params`: the `currency` that was given, the one that was `expected`."""

    code, title = "payment_mismatch", "That is not the money that was asked for"


class ProviderNotFound(NotFound):
    """`params`: the `provider` that was named, and those the shop has keys for: `providers`."""

    code, title = "payment_provider_not_found", "The shop has no such payment provider"


class NoOnlinePayment(Conflict):
    code, title = "no_online_payment", "This shop takes no payment online"


class NothingDue(Conflict):
    """`params`: the `number` of the order."""

    code, title = "nothing_due", "Nothing of that order is due"


class PaymentSignatureRefused(Forbidden):
    code, title = "payment_signature_refused", "The webhook is not signed by that provider, or is too old"


class UnreadablePaymentEvent(Invalid):
    code, title = "unreadable_payment_event", "That is no webhook of a payment provider"


class RefundNotFound(NotFound):
    code, title = "refund_not_found", "There is no such refund"


class RefundTooLarge(Conflict):
    """`params`: what `available_minor` there is to give back, the `amount_minor` that was asked, `currency`."""

    code, title = "refund_too_large", "That is more than can be given back"


class ReceiptLinkOver(NotFound):
    code, title = "receipt_link_over", "The link opens no receipt of a refund, or none any more"


class RefundNotBack(Conflict):
    """`params`: its `number`, its `status`."""

    code, title = "refund_not_back", "The money of this refund is not back: it has no receipt"


class RefundNotOpen(Conflict):
    """`params`: its `number`, its `status`."""

    code, title = "refund_not_open", "That refund is decided already, or is not for you to pay out"


class RefundLimit(Forbidden):
    """`params`: the `amount_minor`, the most that this role may approve: `limit_minor`, `currency`."""

    code, title = "refund_limit", "Another person, with a higher limit, approves that refund"


class PaymentDisputed(Conflict):
    """`params`: the `number` of the payment."""

    code, title = "payment_disputed", "The customer's bank has that money; what it decides settles it"


class AlertNotFound(NotFound):
    code, title = "payment_alert_not_found", "There is no such alert"


class AlertClosed(Conflict):
    """`params`: who it was `closed_by`."""

    code, title = "payment_alert_closed", "The alert is closed already"
