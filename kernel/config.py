"""The settings of one running Comanda, read once from the environment."""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets
from datetime import time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_SECRET_LENGTH = 32
# A random one of that length has more than twenty.
MIN_DIFFERENT_CHARACTERS = 10
_PLACEHOLDER = r"(change|me|your|my|the|a|secret|password|key|token|here|example|default|demo|test|todo|x{3,})+"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
QUIET_HOURS = rf"^{_CLOCK}-{_CLOCK}$"


class Settings(BaseSettings):
    """Every setting has a default that works on one machine with no account anywhere.

    Ports are TCP ports on loopback; `*_url` have no trailing slash; `*_s` are seconds.
    In production mode a missing or short `COMANDA_SECRET` is refused: a demo makes its own and keeps it in its home.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=False)

    home: Path = Field(default=Path(".comanda"), validation_alias="COMANDA_HOME")
    mode: Literal["demo", "production"] = Field(default="demo", validation_alias="COMANDA_MODE")
    secret: SecretStr = Field(default=SecretStr(""), validation_alias="COMANDA_SECRET")
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    host: str = Field(default="127.0.0.1", validation_alias="HOST")
    port: int = Field(default=8080, validation_alias="PORT")
    rasa_port: int = Field(default=5005, validation_alias="RASA_PORT")
    actions_port: int = Field(default=5055, validation_alias="ACTIONS_PORT")
    public_url: str = Field(default="", validation_alias="PUBLIC_URL")
    backend_url: str = Field(default="", validation_alias="BACKEND_URL")
    rasa_url: str = Field(default="", validation_alias="RASA_URL")
    bot_url: str = Field(default="", validation_alias="BOT_URL")
    smtp_url: SecretStr = Field(default=SecretStr(""), validation_alias="SMTP_URL")
    mail_from: str = Field(default="", validation_alias="MAIL_FROM")
    quiet_hours: str = Field(default="21:00-07:00", pattern=QUIET_HOURS, validation_alias="COMANDA_QUIET_HOURS")
    feedback_after_s: float = Field(default=600, ge=0, validation_alias="COMANDA_FEEDBACK_AFTER_S")
    # After so many days of silence a phone number may be someone else's.
    identity_fresh_days: int = Field(default=180, ge=1, validation_alias="COMANDA_IDENTITY_FRESH_DAYS")
    # Limits (docs/privacy.md): typed turns of one conversation, and what is sent by paid template in a day.
    turns_a_minute: int = Field(default=10, ge=1, validation_alias="COMANDA_TURNS_A_MINUTE")
    paid_sends_each: int = Field(default=5, ge=0, validation_alias="COMANDA_PAID_SENDS_EACH")
    paid_sends_a_day: int = Field(default=1_000, ge=0, validation_alias="COMANDA_PAID_SENDS_A_DAY")
    # How long what people wrote and sent is kept (docs/privacy.md); documents and books are not meant.
    keep_chats_days: int = Field(default=365, ge=30, validation_alias="COMANDA_KEEP_CHATS_DAYS")
    keep_files_days: int = Field(default=365, ge=30, validation_alias="COMANDA_KEEP_FILES_DAYS")
    keep_mails_days: int = Field(default=365, ge=30, validation_alias="COMANDA_KEEP_MAILS_DAYS")
    # How long someone who works here stays signed in (docs/staff.md): unused, and at most.
    staff_idle_minutes: int = Field(default=120, ge=5, validation_alias="COMANDA_STAFF_IDLE_MINUTES")
    staff_session_hours: int = Field(default=12, ge=1, le=168, validation_alias="COMANDA_STAFF_SESSION_HOURS")
    # Signing in by the shop's own identity provider, beside passwords (docs/staff.md).
    oidc_issuer: str = Field(default="", validation_alias="COMANDA_OIDC_ISSUER")
    oidc_client_id: str = Field(default="", validation_alias="COMANDA_OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), validation_alias="COMANDA_OIDC_CLIENT_SECRET")
    oidc_name: str = Field(default="SSO", max_length=40, validation_alias="COMANDA_OIDC_NAME")
    # The shop's own privacy policy, instead of the one that comes with Comanda (docs/privacy.md).
    privacy_policy: Path | None = Field(default=None, validation_alias="COMANDA_PRIVACY_POLICY")
    # How the shop's people share conversations, instead of Comanda's own policy (docs/handoff.md).
    handoff_policy: Path | None = Field(default=None, validation_alias="COMANDA_HANDOFF_POLICY")
    # From so much on, in minor units, a person goes on with who has ordered; 0 for no such amount.
    handoff_over_minor: int = Field(default=0, ge=0, validation_alias="COMANDA_HANDOFF_OVER_MINOR")
    has_demo_month: bool = Field(default=True, validation_alias="COMANDA_DEMO_MONTH")
    # What all visitors of one address together may say in the web chat in ten seconds; 0 for no bound.
    messages_per_address: int = Field(default=100, ge=0, validation_alias="COMANDA_MESSAGES_PER_ADDRESS")
    # With which the shop's own site signs who its visitor is (docs/widget.md).
    site_key: SecretStr = Field(default=SecretStr(""), validation_alias="COMANDA_SITE_KEY")
    allowed_origins: str = Field(default="", validation_alias="COMANDA_ALLOWED_ORIGINS")
    log_level: str = Field(default="INFO", validation_alias="LOG_LEVEL")
    # Where spans go, and where Prometheus finds metrics: `web` at this port, `worker` and `actions` at the next two.
    otlp_endpoint: str = Field(default="", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    metrics_port: int = Field(default=0, ge=0, le=65_000, validation_alias="COMANDA_METRICS_PORT")
    carrier_secrets: dict[str, str] = Field(
        default_factory=dict, validation_alias="COMANDA_CARRIER_SECRETS", repr=False
    )

    stripe_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="STRIPE_API_KEY")
    stripe_webhook_secret: SecretStr = Field(default=SecretStr(""), validation_alias="STRIPE_WEBHOOK_SECRET")
    stripe_api_base: str = Field(default="https://api.stripe.com", validation_alias="STRIPE_API_BASE")

    twilio_account_sid: str = Field(default="", validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr = Field(default=SecretStr(""), validation_alias="TWILIO_AUTH_TOKEN")
    # The other of the two that are good while the first is being changed.
    twilio_auth_token_secondary: SecretStr = Field(
        default=SecretStr(""), validation_alias="TWILIO_AUTH_TOKEN_SECONDARY"
    )
    twilio_whatsapp_from: str = Field(default="", validation_alias="TWILIO_WHATSAPP_FROM")
    twilio_api_base: str = Field(default="https://api.twilio.com", validation_alias="TWILIO_API_BASE")
    whatsapp_templates: Path | None = Field(default=None, validation_alias="COMANDA_WHATSAPP_TEMPLATES")

    telegram_bot_token: SecretStr = Field(default=SecretStr(""), validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_api_base: str = Field(default="https://api.telegram.org", validation_alias="TELEGRAM_API_BASE")

    # Speech to text for voice notes (docs/channels.md): a service that answers as OpenAI's does, `…/v1`.
    speech_url: str = Field(default="", validation_alias="COMANDA_SPEECH_URL")
    speech_key: SecretStr = Field(default=SecretStr(""), validation_alias="COMANDA_SPEECH_KEY")
    speech_model: str = Field(default="whisper-1", validation_alias="COMANDA_SPEECH_MODEL")

    # Other words for what the assistant did not understand (docs/understanding.md): a service that answers as OpenAI's
    # chat completions do, `…/v1`. Off without an address.
    rephrase_url: str = Field(default="", validation_alias="COMANDA_REPHRASE_URL")
    rephrase_key: SecretStr = Field(default=SecretStr(""), validation_alias="COMANDA_REPHRASE_KEY")
    rephrase_model: str = Field(default="", validation_alias="COMANDA_REPHRASE_MODEL")

    @model_validator(mode="after")
    def _derive(self) -> Self:
        self.home = self.home.expanduser().resolve()
        self.database_url = self.database_url or f"sqlite:///{self.home / 'comanda.db'}"
        self.public_url = (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")
        self.backend_url = (self.backend_url or f"http://127.0.0.1:{self.port}/api").rstrip("/")
        self.bot_url = (self.bot_url or f"http://127.0.0.1:{self.port}").rstrip("/")
        self.rasa_url = (self.rasa_url or f"http://127.0.0.1:{self.rasa_port}").rstrip("/")
        if self.mode == "production":
            self._refuse_weak_secrets()
        return self

    def _refuse_weak_secrets(self) -> None:
        """Raises: ValueError, naming the setting and never its value."""
        if is_weak(self.secret.get_secret_value()):
            raise ValueError(
                f"COMANDA_SECRET must be set to at least {MIN_SECRET_LENGTH} random characters in production mode; "
                "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, SecretStr) and is_placeholder(value.get_secret_value()):
                raise ValueError(f"{field.validation_alias} is what examples say, not a secret: set your own")

    @property
    def has_oidc(self) -> bool:
        return bool(self.oidc_issuer and self.oidc_client_id and self.oidc_client_secret.get_secret_value())

    @property
    def is_demo(self) -> bool:
        return self.mode == "demo"

    @property
    def origins(self) -> frozenset[str]:
        """Origins whose pages may open a chat: our own and those the shop lists (comma separated)."""
        listed = {origin.strip().rstrip("/") for origin in self.allowed_origins.split(",")}
        return frozenset((listed | {self.public_url}) - {""})

    @property
    def quiet_between(self) -> tuple[time, time]:
        """When customers are left alone, in the shop's zone; two equal times: never."""
        start, end = self.quiet_hours.split("-")
        return time.fromisoformat(start), time.fromisoformat(end)

    @property
    def identity_fresh(self) -> timedelta:
        return timedelta(days=self.identity_fresh_days)

    def signing_key(self) -> str:
        """The key that signs tokens. A demo without `COMANDA_SECRET` makes one and keeps it in `home/secret`."""
        given = self.secret.get_secret_value()
        if given:
            return given
        path = self.home / "secret"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    @property
    def bot_events_url(self) -> str:
        """Where our own bot takes events in."""
        return f"{self.bot_url}/internal/events"

    def bot_events_secret(self) -> str:
        """What signs the events that go to our own bot: of the signing key, and worth nothing else."""
        digest = hmac.digest(self.signing_key().encode(), b"events to the bot", "sha256")
        return f"whsec_{base64.b64encode(digest).decode()}"

    def telegram_secret(self) -> str:
        """What Telegram shows with every update that it posts: of the signing key, and worth nothing else."""
        return hmac.new(self.signing_key().encode(), b"updates of telegram", "sha256").hexdigest()

    @property
    def demo_provider_url(self) -> str:
        """Where the demo's own payment provider listens: it is a part of the web process."""
        return f"{self.bot_url}/demo-pay"

    def demo_provider_secret(self) -> str:
        """What the demo's payment provider and the OMS sign with, towards each other."""
        digest = hmac.digest(self.signing_key().encode(), b"demo payment provider", "sha256")
        return f"whsec_{base64.b64encode(digest).decode()}"


def is_weak(secret: str) -> bool:
    """Too short, of too few different characters, or one that examples give."""
    return len(secret) < MIN_SECRET_LENGTH or len(set(secret)) < MIN_DIFFERENT_CHARACTERS or is_placeholder(secret)


def is_placeholder(secret: str) -> bool:
    """What stands in examples, alone or again and again: `changeme`, `your-secret-here`."""
    bare = re.sub(r"[^a-z]", "", secret.lower())
    return bool(bare) and re.fullmatch(_PLACEHOLDER, bare) is not None


def _write_once(path: Path, text: str) -> None:
    """Write a private file: of several processes starting at once exactly one wins, and none reads half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


@lru_cache
def get_settings() -> Settings:
    return Settings()
