"""Signed words by which the bot vouches for a file: whose it is, and what; nobody needs to ask it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

import jwt

from kernel import clock
from kernel.errors import Invalid

_ALGORITHM = "HS256"
_ISSUER = "comanda-bot"
# Another audience than that of `kernel.tokens`: a voucher opens nothing.
AUDIENCE = "comanda-attachment"


class VoucherRefused(Invalid):
    code, title = "voucher_refused", "The file is not vouched for, or not any more"


@dataclass(frozen=True, slots=True)
class Vouched:
    """A file that a customer sent: `hash` is the SHA-256 of its content, `type` its media type."""

    attachment_id: str
    customer_id: str
    hash: str
    type: str


def vouch(file: Vouched, key: str, lifetime: timedelta) -> str:
    issued_at = clock.now()
    claims = asdict(file) | {"iss": _ISSUER, "aud": AUDIENCE, "iat": issued_at, "exp": issued_at + lifetime}
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def read(voucher: str, key: str) -> Vouched:
    """Raises: VoucherRefused."""
    try:
        claims = jwt.decode(
            voucher,
            key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=_ISSUER,
            options={"require": ["exp", "iat", *Vouched.__dataclass_fields__]},
        )
    except jwt.InvalidTokenError as error:
        raise VoucherRefused(type(error).__name__) from None
    return Vouched(**{name: str(claims[name]) for name in Vouched.__dataclass_fields__})
