"""Photos and documents that come without a word of what they are for, or as proof that an order was paid."""

from __future__ import annotations

from actions.payment_proofs import says_paid, take_proof
from actions.skills import skill
from actions.turn import Turn


@skill("attachment_send")
async def attachment_send(turn: Turn) -> None:
    """A proof of payment, if that is said, or an order waits for a transfer; else say what becomes of it."""
    if await take_proof(turn, is_said=turn.message.intent == "pay_start" or says_paid(turn.message.text)):
        return
    turn.files_taken = True
    turn.say("file_unasked", buttons=[turn.button("button_person", "human_request")])
