"""The demo shop, and the one call that fills it."""

from backend.seed.demo import demo_staff, seed

__all__ = ["demo_staff", "seed"]
