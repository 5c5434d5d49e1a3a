"""The bot's web side alone, as a process: `python -m tests.bot.web_process`."""

from __future__ import annotations

import uvicorn

from bot.app import create_app
from kernel import logging
from kernel.config import get_settings

if __name__ == "__main__":
    settings = get_settings()
    logging.configure("web", settings.log_level)
    uvicorn.run(create_app(settings), host="127.0.0.1", port=settings.port, log_level="warning")
