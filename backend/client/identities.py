"""Who is who: what a customer proves of themselves, and what the bot knows of them."""

from __future__ import annotations

from typing import Literal

from backend.client.wire import Wire, segment
from backend.schemas.customers import IdentityKnown
from backend.schemas.identities import (
    CodeSaid,
    EmailCode,
    KnownIdentity,
    Link,
    LinkCode,
    Linked,
    LinkOpened,
    LinkPreview,
    LinkReason,
    NewLink,
    NewLinkCode,
    Person,
    PhoneCode,
    PhoneShared,
    SignedIn,
)


class IdentityCalls(Wire):
    async def recognise_identity(self, channel: str, external_id: str) -> IdentityKnown:
        """The customer behind an identity that is known. Needs a service token."""
        return await self._get(IdentityKnown, "customers/identities", channel=channel, external_id=external_id)

    async def share_phone(self, channel: str, external_id: str, phone: str, *, key: str) -> Linked:
        """A channel's word for its customer's own number. Needs a service token."""
        body = PhoneShared(channel=channel, external_id=external_id, phone=phone)
        return await self._send(Linked, "PUT", "customers/identities/phone", body, key=key)

    async def vouch_for_site_user(
        self,
        channel: str,
        external_id: str,
        site_id: str,
        *,
        name: str | None,
        email: str | None,
        phone: str | None,
        key: str,
    ) -> Linked:
        """The word of the shop's own site for who its user is. Needs a service token."""
        body = SignedIn(channel=channel, external_id=external_id, site_id=site_id, name=name, email=email, phone=phone)
        return await self._send(Linked, "PUT", "customers/identities/site", body, key=key)

    async def ask_email_code(self, address: str, language: Literal["es", "en"], *, key: str) -> LinkCode:
        body = NewLinkCode(to=EmailCode(channel="email", address=address), language=language)
        return await self._send(LinkCode, "POST", "customers/me/link-codes", body, key=key)

    async def ask_phone_code(self, number: str, language: Literal["es", "en"], *, key: str) -> LinkCode:
        body = NewLinkCode(to=PhoneCode(channel="whatsapp", address=number), language=language)
        return await self._send(LinkCode, "POST", "customers/me/link-codes", body, key=key)

    async def confirm_code(self, request_id: str, code: str, *, key: str) -> Linked:
        path = f"customers/me/link-codes/{segment(request_id)}/confirmation"
        return await self._send(Linked, "POST", path, CodeSaid(code=code), key=key)

    async def make_link(self, channel: Literal["web", "whatsapp", "telegram"], *, key: str) -> Link:
        return await self._send(Link, "POST", "customers/me/links", NewLink(channel=channel), key=key)

    async def open_link(self, token: str, *, key: str) -> Linked:
        return await self._send(Linked, "POST", "customers/me/links/opened", LinkOpened(token=token), key=key)

    async def identities(self) -> list[KnownIdentity]:
        return await self._list(KnownIdentity, "customers/me/identities")

    async def unlink(self, identity_id: str, *, key: str) -> Linked:
        return await self._send(Linked, "DELETE", f"customers/me/identities/{segment(identity_id)}", None, key=key)

    async def identities_of(self, customer_id: str) -> Person:
        """Who a customer is, by which proof, and what was done about it."""
        return await self._get(Person, f"staff/customers/{segment(customer_id)}/identities")

    async def look_at_link(self, customer_id: str, other_id: str) -> LinkPreview:
        """What it would do to link two customers."""
        return await self._get(LinkPreview, f"staff/customers/{segment(customer_id)}/links/{segment(other_id)}")

    async def link_customers(self, customer_id: str, other_id: str, reason: str, *, key: str) -> Person:
        """By the word of an agent who knows them to be one person."""
        path = f"staff/customers/{segment(customer_id)}/links/{segment(other_id)}"
        return await self._send(Person, "POST", path, LinkReason(reason=reason), key=key)

    async def undo_link(self, customer_id: str, identity_id: str, *, key: str) -> Person:
        """The identity is a customer of its own again."""
        path = f"staff/customers/{segment(customer_id)}/identities/{segment(identity_id)}"
        return await self._send(Person, "DELETE", path, None, key=key)
