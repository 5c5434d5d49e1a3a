"""The trained understanding without Rasa around it: the same parts, read from the same model archive."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.entities import Entity, find_entities, find_entities_of_wishes
from nlu.familiar import FamiliarWords
from nlu.features import message_features
from nlu.intents import IntentModel
from nlu.jobs import job_of
from nlu.language import LanguageModel
from nlu.normalization import printable
from nlu.verdict import NOTHING_SAID, Verdict
from nlu.wishes import Wish, find_wishes, main_wish

_PARTS = (LanguageModel.FILE, *IntentModel.FILES, FamiliarWords.FILE)


@dataclass(frozen=True)
class Reading:
    """What one message means; of several `wishes` the first that is more than a courtesy is its intent."""

    text: str
    language: str
    intent: str
    confidence: float
    entities: list[Entity]
    wishes: tuple[Wish, ...] = ()

    @property
    def job(self) -> str:
        """The shop's word for the wish, of several for the main one."""
        return job_of(self.intent, main_wish(list(self.wishes)).text if self.wishes else self.text)

    def as_dict(self) -> dict[str, Any]:
        """One line of `comanda parse --json`."""
        lines = [entity.value for entity in self.entities if entity.entity == "order_line" and self._is_of_main(entity)]
        jobs = [job_of(wish.verdict.intent, wish.text) for wish in self.wishes]
        return {
            "text": self.text,
            "language": self.language,
            "intent": self.intent,
            "job": self.job,
            **({"jobs": jobs} if jobs else {}),
            "confidence": round(self.confidence, 4),
            "order_lines": [{name: line[name] for name in ("quantity", "unit", "text")} for line in lines],
        }

    def _is_of_main(self, entity: Entity) -> bool:
        """Goods that are only asked about beside an order are no lines of it."""
        topic = self.intent.partition("_")[0]
        of = (wish for wish in self.wishes if wish.start <= entity.start < wish.end)
        return all(wish.verdict.intent.partition("_")[0] == topic for wish in of)


class Understanding:
    """Language, then intent, then entities: what config.yml's pipeline does to one message."""

    def __init__(self, languages: LanguageModel, intents: IntentModel, familiar: FamiliarWords) -> None:
        self._languages = languages
        self._intents = intents
        self._familiar = familiar

    @classmethod
    def load(cls, model: Path) -> Understanding:
        """Read a model archive (`models/….tar.gz`), or the newest one in a folder of them.

        Raises: FileNotFoundError if there is none, ValueError if it was not trained with our pipeline.
        """
        with _unpacked(_newest(model)) as folder:
            return cls(LanguageModel.load(folder), IntentModel.load(folder), FamiliarWords.load(folder))

    def languages_of(self, texts: list[str]) -> list[tuple[str, float]]:
        """The language of each text and the confidence in it, 0.5 to 1."""
        return self._languages.detect(texts)

    def read(self, texts: list[str]) -> list[Reading]:
        """A reading for each text, in order; an empty one is not understood."""
        shown = [printable(text) for text in texts]
        languages = [language for language, _ in self.languages_of(texts)]
        judged = self._judge(shown, languages)
        return [
            self._reading(text, clean, language, verdict if clean.strip() else NOTHING_SAID)
            for text, clean, language, verdict in zip(texts, shown, languages, judged, strict=True)
        ]

    def _reading(self, text: str, clean: str, language: str, whole: Verdict) -> Reading:
        wishes = find_wishes(clean, whole, lambda parts: self._judge(parts, [language] * len(parts)))
        if not wishes:
            entities = find_entities(clean, language, whole.intent)
            return Reading(text, language, whole.intent, whole.confidence, entities)
        main = main_wish(wishes).verdict
        parts = [(wish.text, wish.start, wish.verdict.intent) for wish in wishes]
        entities = [entity for found in find_entities_of_wishes(parts, language) for entity in found]
        return Reading(text, language, main.intent, main.confidence, entities, tuple(wishes))

    def _judge(self, texts: list[str], languages: list[str]) -> list[Verdict]:
        judged = self._intents.judge(message_features(texts, languages))
        return [
            self._familiar.check(verdict, text, language)
            for verdict, text, language in zip(judged, texts, languages, strict=True)
        ]


def _newest(model: Path) -> Path:
    if not model.is_dir():
        return model
    archives = sorted(model.glob("*.tar.gz"), key=lambda archive: archive.stat().st_mtime)
    if not archives:
        raise FileNotFoundError(f"no trained model in {model}")
    return archives[-1]


@contextmanager
def _unpacked(archive: Path) -> Iterator[Path]:
    """A folder with our parts of the archive; Rasa keeps each under a folder named after its graph node."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as model:
        wanted = {Path(member.name).name: member for member in model if Path(member.name).name in _PARTS}
        if len(wanted) != len(_PARTS):
            raise ValueError(f"{archive} was not trained with the pipeline of config.yml")
        for name, member in wanted.items():
            content = model.extractfile(member)
            assert content is not None
            (Path(folder) / name).write_bytes(content.read())
        yield Path(folder)
