"""Links that open one thing without signing in: signed, for one purpose, and ending."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from kernel import clock
from kernel.db import Database

_ID_BYTES, _TIME_BYTES, _SEAL_BYTES = 16, 5, 16
# The name under which a session carries them: verbs make links and know no settings.
_CARRIED_AS = "comanda_links"


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine link opens: the `id` of a row; whether its time is over."""

    id: str
    is_over: bool


class Links:
    """Makes and reads links below `public_url`. `key` signs them, for each purpose differently."""

    def __init__(self, public_url: str, key: str) -> None:
        self._public_url = public_url
        self._key = key.encode()

    def make(self, purpose: str, path: str, id_: str, ends_at: datetime) -> str:
        """`https://…/<path>/<token>`; the token is short enough for a chat message."""
        said = UUID(id_).bytes + int(ends_at.timestamp()).to_bytes(_TIME_BYTES, "big")
        token = base64.urlsafe_b64encode(said + self._seal(purpose, said)).decode().rstrip("=")
        return f"{self._public_url}/{path}/{token}"

    def read(self, purpose: str, token: str) -> Link | None:
        """What a token opens; None for one that is not genuine, or was made for another purpose."""
        whole = _decoded(token)
        if whole is None:
            return None
        said, seal = whole[: _ID_BYTES + _TIME_BYTES], whole[_ID_BYTES + _TIME_BYTES :]
        is_canonical = base64.urlsafe_b64encode(whole).decode().rstrip("=") == token
        if not (is_canonical and len(seal) == _SEAL_BYTES and hmac.compare_digest(seal, self._seal(purpose, said))):
            return None
        ends_at = datetime.fromtimestamp(int.from_bytes(said[_ID_BYTES:], "big"), UTC)
        return Link(str(UUID(bytes=said[:_ID_BYTES])), is_over=clock.now() >= ends_at)

    def named(self, token: str) -> str | None:
        """The id that a token names, genuine or not: what depends on the row is looked up before `read` is asked."""
        whole = _decoded(token)
        return None if whole is None or len(whole) < _ID_BYTES else str(UUID(bytes=whole[:_ID_BYTES]))

    def _seal(self, purpose: str, said: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + said, hashlib.sha256)[:_SEAL_BYTES]


def _decoded(token: str) -> bytes | None:
    try:
        return base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None


def carry(database: Database, links: Links) -> None:
    """From here on every session of `database` can make links."""
    database.carried[_CARRIED_AS] = links


def carried(session: Session) -> Links | None:
    """None where nobody opens links: a bare database, as tools and tests use it."""
    links = session.info.get(_CARRIED_AS)
    assert links is None or isinstance(links, Links)
    return links
