"""How each fact is booked: one function a fact, debits and credits side by side. A page for an accountant to review.

Amounts are minor units of one currency, zero or more; a side of zero is left out. Prices here are without tax, and
`tax_minor` is the tax on them. `into` and `out_of` are where money is: CASH, BANK or CLEARING.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.ledger import chart


@dataclass(frozen=True, slots=True)
class Leg:
    account: str
    debit_minor: int = 0
    credit_minor: int = 0


def debit(account: str, amount_minor: int) -> Leg:
    return Leg(account, debit_minor=amount_minor)


def credit(account: str, amount_minor: int) -> Leg:
    return Leg(account, credit_minor=amount_minor)


# Selling


def invoice_issued(goods_minor: int, delivery_minor: int, tax_minor: int, withheld_minor: int = 0) -> list[Leg]:
    """The customer owes it, but for the tax that the law has them withhold and pay in our name."""
    return [
        debit(chart.RECEIVABLE, goods_minor + delivery_minor + tax_minor - withheld_minor),
        debit(chart.WITHHELD, withheld_minor),
        credit(chart.SALES, goods_minor),
        credit(chart.DELIVERY_INCOME, delivery_minor),
        credit(chart.TAX_PAYABLE, tax_minor),
    ]


def credit_note_issued(goods_minor: int, delivery_minor: int, tax_minor: int, withheld_minor: int = 0) -> list[Leg]:
    """An invoice taken back, in part or whole: the customer owes that much less, and withholds that much less."""
    return [
        debit(chart.SALES_RETURNED, goods_minor),
        debit(chart.DELIVERY_INCOME, delivery_minor),
        debit(chart.TAX_PAYABLE, tax_minor),
        credit(chart.RECEIVABLE, goods_minor + delivery_minor + tax_minor - withheld_minor),
        credit(chart.WITHHELD, withheld_minor),
    ]


def goods_shipped(cost_minor: int) -> list[Leg]:
    return [debit(chart.GOODS_SOLD, cost_minor), credit(chart.GOODS, cost_minor)]


def partner_shipped(cost_minor: int) -> list[Leg]:
    """Goods that a partner sent to our customer: they never lay in our house, and the partner is owed their cost."""
    return [debit(chart.GOODS_SOLD, cost_minor), credit(chart.SUPPLIERS, cost_minor)]


# Being paid


def payment_received(into: str, amount_minor: int) -> list[Leg]:
    """Money for what is invoiced."""
    return [debit(into, amount_minor), credit(chart.RECEIVABLE, amount_minor)]


def prepayment_received(into: str, amount_minor: int) -> list[Leg]:
    """Money before the invoice, or more than was owed: it is the customer's until it is used."""
    return [debit(into, amount_minor), credit(chart.ADVANCES, amount_minor)]


def money_received(into: str, invoiced_minor: int, advance_minor: int) -> list[Leg]:
    """Money of which a part pays what is invoiced, and the rest comes before the invoice."""
    return [
        debit(into, invoiced_minor + advance_minor),
        credit(chart.RECEIVABLE, invoiced_minor),
        credit(chart.ADVANCES, advance_minor),
    ]


def advance_applied(amount_minor: int) -> list[Leg]:
    """What the customer had with us pays what they owe."""
    return [debit(chart.ADVANCES, amount_minor), credit(chart.RECEIVABLE, amount_minor)]


def advance_restored(amount_minor: int) -> list[Leg]:
    """What had paid an invoice pays it no more, as a credit note took it back: the customer has it with us again."""
    return [debit(chart.RECEIVABLE, amount_minor), credit(chart.ADVANCES, amount_minor)]


def fee_charged(amount_minor: int) -> list[Leg]:
    """The provider keeps it from what it collected for us."""
    return [debit(chart.FEES, amount_minor), credit(chart.CLEARING, amount_minor)]


def provider_settled(amount_minor: int) -> list[Leg]:
    """The provider pays out what it collected."""
    return [debit(chart.BANK, amount_minor), credit(chart.CLEARING, amount_minor)]


def cash_deposited(amount_minor: int) -> list[Leg]:
    return [debit(chart.BANK, amount_minor), credit(chart.CASH, amount_minor)]


# Giving back


def refund_paid(out_of: str, amount_minor: int) -> list[Leg]:
    """Money back of what the customer had with us: what a credit note took back, or what was never invoiced."""
    return [debit(chart.ADVANCES, amount_minor), credit(out_of, amount_minor)]


def refund_returned(out_of: str, amount_minor: int) -> list[Leg]:
    """Money that was given back did not arrive: the customer has it with us again."""
    return [debit(out_of, amount_minor), credit(chart.ADVANCES, amount_minor)]


# Losing


def receivable_written_off(amount_minor: int) -> list[Leg]:
    return [debit(chart.BAD_DEBT, amount_minor), credit(chart.RECEIVABLE, amount_minor)]


def write_off_taken_back(amount_minor: int) -> list[Leg]:
    """What was written off is not owed at all: a credit note took it back."""
    return [debit(chart.RECEIVABLE, amount_minor), credit(chart.BAD_DEBT, amount_minor)]


def chargeback_opened(amount_minor: int) -> list[Leg]:
    """The provider took a payment back; whether for good is open."""
    return [debit(chart.DISPUTED, amount_minor), credit(chart.CLEARING, amount_minor)]


def chargeback_won(amount_minor: int) -> list[Leg]:
    return [debit(chart.CLEARING, amount_minor), credit(chart.DISPUTED, amount_minor)]


def chargeback_lost(advance_minor: int, lost_minor: int) -> list[Leg]:
    """What had paid nothing yet went back to the customer; what had paid an invoice is lost."""
    return [
        debit(chart.ADVANCES, advance_minor),
        debit(chart.CHARGEBACKS, lost_minor),
        credit(chart.DISPUTED, advance_minor + lost_minor),
    ]


# Goods


def goods_received(cost_minor: int) -> list[Leg]:
    return [debit(chart.GOODS, cost_minor), credit(chart.SUPPLIERS, cost_minor)]


def goods_restocked(cost_minor: int) -> list[Leg]:
    """A customer's return lies on the shelf again."""
    return [debit(chart.GOODS, cost_minor), credit(chart.GOODS_SOLD, cost_minor)]


def goods_lost(cost_minor: int) -> list[Leg]:
    """Missing in a count, or spoilt."""
    return [debit(chart.GOODS_LOST, cost_minor), credit(chart.GOODS, cost_minor)]


def goods_found(cost_minor: int) -> list[Leg]:
    """More in a count than in the books."""
    return [debit(chart.GOODS, cost_minor), credit(chart.GOODS_LOST, cost_minor)]


def goods_returned_to_supplier(cost_minor: int) -> list[Leg]:
    return [debit(chart.SUPPLIERS, cost_minor), credit(chart.GOODS, cost_minor)]


def supplier_paid(out_of: str, amount_minor: int) -> list[Leg]:
    return [debit(chart.SUPPLIERS, amount_minor), credit(out_of, amount_minor)]
