"""One-time secrets: codes of six digits that nobody has to keep, and tokens of which only a hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets

DIGITS = 6
# Telegram takes 64 of A-Z a-z 0-9 _ - after /start; 24 random bytes are 32 of them.
_TOKEN_BYTES = 24


def code_of(request_id: str, key: str) -> str:
    """The code of a request: made of its id and the signing key, so that what is stored does not tell it."""
    digest = hmac.digest(key.encode(), f"code:{request_id}".encode(), "sha256")
    return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}d}"


def is_code(said: str, request_id: str, key: str) -> bool:
    """Is this the code? In the same time whatever was said."""
    digits = "".join(character for character in said if character.isascii() and character.isdecimal())
    return hmac.compare_digest(digits.encode(), code_of(request_id, key).encode())


def new_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
