"""The outbox: what is on its way to customers on channels that are pushed to (R2)."""
