"""Claims: what a customer says went wrong with an order."""
