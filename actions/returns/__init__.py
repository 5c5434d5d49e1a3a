"""Returns in the chat: asking for one step by step, how they stand, keeping the goods after all, disagreeing."""

from actions.returns import asking, bounced, closing, standing

__all__ = ["asking", "bounced", "closing", "standing"]
