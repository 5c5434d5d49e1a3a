"""The catalog by category, for those who look around."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.catalog.errors import UnknownCategory
from backend.catalog.models import Category, Product, Variant


@dataclass(frozen=True, slots=True)
class CategorySize:
    code: str
    name_es: str
    name_en: str
    variants_count: int


def categories(session: Session) -> list[CategorySize]:
    """The categories in the shop's order, with how many variants are sold in each."""
    query = (
        select(Category.code, Category.name_es, Category.name_en, func.count(Variant.sku))
        .outerjoin(Product, Product.category_code == Category.code)
        .outerjoin(Variant, (Variant.product_code == Product.code) & Variant.is_sold)
        .group_by(Category.code)
        .order_by(Category.position, Category.code)
    )
    return [CategorySize(*row) for row in session.execute(query)]


def require_category(session: Session, category: str) -> None:
    """Raises: UnknownCategory."""
    if session.get(Category, category) is None:
        raise UnknownCategory(category=category)


def skus_in(session: Session, category: str) -> list[str]:
    """What is sold of a category, the popular first.

    Raises: UnknownCategory.
    """
    require_category(session, category)
    query = (
        select(Variant.sku)
        .join(Product, Product.code == Variant.product_code)
        .where(Product.category_code == category, Variant.is_sold)
        .order_by(Variant.popularity.desc(), Variant.sku)
    )
    return list(session.scalars(query))


def categories_of(session: Session, skus: Iterable[str]) -> dict[str, str]:
    """The code of the category that each variant, sold still or not, belongs to."""
    query = select(Variant.sku, Product.category_code).join(Product, Product.code == Variant.product_code)
    return dict(row._tuple() for row in session.execute(query.where(Variant.sku.in_(list(skus)))))
