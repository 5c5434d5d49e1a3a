"""What the customer owes, and what of theirs the shop has."""

from __future__ import annotations

from actions import wording
from actions.skills import skill
from actions.turn import Turn
from backend.schemas.receivables import OpenDocument
from backend.schemas.shop import Shop

LISTED = 8


@skill("balance_ask")
async def balance_ask(turn: Turn) -> None:
    """Open invoices with their days, what is due first first; a token names one customer, so they are all their own."""
    owed = await turn.oms.open_invoices()
    shop = await turn.shop()
    with_us = wording.money(owed.with_us, shop, turn.language)
    if owed.documents:
        listed = [_document(turn, each, shop) for each in owed.documents[:LISTED]]
        more = len(owed.documents) - LISTED
        if more > 0:
            listed.append(turn.text("balance_more", count=more))
        turn.say("balance_owed", owed=wording.money(owed.owed, shop, turn.language), documents="\n".join(listed))
    else:
        turn.say("balance_nothing_owed")
    if owed.with_us.amount_minor > 0:
        turn.say("balance_with_us", amount=with_us)


def _document(turn: Turn, each: OpenDocument, shop: Shop) -> str:
    if each.open.amount_minor < 0:
        key = "balance_document_in_favour"
    else:
        key = "balance_document_overdue" if each.is_overdue else "balance_document"
    amount = wording.money(
        each.open.model_copy(update={"amount_minor": abs(each.open.amount_minor)}), shop, turn.language
    )
    return turn.text(
        key,
        number=each.number,
        order=each.order_number,
        amount=amount,
        day=wording.full_day(each.due_on, turn.language),
    )
