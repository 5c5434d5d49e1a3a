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
