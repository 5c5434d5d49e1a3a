"""Where the parts of the project lie on disk."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP_ENVIRONMENT = ROOT / ".venv"
RASA_ENVIRONMENT = ROOT / ".venv-rasa"
MODELS = ROOT / "models"
TOOLS = ROOT / ".comanda" / "tools"
