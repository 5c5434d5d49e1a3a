"""The checkout in the chat: address, payment method, summary, confirmation."""

from actions.checkout import asking, destination, paying

__all__ = ["asking", "destination", "paying"]
