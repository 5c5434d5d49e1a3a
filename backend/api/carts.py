"""The customer's cart."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["Cart"])
