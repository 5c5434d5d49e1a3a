"""Insights: from the chat to the money in figures, and the messages that the assistant is to learn from."""
