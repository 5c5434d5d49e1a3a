"""What an e-invoicing provider must be able to do, and where providers register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class Submission:
    """A document as it is handed in. `key` is the same at every try of it, so that it is counted once."""

    key: str
    kind: str
    number: str
    fingerprint: str
    xml: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """`accepted`, under the provider's `reference`; `refused`, for a `reason`; `later`: nobody knows yet."""

    kind: Literal["accepted", "refused", "later"]
    reference: str | None = None
    reason: str | None = None


class Provider(Protocol):
    """A firm that hands documents to the tax office."""

    code: str

    def submit(self, submission: Submission) -> Outcome:
        """Hand it in, once; a key that was handed in before gets the answer of then. Network trouble is `later`."""


_providers: dict[str, Provider] = {}
Class = TypeVar("Class", bound=type)


def provider(made: Class) -> Class:
    """Register a provider's class."""
    instance = made()
    assert instance.code not in _providers, "a provider's code is its own"
    _providers[instance.code] = instance
    return made


def registered() -> Mapping[str, Provider]:
    return _providers
