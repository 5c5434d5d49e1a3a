"""Contacts: who may be written to on a channel that is pushed to, and until when."""
