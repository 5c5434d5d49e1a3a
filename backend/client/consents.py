"""The privacy policy, and who accepted it."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.consents import PolicyAccepted, PolicyStanding, PrivacyPolicy


class ConsentCalls(Wire):
    async def privacy_policy(self) -> PrivacyPolicy:
        """The policy in force. Needs no token."""
        return await self._get(PrivacyPolicy, "privacy-policy")

    async def policy_standing(self, customer_id: str) -> PolicyStanding:
        """Whether a customer accepted it. Needs a service token."""
        return await self._get(PolicyStanding, f"customers/{segment(customer_id)}/privacy-policy")

    async def accept_policy(
        self, customer_id: str, *, version: str, channel: str, wording: str, evidence: str
    ) -> PolicyStanding:
        """The customer went on after it was shown to them. Needs a service token."""
        body = PolicyAccepted(version=version, channel=channel, wording=wording, evidence=evidence)
        path = f"customers/{segment(customer_id)}/privacy-policy"
        return await self._send(PolicyStanding, "PUT", path, body, key=f"policy:{version}:{evidence}")
