"""All skills, with every module of the action server imported."""

from __future__ import annotations

import importlib
import pkgutil

import actions
from actions.skills import SKILLS

for module in pkgutil.iter_modules(actions.__path__):
    importlib.import_module(f"actions.{module.name}")

__all__ = ["SKILLS"]
