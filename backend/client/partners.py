"""Partners, what they supply, and their purchase orders: as the shop sees them, and as a link opens them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backend.client.wire import Wire, segment
from backend.schemas import partners as shapes
from backend.schemas.supplier_notes import SupplierNote


class PartnerCalls(Wire):
    async def partners(self) -> list[shapes.Partner]:
        return await self._list(shapes.Partner, "staff/partners")

    async def partner(self, code: str) -> shapes.Partner:
        return await self._get(shapes.Partner, f"staff/partners/{segment(code)}")

    async def add_partner(self, partner: shapes.NewPartner, *, key: str) -> shapes.Partner:
        return await self._send(shapes.Partner, "POST", "staff/partners", partner, key=key)

    async def change_partner(self, code: str, facts: shapes.PartnerFacts, *, key: str) -> shapes.Partner:
        """Say it all anew."""
        return await self._send(shapes.Partner, "PUT", f"staff/partners/{segment(code)}", facts, key=key)

    async def give_partner_token(self, code: str, days: int = 365, *, key: str) -> shapes.PartnerToken:
        path = f"staff/partners/{segment(code)}/tokens"
        return await self._send(shapes.PartnerToken, "POST", path, shapes.NewPartnerToken(days=days), key=key)

    async def revoke_partner_tokens(self, code: str, *, key: str) -> shapes.Partner:
        """Their links end with their tokens."""
        return await self._send(shapes.Partner, "DELETE", f"staff/partners/{segment(code)}/tokens", None, key=key)

    async def supplies(self, code: str) -> list[shapes.Supply]:
        return await self._list(shapes.Supply, f"staff/partners/{segment(code)}/supplies")

    async def supply_variant(self, code: str, sku: str, cost_minor: int, *, key: str) -> shapes.Supply:
        path = f"staff/partners/{segment(code)}/supplies/{segment(sku)}"
        return await self._send(shapes.Supply, "PUT", path, shapes.NewSupply(cost_minor=cost_minor), key=key)

    async def stop_supply(self, code: str, sku: str, *, key: str) -> shapes.Supply:
        path = f"staff/partners/{segment(code)}/supplies/{segment(sku)}"
        return await self._send(shapes.Supply, "DELETE", path, None, key=key)

    async def purchase_orders(
        self, *, partner: str | None = None, status: str | None = None, before: str | None = None
    ) -> list[shapes.PurchaseOrder]:
        """The newest first; `before` is the number of the last one seen."""
        path = "staff/purchase-orders"
        return await self._list(shapes.PurchaseOrder, path, partner=partner, status=status, before=before)

    async def linked_purchase_order(self, token: str) -> shapes.LinkedPurchaseOrder:
        """What a partner's link opens. Needs no authority but the link's own token, as all that follows."""
        return await self._get(shapes.LinkedPurchaseOrder, f"purchase-orders/{segment(token)}")

    async def confirm_linked(self, token: str, ships_on: date, version: int, *, key: str) -> shapes.LinkedPurchaseOrder:
        body = shapes.ConfirmPurchaseOrder(ships_on=ships_on, version=version)
        path = f"purchase-orders/{segment(token)}/confirm"
        return await self._send(shapes.LinkedPurchaseOrder, "POST", path, body, key=key)

    async def reject_linked(self, token: str, note: str, version: int, *, key: str) -> shapes.LinkedPurchaseOrder:
        body = shapes.RejectPurchaseOrder(note=note, version=version)
        path = f"purchase-orders/{segment(token)}/reject"
        return await self._send(shapes.LinkedPurchaseOrder, "POST", path, body, key=key)

    async def ship_linked(
        self,
        token: str,
        carrier: str,
        tracking_number: str | None,
        lines: Sequence[str] | None,
        version: int,
        *,
        key: str,
    ) -> shapes.LinkedPurchaseOrder:
        """`lines` are the skus in this parcel; None: everything that has not left."""
        body = shapes.ShipPurchaseOrder(
            carrier=carrier,
            tracking_number=tracking_number,
            lines=list(lines) if lines is not None else None,
            version=version,
        )
        path = f"purchase-orders/{segment(token)}/ship"
        return await self._send(shapes.LinkedPurchaseOrder, "POST", path, body, key=key)

    async def supplier_notes(self, before: str | None = None) -> list[SupplierNote]:
        """What went back to suppliers, the newest first."""
        return await self._list(SupplierNote, "staff/supplier-notes", before=before)

    async def supplier_note_file(self, number: str) -> bytes:
        """One of them as a PDF."""
        return (await self._ask("GET", f"staff/supplier-notes/{segment(number)}/file")).content
