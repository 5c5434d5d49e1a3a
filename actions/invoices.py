"""Invoices of one's own orders: each with a link that opens it."""

from __future__ import annotations

from actions import wording
from actions.skills import skill
from actions.turn import Turn
from actions.which_order import LISTED, order_number, say_none

_HERE = {"invoice": "invoice_here", "credit_note": "credit_note_here", "debit_note": "debit_note_here"}


@skill("invoice_get")
async def invoice_get(turn: Turn) -> None:
    """The documents of the order that was named, else of the latest that has some. Before it leaves there are none."""
    named = order_number(turn.message)
    numbers = [named] if named else [order.number for order in await turn.oms.orders(limit=LISTED)]
    if not numbers:
        await say_none(turn)
        return
    person = turn.button("button_person", "human_request")
    for number in numbers:
        documents = await turn.oms.order_invoices(number)
        if not documents:
            continue
        shop = await turn.shop()
        for document in documents:
            turn.say(
                _HERE[document.kind],
                document=document.number,
                number=number,
                amount=wording.money(document.payable, shop, turn.language),
                url=document.url or "",
                buttons=[person] if document is documents[-1] and not turn.questions else [],
            )
            if document.url:
                turn.enclose(f"{document.number}.pdf", f"{document.url}/pdf")
        return
    turn.say("invoice_later", number=numbers[0], buttons=[] if turn.questions else [person])
