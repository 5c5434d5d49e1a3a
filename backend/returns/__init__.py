"""Returns: goods that come back, what becomes of them, and what their customer gets for them."""
