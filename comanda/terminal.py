"""Who acts at the terminal, as the trail has them: nobody signs in there."""

from __future__ import annotations

from backend.trail import Doer

TERMINAL = Doer("system", "comanda", "admin")
