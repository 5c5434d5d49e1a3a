"""What stands for a fact in a canned reply: the customer's latest order, their name, who writes."""

from __future__ import annotations

import re

from starlette.requests import Request

from bot.client import ConversationDetail
from console.desk import desk_of
from console.inbox import customers

_FACT = re.compile(r"\{\{\s*([a-z_.]+)\s*\}\}")


async def filled(request: Request, conversation: ConversationDetail, text: str) -> str:
    """The reply as it would be said; a fact that there is not stays for the agent to see, as what it is called."""
    names = set(_FACT.findall(text))
    facts = {"agent.name": desk_of(request).staff(request).name}
    if names - facts.keys() and conversation.customer_id:
        facts |= await customers.facts(request, conversation.customer_id)
    return _FACT.sub(lambda found: facts.get(found[1]) or f"[{found[1]}]", text)
