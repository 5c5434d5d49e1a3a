"""What the customer owes, and what of theirs the shop has."""

from __future__ import annotations

from datetime import date

from actions import wording
from actions.days import read_day
from actions.skills import skill
from actions.turn import Turn
from actions.words import plain
from backend.schemas.receivables import OpenDocument
from backend.schemas.shop import Shop
from kernel.errors import ComandaError

LISTED = 8
SAID_MOST = 300


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


async def takes_promise(turn: Turn) -> bool:
    """Whether what was said is taken for a promise: a day to come, and something that is owed.

    Who says "today" wants to pay, and who asks is told.
    """
    if turn.message.is_button or "?" in turn.message.text:
        return False
    shop = await turn.shop()
    today = wording.today(shop)
    day = read_day(plain(turn.message.text), today)
    if day is None or day == today or (await turn.oms.open_invoices()).owed.amount_minor <= 0:
        return False
    try:
        promise = await turn.oms.promise_payment(day, turn.message.text[:SAID_MOST], key=turn.key("promise"))
    except ComandaError as refusal:
        if refusal.code != "promise_out_of_range":
            raise
        latest = date.fromisoformat(str(refusal.params["latest"]))
        person = turn.button("button_person", "human_request")
        turn.say("promise_too_far", day=wording.full_day(latest, turn.language), buttons=[person])
        return True
    day_said = wording.full_day(promise.promised_on, turn.language)
    turn.say("promise_taken", amount=wording.money(promise.amount, shop, turn.language), day=day_said)
    return True


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
