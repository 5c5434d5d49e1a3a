"""The outbox of e-mail."""
