"""Handoff: a person takes a conversation over, and gives it back."""
