"""The tables of the back office: what is seen of each, what may be changed of it, and by which verb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import select
from starlette.requests import Request

from backend.catalog.models import Barcode, Category, Product, Substitute, TaxClass, Variant
from backend.catalog.units import UNITS
from backend.discounts.models import Discount
from backend.inventory.models import Location, StockThreshold
from backend.orders.models import RULE_KINDS, ApprovalRule
from backend.schemas.approval import NewApprovalRule
from backend.schemas.catalog import CatalogueEntry, CategoryNames, NewBarcode
from backend.schemas.discounts import NewDiscount
from backend.schemas.inventory import NewThreshold
from backend.schemas.shipping import NewRate, RateChange, ZoneFacts
from backend.shipping.models import Rate, Zone
from backend.staff.models import StaffMember
from bot.handoff.models import Canned
from console.desk import desk_of
from office.tables import Field, Table, currency_of, minor, shown_money

Typed = Mapping[str, Any]
_CATEGORIES = select(Category.code).order_by(Category.position, Category.code)
_PRICED: dict[Any, Any] = {"price_minor": shown_money}


class Variants(Table, model=Variant):
    """Edited as a row of a catalogue is: by the same columns, the same rules, the same words."""

    column_list: ClassVar[Any] = [
        "sku",
        "name_es",
        "product_code",
        "price_minor",
        "price_quantity",
        "tax_class",
        "is_sold",
    ]
    column_searchable_list: ClassVar[Any] = ["sku", "name_es", "name_en"]
    column_sortable_list: ClassVar[Any] = ["sku", "name_es", "price_minor", "is_sold"]
    column_formatters = column_formatters_detail = _PRICED
    can_create = can_edit = True
    fields = (
        Field("sku", is_needed=True, is_key=True),
        Field("category", "choice", _CATEGORIES, is_needed=True),
        Field("product", is_needed=True),
        Field("product_es", is_needed=True),
        Field("product_en"),
        Field("brand"),
        Field("description_es", "long"),
        Field("description_en", "long"),
        Field("also_es"),
        Field("also_en"),
        Field("name_es", is_needed=True),
        Field("name_en"),
        Field("kind_es"),
        Field("kind_en"),
        Field("size"),
        Field("price", is_needed=True),
        Field("per"),
        Field("tax", "choice", select(TaxClass.code).order_by(TaxClass.code), is_needed=True),
        Field("base_unit", "choice", tuple(UNITS), is_needed=True),
        Field("units"),
        Field("weight_g"),
        Field("cost"),
        Field("usual", "choice", ("no", "yes"), is_needed=True),
        Field("sold", "choice", ("yes", "no"), is_needed=True),
        Field("popularity"),
        Field("barcodes"),
    )

    async def typed(self, request: Request, row: Any) -> dict[str, Any]:
        async with desk_of(request).oms(request) as oms:
            return (await oms.variant_entry(row.sku)).model_dump()

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        sku = str(pk or typed["sku"]).strip()
        entry = CatalogueEntry(**{name: typed[name] or "" for name in CatalogueEntry.model_fields if name in typed})
        async with desk_of(request).oms(request) as oms:
            await oms.put_variant(sku, entry, key=key)
        return sku


class Products(Table, model=Product):
    """Edited with their variants."""

    column_list: ClassVar[Any] = ["code", "name_es", "name_en", "brand", "category_code"]
    column_searchable_list: ClassVar[Any] = ["code", "name_es", "name_en", "brand"]
    column_sortable_list: ClassVar[Any] = ["code", "name_es", "brand", "category_code"]


class Categories(Table, model=Category):
    column_list: ClassVar[Any] = ["code", "name_es", "name_en", "position"]
    column_default_sort = "position"
    can_create = can_edit = True
    fields = (
        Field("code", is_needed=True, is_key=True),
        Field("name_es", is_needed=True),
        Field("name_en", is_needed=True),
        Field("position", is_needed=True),
    )

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        code = str(pk or typed["code"]).strip()
        names = CategoryNames.model_validate({name: typed[name] for name in CategoryNames.model_fields})
        async with desk_of(request).oms(request) as oms:
            return (await oms.put_category(code, names, key=key)).code


class TaxClasses(Table, model=TaxClass):
    """Looked at: what is taxed how is the law's, and documents speak of it."""

    column_list: ClassVar[Any] = ["code", "name_es", "name_en", "rate"]


class Barcodes(Table, model=Barcode):
    column_list: ClassVar[Any] = ["code", "sku", "quantity"]
    column_searchable_list: ClassVar[Any] = ["code", "sku"]
    can_create = can_edit = True
    fields = (
        Field("code", is_needed=True, is_key=True),
        Field("sku", is_needed=True),
        Field("quantity", is_needed=True),
    )

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        meant = NewBarcode.model_validate({"sku": typed["sku"], "quantity": typed["quantity"]})
        async with desk_of(request).oms(request) as oms:
            return (await oms.put_barcode(str(pk or typed["code"]).strip(), meant, key=key)).code


class Substitutes(Table, model=Substitute):
    column_list: ClassVar[Any] = ["sku", "substitute_sku", "position"]
    column_searchable_list: ClassVar[Any] = ["sku", "substitute_sku"]


class Discounts(Table, model=Discount):
    """One that is taken away is withdrawn: nobody gets it any more, orders that have it keep it."""

    column_list: ClassVar[Any] = [
        "code",
        "name_es",
        "kind",
        "percent",
        "amount_minor",
        "category",
        "sku",
        "uses",
        "withdrawn_at",
    ]
    column_searchable_list: ClassVar[Any] = ["code", "name_es"]
    can_create = can_edit = can_delete = True
    fields = (
        Field("code", is_needed=True, is_key=True),
        Field("name_es", is_needed=True),
        Field("name_en", is_needed=True),
        Field("is_automatic", "yes"),
        Field("kind", "choice", ("percentage", "amount"), is_needed=True),
        Field("percent"),
        Field("amount_minor", "money"),
        Field("category", "choice", _CATEGORIES),
        Field("sku"),
        Field("minimum_minor", "money"),
        Field("max_uses"),
        Field("max_uses_each"),
    )

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        given = {name: typed[name] or None for name in ("percent", "category", "sku", "max_uses", "max_uses_each")}
        given |= {name: typed[name] for name in ("name_es", "name_en", "is_automatic", "kind")}
        given["amount_minor"] = await minor(request, "amount_minor", typed["amount_minor"])
        given["minimum_minor"] = await minor(request, "minimum_minor", typed["minimum_minor"]) or 0
        if pk is not None:
            # Their days are set by programs: what the form does not show stays.
            row = await self._get_object_by_pk(self._stmt_by_identifier(pk))
            given |= {"valid_from": row.valid_from, "valid_until": row.valid_until}
        async with desk_of(request).oms(request) as oms:
            return (await oms.put_discount(str(pk or typed["code"]), NewDiscount.model_validate(given), key=key)).code

    async def take_away(self, request: Request, pk: str, key: str) -> None:
        async with desk_of(request).oms(request) as oms:
            await oms.withdraw_discount(pk, key=key)


class Zones(Table, model=Zone):
    column_list: ClassVar[Any] = ["code", "name_es", "places", "transit_days", "is_default", "is_served", "position"]
    column_searchable_list: ClassVar[Any] = ["code", "name_es", "places"]
    column_default_sort = "position"
    can_create = can_edit = can_delete = True
    fields = (
        Field("code", is_needed=True, is_key=True),
        Field("name_es", is_needed=True),
        Field("name_en", is_needed=True),
        Field("places", "long"),
        Field("latitude", is_needed=True),
        Field("longitude", is_needed=True),
        Field("transit_days", is_needed=True),
        Field("position", is_needed=True),
        Field("is_default", "yes"),
        Field("is_served", "yes"),
    )

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        same = ("latitude", "longitude", "transit_days", "position", "is_default", "is_served")
        places = [place.strip() for place in (typed["places"] or "").split(",") if place.strip()]
        facts = ZoneFacts.model_validate(
            {name: typed[name] for name in same}
            | {"name": {"es": typed["name_es"], "en": typed["name_en"]}, "places": places}
        )
        async with desk_of(request).oms(request) as oms:
            return (await oms.put_zone(str(pk or typed["code"]).strip(), facts, key=key)).code

    async def take_away(self, request: Request, pk: str, key: str) -> None:
        async with desk_of(request).oms(request) as oms:
            await oms.remove_zone(pk, key=key)


class Rates(Table, model=Rate):
    column_list: ClassVar[Any] = ["zone_code", "carrier", "up_to_g", "price_minor"]
    column_searchable_list: ClassVar[Any] = ["zone_code", "carrier"]
    column_default_sort: ClassVar[Any] = [("zone_code", False), ("up_to_g", False)]
    column_formatters = column_formatters_detail = _PRICED
    can_create = can_edit = can_delete = True
    fields = (
        Field("zone_code", "choice", select(Zone.code).order_by(Zone.position, Zone.code), is_needed=True, is_key=True),
        Field("carrier", is_needed=True, is_key=True),
        Field("up_to_g", is_needed=True, is_key=True),
        Field("price_minor", "money", is_needed=True),
    )

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        price = await minor(request, "price_minor", typed["price_minor"])
        async with desk_of(request).oms(request) as oms:
            if pk is not None:
                RateChange.model_validate({"price_minor": price})
                return (await oms.change_rate(pk, price or 0, key=key)).zone
            rate = NewRate.model_validate(
                {"zone": typed["zone_code"], "carrier": typed["carrier"], "up_to_g": typed["up_to_g"]}
                | {"price_minor": price}
            )
            return (await oms.add_rate(rate, key=key)).zone

    async def take_away(self, request: Request, pk: str, key: str) -> None:
        async with desk_of(request).oms(request) as oms:
            await oms.remove_rate(pk, key=key)


class ApprovalRules(Table, model=ApprovalRule):
    column_list: ClassVar[Any] = ["kind", "parameters", "is_active", "position"]
    column_default_sort = "position"
    can_create = can_edit = can_delete = True
    fields = (
        Field("kind", "choice", RULE_KINDS, is_needed=True),
        Field("amount_minor", "money"),
        Field("payment_method"),
        Field("is_active", "yes"),
        Field("position", is_needed=True),
    )

    async def typed(self, request: Request, row: Any) -> dict[str, Any]:
        amount = row.parameters.get("amount_minor")
        currency = await currency_of(request) if amount else ""
        return {
            "kind": row.kind,
            "amount_minor": self._as_typed(request, Field("amount_minor", "money"), amount, currency),
            "payment_method": row.parameters.get("payment_method"),
            "is_active": row.is_active,
            "position": str(row.position),
        }

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        parameters: dict[str, Any] = {"payment_method": (typed["payment_method"] or "").strip() or None}
        parameters["amount_minor"] = await minor(request, "amount_minor", typed["amount_minor"])
        rule = NewApprovalRule.model_validate(
            {name: typed[name] for name in ("kind", "is_active", "position")}
            | {"parameters": {name: value for name, value in parameters.items() if value is not None}}
        )
        async with desk_of(request).oms(request) as oms:
            if pk is None:
                return (await oms.add_approval_rule(rule, key=key)).kind
            return (await oms.change_approval_rule(pk, rule, key=key)).kind

    async def take_away(self, request: Request, pk: str, key: str) -> None:
        async with desk_of(request).oms(request) as oms:
            await oms.remove_approval_rule(pk, key=key)


class StockThresholds(Table, model=StockThreshold):
    """Below how much the shop wants to know, which is what replenishing follows from."""

    column_list: ClassVar[Any] = ["sku", "location_id", "minimum"]
    column_searchable_list: ClassVar[Any] = ["sku"]
    can_create = can_edit = can_delete = True
    fields = (
        Field("sku", is_needed=True, is_key=True),
        Field("location", "choice", select(Location.code).order_by(Location.preference), is_needed=True, is_key=True),
        Field("minimum", is_needed=True),
    )

    async def typed(self, request: Request, row: Any) -> dict[str, Any]:
        return {"minimum": str(row.minimum)}

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        sku, location = await self._named(pk) if pk else (typed["sku"], typed["location"])
        threshold = NewThreshold.model_validate({"sku": sku, "location": location, "minimum": typed["minimum"]})
        async with desk_of(request).oms(request) as oms:
            return (await oms.set_stock_threshold(threshold, key=key)).sku

    async def take_away(self, request: Request, pk: str, key: str) -> None:
        sku, location = await self._named(pk)
        async with desk_of(request).oms(request) as oms:
            await oms.forget_stock_threshold(location, sku, key=key)

    async def _named(self, pk: str) -> tuple[str, str]:
        row = await self._get_object_by_pk(self._stmt_by_identifier(pk))
        codes = await self._run_query(select(Location.code).where(Location.id == row.location_id))
        return row.sku, codes[0]


class CannedReplies(Table, model=Canned):
    """The bot's: what changes here goes through the bot's client."""

    column_list: ClassVar[Any] = ["name", "es", "en"]
    column_searchable_list: ClassVar[Any] = ["name", "es", "en"]
    can_create = can_edit = can_delete = True
    fields = (
        Field("name", is_needed=True, is_key=True),
        Field("es", "long", is_needed=True),
        Field("en", "long", is_needed=True),
    )

    async def put(self, request: Request, pk: str | None, typed: Typed, key: str) -> str:
        name = str(pk or typed["name"]).strip()
        async with desk_of(request).bot(request) as bot:
            return (await bot.set_canned_reply(name, typed["es"], typed["en"], key=key)).name

    async def take_away(self, request: Request, pk: str, key: str) -> None:
        async with desk_of(request).bot(request) as bot:
            await bot.remove_canned_reply(pk, key=key)


class Members(Table, model=StaffMember):
    """Looked at: who works here is changed on the staff's own pages. Neither passwords nor their hashes are read."""

    column_list: ClassVar[Any] = ["name", "email", "role", "is_active", "created_at"]
    column_details_list: ClassVar[Any] = ["name", "email", "role", "is_active", "created_at", "limits"]
    column_searchable_list: ClassVar[Any] = ["name", "email"]
    column_sortable_list: ClassVar[Any] = ["name", "email", "role", "is_active", "created_at"]


TABLES: tuple[type[Table], ...] = (
    Variants,
    Products,
    Categories,
    Barcodes,
    Substitutes,
    TaxClasses,
    Discounts,
    Zones,
    Rates,
    ApprovalRules,
    StockThresholds,
    CannedReplies,
    Members,
)
