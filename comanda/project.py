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

# Understanding one message takes products too small to share out: threads that wait for the next one spin, and on a
# busy machine a message costs many times its processor time. Both libraries read this when they are loaded, which is
# before our code runs (scikit-learn brings the second). Training shares products out.
READING_SETTINGS = RASA_SETTINGS | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
