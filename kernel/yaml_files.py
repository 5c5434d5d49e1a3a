"""Our YAML files, and those that a shop gives us."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_yaml(path: Path) -> Any:
    """What is in it, read by the fast parser: the slow one takes seconds for all of ours.

    Raises: OSError, yaml.YAMLError.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # it is a safe one
