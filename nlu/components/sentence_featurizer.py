"""Rasa component that gives every message the features it is judged by."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.language_detector import LanguageDetector, language_of
from nlu.encoders import load_encoders
from nlu.features import message_features
from nlu.normalization import printable


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(GraphComponent):
    """Frozen features: nothing is learnt here."""

    def __init__(self, name: str) -> None:
        self._name = name

    @classmethod
    def required_components(cls) -> list[type]:
        """Shorthand is read by language, so the language comes first."""
        return [LanguageDetector]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """A featurizer named after its place in the pipeline."""
        return cls(execution_context.node_name)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceFeaturizer:
        """The same, for customers: the first after a start should not wait for the weights to be read.

        A training whose lines all have stored vectors needs none.
        """
        load_encoders()
        return cls.create(config, model_storage, resource, execution_context)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Featurize every training line."""
        self._featurize(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add one dense sentence feature to each message that has a text."""
        self._featurize(messages)
        return messages

    def _featurize(self, messages: list[Message]) -> None:
        written = [message for message in messages if message.get(TEXT)]
        if written:
            texts = [printable(message.get(TEXT)) for message in written]
            rows = message_features(texts, [language_of(message) for message in written])
            for position, message in enumerate(written):
                row = rows[position : position + 1]
                message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._name))
