"""Discounts: what the shop takes off, for whom, from when until when, and how often."""
