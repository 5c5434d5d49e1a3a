"""All that a forked process (tests/forked.py) would load by itself: the server that it is forked from has it."""

import sys

from sqlalchemy.orm import configure_mappers

import backend.app
import backend.migrations.models
import bot.app
import bot.channels.polling
import comanda.worker
import tests.backend.killing

__all__ = ["backend", "bot", "comanda", "tests"]

configure_mappers()
# A program reads its settings when it begins: it is run anew each time.
del sys.modules["comanda.worker"]
