"""Signing in by an identity provider: the address to go to, and who came back with a code (OpenID Connect)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from backend.staff.errors import OidcUnavailable, SignInRefused
from kernel import clock, tls

SCOPE = "openid email profile"
TIMEOUT_S = 5.0
# How long someone may take at the provider's page.
LASTS = timedelta(minutes=10)
# Public keys alone: what is signed with a shared secret, or not at all, is no word of the provider's.
ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
LEEWAY_S = 60


@dataclass(frozen=True, slots=True)
class Proven:
    """Who the provider says it is: an e-mail address it has verified, and its own name for the person."""

    email: str
    subject: str


class Oidc:
    """One provider. `redirect_uri` is our page that it sends people back to; `key` seals what we ask of them."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str, key: str) -> None:
        self._issuer, self._client_id, self._secret = issuer.rstrip("/"), client_id, client_secret
        self._redirect_uri, self._key = redirect_uri, key.encode()
        self._metadata: dict[str, Any] = {}

    def start(self) -> tuple[str, str]:
        """Where to go, and the `binding` for the browser's cookie: only that browser can come back.

        State, nonce and PKCE verifier all follow from the binding and our key, so nothing has to be kept.

        Raises: OidcUnavailable.
        """
        ends_at = int((clock.now() + LASTS).timestamp())
        binding = self._sealed(f"{ends_at}.{secrets.token_urlsafe(32)}")
        address = prepare_grant_uri(
            self._known()["authorization_endpoint"],
            client_id=self._client_id,
            response_type="code",
            redirect_uri=self._redirect_uri,
            scope=SCOPE,
            state=self._derived("state", binding),
            nonce=self._derived("nonce", binding),
            code_challenge=create_s256_code_challenge(self._derived("verifier", binding)),
            code_challenge_method="S256",
        )
        return str(address), binding

    def finish(self, binding: str, state: str, code: str) -> Proven:
        """Who came back. Raises: SignInRefused, OidcUnavailable."""
        if not self._is_live(binding) or not hmac.compare_digest(state, self._derived("state", binding)):
            raise SignInRefused()
        try:
            token = self._token_of(code, self._derived("verifier", binding))
            claims = self._verified(token, self._derived("nonce", binding))
        except (AuthlibBaseError, JoseError, KeyError, ValueError):
            raise SignInRefused() from None
        email = claims.get("email")
        if not email or claims.get("email_verified") is not True:
            raise SignInRefused()
        return Proven(str(email), f"{self._issuer}#{claims['sub']}"[:300])

    def _verified(self, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token: signed by the provider, for us, now, and for this very sign-in."""
        keys = KeySet.import_key_set(cast(Any, self._get(self._known()["jwks_uri"])))
        decoded = jwt.decode(token["id_token"], keys, algorithms=list(ALGORITHMS))
        options = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate(leeway=LEEWAY_S)
        return dict(claims)

    def _known(self) -> dict[str, Any]:
        """What the provider says of itself, asked for once. Raises: OidcUnavailable."""
        if not self._metadata:
            told = self._get(f"{self._issuer}/.well-known/openid-configuration")
            if str(told.get("issuer", "")).rstrip("/") != self._issuer:
                raise OidcUnavailable("the provider calls itself something else")
            self._metadata = told
        return self._metadata

    def _get(self, url: str) -> dict[str, Any]:
        try:
            answer = httpx.get(url, timeout=TIMEOUT_S, verify=tls.context(), follow_redirects=False)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise OidcUnavailable(type(error).__name__) from None
        return told

    def _token_of(self, code: str, verifier: str) -> dict[str, Any]:
        """Raises: SignInRefused, for a code that the provider does not take; OidcUnavailable."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        try:
            answer = httpx.post(
                self._known()["token_endpoint"],
                data=asked,
                auth=(self._client_id, self._secret),
                timeout=TIMEOUT_S,
                verify=tls.context(),
            )
        except httpx.HTTPError as error:
            raise OidcUnavailable(type(error).__name__) from None
        if answer.status_code in (400, 401):
            if "invalid_client" in answer.text:
                # Our settings are wrong, not the person.
                raise OidcUnavailable("invalid_client")
            raise SignInRefused()
        if not answer.is_success:
            raise OidcUnavailable(f"HTTP {answer.status_code}")
        token: dict[str, Any] = answer.json()
        return token

    def _sealed(self, said: str) -> str:
        return f"{said}.{self._derived('binding', said)}"

    def _is_live(self, binding: str) -> bool:
        said, _, seal = binding.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._derived("binding", said).encode()):
            return False
        return clock.now() < datetime.fromtimestamp(int(said.partition(".")[0]), UTC)

    def _derived(self, purpose: str, binding: str) -> str:
        digest = hmac.digest(self._key, f"oidc {purpose}\0{binding}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
