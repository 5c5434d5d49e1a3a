"""Proofs of who somebody is, while a person has their conversation: they take effect, and staff see it in the thread.

Where the assistant answers, it asks and says the same (actions/identities.py). A link joins nothing without a yes; a
number that the channel vouches for does so at once.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.answering.customers import Customers
from bot.conversations import service as conversations
from bot.conversations.models import Conversation, Turn
from bot.conversations.service import LINK, Button
from bot.replies import say
from kernel.errors import ComandaError


def is_one(turn: Turn, conversation: Conversation) -> bool:
    """Does the bot itself see to what this message proves?"""
    is_answer = turn.payload is not None and turn.payload.startswith(LINK)
    return is_answer or (turn.shared_phone is not None and conversation.owner != "assistant")


def ask(session: Session, conversation: Conversation, turn: Turn) -> None:
    """Was it they who asked to go on here? Asked of who opened a link, where the assistant does not."""
    if turn.start_token is None:
        return
    language = conversation.language
    buttons = [
        Button(say("link_mine", language), f"{LINK}{turn.start_token}"),
        Button(say("link_not_mine", language), LINK),
    ]
    words = say("link_ask", language)
    conversations.append(session, conversation, "assistant", words, buttons=buttons, in_reply_to=turn.message_id)


def open_link(customers: Customers, customer_id: str, conversation_id: str, message_id: str, payload: str) -> str:
    """Their answer takes effect. Gives the key of what is said of it. Raises: BackendUnavailable."""
    token = payload.removeprefix(LINK)
    if not token:
        return "link_declined"
    try:
        customers.open_link(customer_id, conversation_id, message_id, token)
    except ComandaError as refusal:
        if refusal.code != "link_request_over":
            raise
        return "link_over"
    return "linked"
