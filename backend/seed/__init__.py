"""The demo shop: what fills it, and what gives it a past."""

from backend.seed.demo import demo_staff, seed
from backend.seed.month import seed_month

__all__ = ["demo_staff", "seed", "seed_month"]
