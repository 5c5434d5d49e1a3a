"""When the shop works."""
