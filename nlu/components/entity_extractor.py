"""Rasa component that adds order lines, order numbers, options, payment methods, languages and addresses."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.components.intent_classifier import WISHES, IntentClassifier
from nlu.components.language_detector import language_of
from nlu.entities import find_entities, find_entities_of_wishes
from nlu.normalization import printable


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent, EntityExtractorMixin):
    """Reads what the grammars find; which of them are asked depends on the intent."""

    @classmethod
    def required_components(cls) -> list[type]:
        """The intent decides what is looked for."""
        return [IntentClassifier]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        """The extractor; it has no state."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Append what was found to each message's `entities`; of several wishes each has its own, too."""
        for message in messages:
            language = language_of(message)
            wishes = message.get(WISHES) or []
            if wishes:
                parts = [(wish["text"], wish["start"], wish[INTENT][INTENT_NAME_KEY]) for wish in wishes]
                each = find_entities_of_wishes(parts, language)
                for wish, entities in zip(wishes, each, strict=True):
                    wish[ENTITIES] = [entity.as_dict() for entity in entities]
                entities = [entity for found in each for entity in found]
            else:
                intent = message.get(INTENT, {}).get(INTENT_NAME_KEY)
                entities = find_entities(printable(message.get(TEXT) or ""), language, intent)
            found = self.add_extractor_name([entity.as_dict() for entity in entities])
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages
