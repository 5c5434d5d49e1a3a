"""The search index of this process, made anew when the catalog's version has moved on."""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from backend.catalog.index import Entry, SearchIndex
from backend.catalog.models import CatalogVersion, Category, Product, Variant, VariantUnit

_indexes: WeakKeyDictionary[Engine, tuple[int, SearchIndex]] = WeakKeyDictionary()
_making = Lock()


def index(session: Session) -> SearchIndex:
    """The index of the catalog as it stands; asking its version is all that this costs when nothing changed."""
    bound = session.get_bind()
    engine = bound if isinstance(bound, Engine) else bound.engine
    version = session.scalar(select(CatalogVersion.version)) or 0
    known = _indexes.get(engine)
    if known is None or known[0] != version:
        # One thread makes it while the others wait: they would all do the same work.
        with _making:
            known = _indexes.get(engine)
            if known is None or known[0] != version:
                known = _indexes[engine] = version, SearchIndex(_entries(session))
    return known[1]


def _entries(session: Session) -> list[Entry]:
    units: dict[str, list[tuple[str, int]]] = {}
    for unit in session.execute(
        select(VariantUnit.sku, VariantUnit.code, VariantUnit.factor).order_by(VariantUnit.sku, VariantUnit.position)
    ):
        units.setdefault(unit.sku, []).append((unit.code, unit.factor))
    rows = session.execute(
        select(Variant, Product, Category)
        .join(Product, Product.code == Variant.product_code)
        .join(Category, Category.code == Product.category_code)
        .where(Variant.is_sold)
        .order_by(Variant.sku)
    )
    return [
        Entry(
            sku=variant.sku,
            product=product.code,
            names=(product.name_es, product.name_en, *product.also_called_es, *product.also_called_en),
            brand=product.brand,
            categories=(category.name_es, category.name_en),
            kinds=tuple(kind for kind in (variant.kind_es, variant.kind_en) if kind),
            size=variant.size,
            units=tuple(units[variant.sku]),
            popularity=variant.popularity,
            is_usual=variant.is_usual,
        )
        for variant, product, category in rows.tuples()
    ]
