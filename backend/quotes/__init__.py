"""Quotes: carts that the shop makes for a customer, to be accepted in the chat or placed for them."""
