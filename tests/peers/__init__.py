"""Servers that others wrote, for our calls to be held against."""
