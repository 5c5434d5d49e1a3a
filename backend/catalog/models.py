"""The shop and what it sells: categories, products, variants, the units they are sold in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String, true
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Minor, Sku


class Category(Base):
    __tablename__ = "oms_category"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_es: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(Integer)


class TaxClass(Base):
    """How a variant is taxed: `rate` 0.19 is 19 %, in the price or on top, as the shop says."""

    __tablename__ = "oms_tax_class"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_es: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    rate: Mapped[Decimal]


class Product(Base):
    """What customers name ("leche entera"); `also_called_*` are the other names they use for it."""

    __tablename__ = "oms_product"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("oms_category.code"), index=True)
    name_es: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    brand: Mapped[str | None] = mapped_column(String(80))
    description_es: Mapped[str] = mapped_column(String(300))
    description_en: Mapped[str] = mapped_column(String(300))
    also_called_es: Mapped[list[str]] = mapped_column(JSON)
    also_called_en: Mapped[list[str]] = mapped_column(JSON)


class Variant(Base):
    """What is put into a cart: one kind and size of a product.

    `price_minor` is for `price_quantity` base units. `is_usual` marks the variant that the shop hands
    over when only the product is named. A variant that is not sold any more stays, for the orders that name it.
    `weight_g` is what one base unit weighs, packed. `cost_minor` is what `price_quantity` of them cost us lately,
    without tax; None where nobody said.
    """

    __tablename__ = "oms_variant"
    __table_args__ = (
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("price_quantity > 0", name="price_quantity"),
    )

    sku: Mapped[Sku] = mapped_column(primary_key=True)
    product_code: Mapped[str] = mapped_column(ForeignKey("oms_product.code"), index=True)
    name_es: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    kind_es: Mapped[str | None] = mapped_column(String(80))
    kind_en: Mapped[str | None] = mapped_column(String(80))
    size: Mapped[str | None] = mapped_column(String(20))
    price_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))
    price_quantity: Mapped[int] = mapped_column(Integer)
    tax_class: Mapped[str] = mapped_column(ForeignKey("oms_tax_class.code"))
    base_unit: Mapped[str] = mapped_column(String(20))
    popularity: Mapped[int] = mapped_column(Integer)
    is_usual: Mapped[bool]
    is_sold: Mapped[bool]
    weight_g: Mapped[int | None] = mapped_column(Integer)
    cost_minor: Mapped[Minor | None]


class VariantUnit(Base):
    """A unit a variant is sold in: `factor` base units. The one of position 0 is meant when none is said."""

    __tablename__ = "oms_variant_unit"
    __table_args__ = (CheckConstraint("factor > 0", name="factor"),)

    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    factor: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)


class Barcode(Base):
    """What a scanner reads on a package: `quantity` base units of a variant (a case's own code counts the case)."""

    __tablename__ = "oms_barcode"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)


class Substitute(Base):
    """What the shop offers instead of a variant that is short; the lowest `position` first."""

    __tablename__ = "oms_substitute"
    __table_args__ = (CheckConstraint("sku <> substitute_sku", name="other"),)

    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    substitute_sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)


class CatalogVersion(Base):
    """One row that counts changes, so that every process knows when its search index is stale."""

    __tablename__ = "oms_catalog_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer)


class ShopProfile(Base):
    """The shop that sells all this: one row. `profile` holds hours, delivery and payment methods in both languages.

    `prices_include_tax` says of all its prices whether the tax is in them or comes on top.
    `delivery_version` is another whenever zones, rates or the calendar change, so that processes can keep them.
    """

    __tablename__ = "oms_shop"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    locale: Mapped[str] = mapped_column(String(12))
    time_zone: Mapped[str] = mapped_column(String(60))
    prices_include_tax: Mapped[bool] = mapped_column(server_default=true())
    delivery_fee_minor: Mapped[Minor]
    delivery_version: Mapped[str | None] = mapped_column(String(36))
    profile: Mapped[dict[str, Any]] = mapped_column(JSON)
