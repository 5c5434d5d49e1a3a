"""The page with the privacy policy in force, in two languages: where the chat's first answer links to."""

from __future__ import annotations

import httpx

from backend.client import BackendClient
from backend.schemas.consents import PrivacyPolicy
from kernel.config import Settings


async def in_force(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> PrivacyPolicy:
    """Asked anew at every visit. Raises: the refusals of `BackendClient`."""
    async with BackendClient(settings.backend_url, "", transport) as oms:
        return await oms.privacy_policy()


def paragraphs(policy: PrivacyPolicy, language: str) -> list[tuple[str, str]]:
    """Each line with what it is, "h2" or "p"."""
    text = policy.text.en if language == "en" else policy.text.es
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [("h2", line.removeprefix("# ")) if line.startswith("# ") else ("p", line) for line in lines]
