"""Whether a carrier's webhook is genuine. Source: https://www.standardwebhooks.com"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from standardwebhooks import Webhook, WebhookVerificationError

from backend.shipping.errors import CarrierWithoutSecret, SignatureRefused

SCHEME = "v1"


def secret_of(carrier: str, given: Mapping[str, str], demo_key: str | None) -> str:
    """The secret agreed with a carrier (`whsec_…`); a demo derives one, so that it can be tried.

    Raises: CarrierWithoutSecret.
    """
    secret = given.get(carrier, "")
    if not secret and demo_key is not None:
        secret = base64.b64encode(
            hmac.digest(demo_key.encode(), f"carrier:{carrier}".encode(), hashlib.sha256)
        ).decode()
    if not secret:
        raise CarrierWithoutSecret(carrier=carrier)
    return secret


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The id of a webhook that is signed with `secret`, at most five minutes ago or ahead.

    The library reads numbers and base64 leniently; here a webhook is accepted only as its sender wrote it.

    Raises: SignatureRefused.
    """
    told = {name: headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    stamp = told["webhook-timestamp"]
    if not (
        stamp.isascii()
        and stamp.isdigit()
        and all(_is_canonical(each) for each in told["webhook-signature"].split(" "))
    ):
        raise SignatureRefused()
    try:
        Webhook(secret).verify(body, told, json_parse=False)
    except (WebhookVerificationError, ValueError):
        raise SignatureRefused() from None
    return told["webhook-id"]


def _is_canonical(signature: str) -> bool:
    scheme, _, encoded = signature.partition(",")
    if scheme != SCHEME:
        return bool(scheme) and bool(encoded)
    try:
        return base64.b64encode(base64.b64decode(encoded, validate=True)).decode() == encoded
    except (binascii.Error, ValueError):
        return False
