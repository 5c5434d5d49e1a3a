"""Rasa component that names the customer's wish, or `nlu_fallback` when it cannot; and each of several wishes."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.language_detector import language_of
from nlu.components.sentence_featurizer import SentenceFeaturizer
from nlu.familiar import FamiliarWords
from nlu.features import message_features
from nlu.intents import IntentModel
from nlu.normalization import printable
from nlu.verdict import FALLBACK, NOTHING_SAID, Verdict
from nlu.wishes import find_wishes, main_wish

_RANKING_LENGTH = 10
#: On a message of several wishes: a list of {"text", "start", "end", "intent": {"name", "confidence"}}, in order.
WISHES = "wishes"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Trains `IntentModel` on the features of `SentenceFeaturizer` and keeps it in Rasa's model storage."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
        familiar: FamiliarWords | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model
        self._familiar = familiar

    @classmethod
    def required_components(cls) -> list[type]:
        """Nothing can be judged without features."""
        return [SentenceFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Chosen by cross-validation on our own training data; docs/understanding.md tells what each does."""
        return {"strength": 20.0, "folds": 2, "wrong_cost": 0.6}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """The classifier that `train` stored."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, IntentModel.load(folder), FamiliarWords.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Fit, calibrate, choose the refusal threshold, store."""
        lines = [line for line in training_data.intent_examples if line.get(TEXT)]
        model = IntentModel.fit(_features(lines), [line.get(INTENT) for line in lines], **self._config)
        familiar = FamiliarWords.of((line.get(INTENT), line.get(TEXT), language_of(line)) for line in lines)
        with self._model_storage.write_to(self._resource) as folder:
            model.save(folder)
            familiar.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Write `intent` and `intent_ranking` onto each message; one without text is not understood.

        Of several wishes the first is the message's, and all are its `wishes`.
        """
        assert self._model is not None
        assert self._familiar is not None
        written = [message for message in messages if (message.get(TEXT) or "").strip()]
        verdicts = self._model.judge(_features(written)) if written else []
        for message, verdict in zip(written, verdicts, strict=True):
            said = self._familiar.check(verdict, message.get(TEXT), language_of(message))
            _write(message, self._main_of_several(message, said))
        for message in messages:
            if message.get(INTENT) is None:
                _write(message, NOTHING_SAID)
        return messages

    def _main_of_several(self, message: Message, whole: Verdict) -> Verdict:
        """The verdict that the message goes by; writes `wishes` where there are several."""
        language = language_of(message)
        wishes = find_wishes(printable(message.get(TEXT)), whole, lambda parts: self._judge(parts, language))
        if not wishes:
            return whole
        found = [
            {
                "text": wish.text,
                "start": wish.start,
                "end": wish.end,
                INTENT: {INTENT_NAME_KEY: wish.verdict.intent, PREDICTED_CONFIDENCE_KEY: wish.verdict.confidence},
            }
            for wish in wishes
        ]
        message.set(WISHES, found, add_to_output=True)
        return main_wish(wishes).verdict

    def _judge(self, parts: list[str], language: str) -> list[Verdict]:
        assert self._model is not None
        assert self._familiar is not None
        verdicts = self._model.judge(message_features(parts, [language] * len(parts)))
        return [self._familiar.check(verdict, part, language) for verdict, part in zip(verdicts, parts, strict=True)]


def _features(messages: list[Message]) -> np.ndarray:
    return np.vstack([message.get_dense_features(TEXT)[1].features for message in messages])


def _write(message: Message, verdict: Verdict) -> None:
    ranking = [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: share} for name, share in verdict.ranking]
    chosen = {INTENT_NAME_KEY: verdict.intent, PREDICTED_CONFIDENCE_KEY: verdict.confidence}
    if verdict.intent == FALLBACK:
        ranking.insert(0, chosen)
    message.set(INTENT, chosen, add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking[:_RANKING_LENGTH], add_to_output=True)
