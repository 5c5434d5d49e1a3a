"""Rasa component that writes `language` ({"name": "es"|"en", "confidence": float}) onto every message."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.language import LanguageModel

LANGUAGE = "language"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class LanguageDetector(GraphComponent):
    """Learns from the `metadata: {language: …}` that every block of `data/nlu` carries."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, model: LanguageModel | None = None) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """An untrained detector."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LanguageDetector:
        """The detector that `train` stored."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, LanguageModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every line whose language is written down."""
        lines = [(line.get(TEXT), _written_language(line)) for line in training_data.intent_examples]
        known = [(text, language) for text, language in lines if text and language]
        model = LanguageModel.fit([text for text, _ in known], [language for _, language in known])
        with self._model_storage.write_to(self._resource) as folder:
            model.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Mark each training line with the language it is written down under."""
        for line in training_data.training_examples:
            language = _written_language(line)
            if language:
                line.set(LANGUAGE, {"name": language, "confidence": 1.0})
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark each message with the language it seems to be written in."""
        assert self._model is not None
        verdicts = self._model.detect([message.get(TEXT) or "" for message in messages])
        for message, (name, confidence) in zip(messages, verdicts, strict=True):
            message.set(LANGUAGE, {"name": name, "confidence": confidence}, add_to_output=True)
        return messages


def language_of(message: Message) -> str:
    """The code of the language that the detector wrote onto `message`."""
    language: str = message.get(LANGUAGE, {}).get("name", "es")
    return language


def _written_language(line: Message) -> str | None:
    metadata = (line.get(METADATA) or {}).get(METADATA_INTENT) or {}
    language: str | None = metadata.get(LANGUAGE)
    return language
