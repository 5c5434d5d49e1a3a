"""What the shop sells."""

from __future__ import annotations

from collections.abc import Sequence

from backend.client.wire import Wire, segment
from backend.schemas.catalog import (
    Barcode,
    Category,
    LineToResolve,
    NewBarcode,
    ResolveAnswer,
    ResolveRequest,
    SearchAnswer,
    Variant,
)
from backend.schemas.shop import Shop


class CatalogCalls(Wire):
    async def shop(self) -> Shop:
        return await self._get(Shop, "shop")

    async def search(self, query: str, limit: int = 10) -> SearchAnswer:
        return await self._get(SearchAnswer, "catalog/search", q=query, limit=limit)

    async def variant(self, sku: str) -> Variant:
        return await self._get(Variant, f"catalog/variants/{segment(sku)}")

    async def barcode(self, code: str) -> Barcode:
        """What a code on a package means."""
        return await self._get(Barcode, f"staff/barcodes/{segment(code)}")

    async def put_barcode(self, code: str, meant: NewBarcode, *, key: str) -> Barcode:
        return await self._send(Barcode, "PUT", f"staff/barcodes/{segment(code)}", meant, key=key)

    async def categories(self) -> list[Category]:
        return await self._list(Category, "catalog/categories")

    async def category_variants(self, code: str) -> list[Variant]:
        return await self._list(Variant, f"catalog/categories/{segment(code)}/variants")

    async def resolve(self, lines: Sequence[LineToResolve], language: str) -> ResolveAnswer:
        """What the customer's words for products mean. Changes nothing."""
        body = ResolveRequest.model_validate({"lines": list(lines), "language": language})
        return await self._send(ResolveAnswer, "POST", "catalog/resolve", body)
