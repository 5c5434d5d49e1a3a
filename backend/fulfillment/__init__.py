"""Getting an order ready: what is picked where, packed, and handed over."""
