"""What the customer wrote or pressed, as Rasa understood it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from rasa_sdk import Tracker

from nlu.order_lines import parse_order_lines


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One wish: `quantity` is a decimal string in `unit` (None: the product's own); `text` may be empty ("mejor 4").

    A correction also says what it replaces: `old_quantity` ("eran 2 no 3"), `old_text` ("cambia la leche por avena").
    """

    text: str
    quantity: str = "1"
    unit: str | None = None
    quantity_given: bool = False
    quantity_vague: bool = False
    old_quantity: str | None = None
    old_text: str | None = None

    @classmethod
    def from_entity(cls, value: dict[str, Any]) -> Self:
        return cls(
            text=str(value.get("text") or "").strip(),
            quantity=str(value.get("quantity") or "1"),
            unit=value.get("unit") or None,
            quantity_given=bool(value.get("quantity_given")),
            # An amount of money ("2.000 de pan") says as little about how many as "muchos".
            quantity_vague=bool(value.get("quantity_vague") or value.get("money")),
            old_quantity=value.get("old_quantity"),
            old_text=value.get("old_text"),
        )


@dataclass(frozen=True, slots=True)
class File:
    """A photo or document that came with a message. `voucher` is the bot's word for it, which the OMS believes."""

    id: str
    type: str
    voucher: str

    @classmethod
    def from_metadata(cls, value: dict[str, Any]) -> Self:
        return cls(str(value["id"]), str(value["type"]), str(value["voucher"]))


@dataclass(frozen=True, slots=True)
class Message:
    """`id` names the act in every idempotency key; `entities` are (name, value) pairs in the order of the text.

    A message of files alone has no text. `start_token` is of a link that was opened, `has_shared_phone` says that they
    shared their own number; `doors` are the addresses that open the shop's other channels. `wishes` are, in order, the
    parts of a message that holds several: each a message of its own, of the same id; `intent` is then the main one's.
    `is_rephrased`: the words are a language model's, so they answer no question. `handed_back` is what a
    person did who gave the conversation back: then nobody wrote anything.
    """

    id: str
    text: str
    intent: str
    entities: tuple[tuple[str, Any], ...] = ()
    is_button: bool = False
    locale: str | None = None
    token: str = ""
    detected_language: str | None = None
    language_confidence: float = 0.0
    order_lines: tuple[OrderLine, ...] = field(default=())
    files: tuple[File, ...] = ()
    channel: str = "web"
    start_token: str | None = None
    has_shared_phone: bool = False
    doors: dict[str, str] = field(default_factory=dict)
    handed_back: dict[str, Any] = field(default_factory=dict)
    confidence: float = 1.0
    traceparent: str = ""
    wishes: tuple[Message, ...] = ()
    is_rephrased: bool = False

    @classmethod
    def from_tracker(cls, tracker: Tracker) -> Self:
        latest = tracker.latest_message
        metadata = latest.get("metadata") or {}
        language = latest.get("language") or {}
        entities = tuple((entity["entity"], entity["value"]) for entity in latest.get("entities") or ())
        whole = cls(
            id=str(metadata.get("message_id") or latest.get("message_id") or ""),
            text="" if metadata.get("via") == "attachment" else str(latest.get("text") or ""),
            intent=str((latest.get("intent") or {}).get("name") or "nlu_fallback"),
            entities=entities,
            is_button=metadata.get("via") == "button",
            locale=metadata.get("locale"),
            token=str(metadata.get("customer_token") or ""),
            detected_language=language.get("name"),
            language_confidence=float(language.get("confidence") or 0.0),
            order_lines=_order_lines(entities),
            files=tuple(File.from_metadata(each) for each in metadata.get("attachments") or ()),
            channel=str(metadata.get("channel") or "web"),
            start_token=metadata.get("start_token"),
            has_shared_phone=bool(metadata.get("has_shared_phone")),
            doors=dict(metadata.get("doors") or {}),
            handed_back=dict(metadata.get("handed_back") or {}),
            confidence=float((latest.get("intent") or {}).get("confidence", 1.0)),
            traceparent=str(metadata.get("traceparent") or ""),
            is_rephrased=metadata.get("is_rephrased") is True,
        )
        return replace(whole, wishes=tuple(whole._part(wish) for wish in latest.get("wishes") or ()))

    def _part(self, wish: dict[str, Any]) -> Message:
        entities = tuple((entity["entity"], entity["value"]) for entity in wish["entities"])
        said = {"text": wish["text"], "intent": wish["intent"]["name"], "confidence": wish["intent"]["confidence"]}
        return replace(self, **said, entities=entities, order_lines=_order_lines(entities))

    @classmethod
    def remembered(cls, saved: dict[str, Any], token: str) -> Self:
        """A message kept by `to_remember`, tried again under the authority of the present one."""
        entities = tuple((name, value) for name, value in saved["entities"])
        files = tuple(File(**each) for each in saved.get("files") or ())
        wishes = tuple(cls.remembered(wish, token) for wish in saved.get("wishes") or ())
        read = {"entities": entities, "order_lines": _order_lines(entities), "files": files, "token": token}
        read["wishes"] = wishes
        return cls(**{**saved, **read})

    def to_remember(self) -> dict[str, Any]:
        """Everything of this message but its token, as JSON."""
        saved = asdict(self)
        del saved["token"], saved["order_lines"]
        saved["wishes"] = [wish.to_remember() for wish in self.wishes]
        return saved

    @property
    def spoken_lines(self) -> tuple[OrderLine, ...]:
        """The wishes in the text even where the pipeline, not knowing what was asked, looked for none."""
        if self.order_lines or self.is_button:
            return self.order_lines
        found = parse_order_lines(self.text, self.detected_language)
        return tuple(OrderLine.from_entity(line.as_value()) for line in found)

    def first(self, name: str) -> Any:
        """The first entity of that name, or None."""
        return next((value for entity, value in self.entities if entity == name), None)

    def text_entity(self, name: str) -> str | None:
        """The first entity of that name if it is a text: a payload or a model could hold anything."""
        value = self.first(name)
        return value.strip() if isinstance(value, str) and value.strip() else None


def _order_lines(entities: tuple[tuple[str, Any], ...]) -> tuple[OrderLine, ...]:
    lines = (value for name, value in entities if name == "order_line" and isinstance(value, dict))
    return tuple(OrderLine.from_entity(value) for value in lines)
