"""What may be refused to who takes a conversation over."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class ConversationNotFound(NotFound):
    code, title = "conversation_not_found", "No such conversation"


class ConversationTaken(Conflict):
    """`params`: `owner`, `version`, and the `agent` who has it, as things stand now."""

    code, title = "conversation_taken", "Someone else has it by now, or it has been given back"


class ConversationNotYours(Conflict):
    """`params`: `owner`, `version`, and the `agent` who has it."""

    code, title = "conversation_not_yours", "Take the conversation over first"


class MessageUnseen(Conflict):
    """`params`: `last_seq`."""

    code, title = "message_unseen", "The customer has written since"


class MessageEmpty(Invalid):
    code, title = "message_empty", "The message says nothing"


class CustomerOptedOut(Conflict):
    code, title = "customer_opted_out", "The customer asked not to be written to"


class CustomerUnreachable(Conflict):
    """`params`: `reason`."""

    code, title = "customer_unreachable", "Nothing can be sent to this customer"


class WindowClosed(Conflict):
    code, title = "window_closed", "The channel takes only an approved template by now"


class TemplateUnknown(Invalid):
    code, title = "template_unknown", "There is no such template in the customer's language, or a value is missing"


class AgentNotFound(NotFound):
    code, title = "agent_not_found", "Nobody of that id has been at the desk"


class AgentFull(Conflict):
    code, title = "agent_full", "They have as many conversations as they take"


class TeamUnknown(Invalid):
    """`params`: `team`."""

    code, title = "team_unknown", "The shop has no such team"


class QueueEmpty(NotFound):
    code, title = "queue_empty", "Nobody waits for you"


class SnoozePast(Invalid):
    code, title = "snooze_past", "That time is over, or further away than a month"


class CannedNotFound(NotFound):
    code, title = "canned_not_found", "No such reply"
