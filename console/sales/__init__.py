"""The sales desk: what waits for a decision, what may be done with an order, and orders made for customers."""
