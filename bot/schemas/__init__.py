"""The shapes of the bot's own HTTP API."""
