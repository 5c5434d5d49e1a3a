"""The bot's own HTTP API: a file for each kind of thing that staff, or our own services, ask of it."""
