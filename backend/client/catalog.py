"""What the shop sells."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from backend.client.wire import Wire, segment
from backend.schemas.catalog import (
    Barcode,
    Catalogue,
    CatalogueEntry,
    CatalogueFile,
    CatalogueOutcome,
    CatalogueProgress,
    Category,
    CategoryFacts,
    CategoryNames,
    LineToResolve,
    NewBarcode,
    ResolveAnswer,
    ResolveRequest,
    SearchAnswer,
    Variant,
)
from backend.schemas.shop import Shop

# Ten thousand rows, on a machine that has other things to do.
_WHOLE_CATALOGUE = httpx.Timeout(60.0, connect=2.0)


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

    async def preview_catalogue(self, catalogue: Catalogue) -> CatalogueOutcome:
        """What bringing it in would do. Changes nothing."""
        return await self._send(CatalogueOutcome, "POST", "staff/catalog/previews", catalogue, within=_WHOLE_CATALOGUE)

    async def import_catalogue(self, catalogue: Catalogue, *, key: str) -> CatalogueOutcome:
        """Raises: CatalogueRefused, as `catalogue_refused`."""
        return await self._send(
            CatalogueOutcome, "POST", "staff/catalog/imports", catalogue, key=key, within=_WHOLE_CATALOGUE
        )

    async def catalogue_progress(self, watch: str) -> CatalogueProgress:
        return await self._get(CatalogueProgress, f"staff/catalog/progress/{segment(watch)}")

    async def export_catalogue(self, language: str) -> CatalogueFile:
        answer = await self._call("GET", "staff/catalog/export", params={"language": language}, within=_WHOLE_CATALOGUE)
        return CatalogueFile.model_validate(answer)

    async def variant_entry(self, sku: str) -> CatalogueEntry:
        """What a row of the catalogue says of it."""
        return await self._get(CatalogueEntry, f"staff/catalog/variants/{segment(sku)}")

    async def put_variant(self, sku: str, entry: CatalogueEntry, *, key: str) -> CatalogueOutcome:
        """Make it, or change what the entry speaks of. Raises: as `import_catalogue`."""
        return await self._send(CatalogueOutcome, "PUT", f"staff/catalog/variants/{segment(sku)}", entry, key=key)

    async def put_category(self, code: str, names: CategoryNames, *, key: str) -> CategoryFacts:
        return await self._send(CategoryFacts, "PUT", f"staff/catalog/categories/{segment(code)}", names, key=key)
