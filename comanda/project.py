"""Where the parts of the project lie on disk."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP_ENVIRONMENT = ROOT / ".venv"
RASA_ENVIRONMENT = ROOT / ".venv-rasa"
MODELS = ROOT / "models"
TOOLS = ROOT / ".comanda" / "tools"

# Rasa writes nothing home, and says only what matters.
RASA_SETTINGS = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}
