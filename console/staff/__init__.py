"""People who work here: their own sessions, and for an admin everyone."""
