"""The orders, as staff look them up."""
