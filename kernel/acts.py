"""What names an act that is done once: the Idempotency-Key, and what is refused of it (R5)."""

from __future__ import annotations

import hashlib

from kernel.errors import Conflict, Invalid

MAX_KEY_LENGTH = 200


class IdempotencyKeyRequired(Invalid):
    code, title = "idempotency_key_required", "This call changes something: name the act in the Idempotency-Key header"


class IdempotencyKeyInvalid(Invalid):
    code, title = "idempotency_key_invalid", "An Idempotency-Key is 1 to 200 visible ASCII characters"


class IdempotencyConflict(Conflict):
    code, title = "idempotency_conflict", "This Idempotency-Key already named another request"


def is_key(text: str) -> bool:
    """Whether a text can name an act."""
    return 0 < len(text) <= MAX_KEY_LENGTH and all("!" <= character <= "~" for character in text)


def request_hash(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()
