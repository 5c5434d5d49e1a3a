"""Conversations: who talks with whom, what was said, and who answers."""
