"""Rasa's importer for our training files: each is read once, and no line is copied or hashed more than it must be."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import rasa.shared.data
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data import loading
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_VERSION = "3.1"
_KEY = re.compile(r"^([a-z_]+):", re.MULTILINE)
_STRIPPED = "\n\r "
# What may annotate an entity: such a file is Rasa's to read.
_ANNOTATION = "["


class Line(Message):
    """One training line. Rasa merges all of them a dozen times, each time copying and hashing every one, deeply."""

    _cached_fingerprint: str | None

    def fingerprint(self) -> str:
        """As many hex digits as Rasa's, of the words and of the very numbers of the features."""
        if self._cached_fingerprint is None:
            digest = hashlib.md5(repr(sorted(self.data.items())).encode("utf-8", "replace"), usedforsecurity=False)
            for feature in self.features:
                is_dense = isinstance(feature.features, np.ndarray)
                digest.update(feature.features.tobytes() if is_dense else feature.fingerprint().encode())
            self._cached_fingerprint = digest.hexdigest()
        return self._cached_fingerprint

    def __deepcopy__(self, memo: dict[int, Any]) -> Line:
        """A line of its own; the values are shared, as nobody changes them in place."""
        copy = Line.__new__(Line)
        copy.__dict__ = self.__dict__ | {
            "data": self.data.copy(),
            "features": self.features.copy(),
            "output_properties": self.output_properties.copy(),
        }
        return copy


class OnceImporter(RasaFileImporter):
    """What `RasaFileImporter` imports, in a fraction of the time.

    A file of nothing but intents with plain lines is read here; any other, and with it whatever is wrong in one, is
    left to Rasa's own reader, which validates it.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        self.config_file = config_file
        self._domain_path = domain_path
        keys = {
            path: set(_KEY.findall(Path(path).read_text(encoding="utf-8")))
            for path in rasa.shared.data.get_data_files(training_data_paths, rasa.shared.data.is_likely_yaml_file)
        }
        self._nlu_files = [path for path, found in keys.items() if found & {"nlu", "responses"}]
        self._story_files = [path for path, found in keys.items() if found & {"stories", "rules"}]
        self._conversation_test_files = [path for path in self._story_files if Path(path).name.startswith("test_")]

    def get_domain(self) -> Domain:
        """The domain, read at the first call."""
        return self._domain

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """The rules; all of them are read at the first call."""
        return self._rules if exclusion_percentage is None else super().get_stories(exclusion_percentage)

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """All lines; the files' own metadata say their language, so `language` matters to Rasa's reader alone."""
        return self._lines

    @cached_property
    def _domain(self) -> Domain:
        return super().get_domain()

    @cached_property
    def _rules(self) -> StoryGraph:
        return utils.story_graph_from_paths(self._story_files, self._domain)

    @cached_property
    def _lines(self) -> TrainingData:
        return TrainingData().merge(*(read_file(path) for path in self._nlu_files))


def read_file(path: str) -> TrainingData:
    """The lines of one file; by Rasa's reader if there is anything in it but intents with plain lines."""
    content = yaml.load(Path(path).read_text(encoding="utf-8"), yaml.CSafeLoader)
    if not _is_plain(content):
        return loading.load_data(path)
    return TrainingData(
        [
            Line.build(line[1:].strip(_STRIPPED), block["intent"], None, block.get("metadata"))
            for block in content["nlu"]
            for line in block["examples"].splitlines()
        ]
    )


def _is_plain(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and content.keys() == {"version", "nlu"}
        and content["version"] == _VERSION
        and isinstance(content["nlu"], list)
        and all(map(_is_plain_block, content["nlu"]))
    )


def _is_plain_block(block: Any) -> bool:
    if not isinstance(block, dict) or not {"intent", "examples"} <= block.keys() <= {"intent", "examples", "metadata"}:
        return False
    intent, lines = block["intent"], block["examples"]
    return (
        isinstance(intent, str)
        and re.fullmatch(r"\w+", intent) is not None
        and isinstance(lines, str)
        and _ANNOTATION not in lines
        and bool(lines.strip())
        and all(line.startswith("-") and line[1:].strip(_STRIPPED) for line in lines.splitlines())
    )
