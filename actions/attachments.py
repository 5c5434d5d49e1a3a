"""Photos and documents that come without a word of what they are for."""

from __future__ import annotations

from actions.skills import skill
from actions.turn import Turn


@skill("attachment_send")
async def attachment_send(turn: Turn) -> None:
    """Nobody asked for it: say honestly what becomes of it."""
    turn.files_taken = True
    turn.say("file_unasked", buttons=[turn.button("button_person", "human_request")])
