"""What a line of a customer's order means: one variant, several to choose from, or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Literal

from backend.catalog.index import Entry, Hit, SearchIndex
from backend.catalog.sizes import find_sizes, measure, size_of
from backend.catalog.units import codes_of

MAX_CHOICES = 10
NEAREST = 3
# Below these the text names something else than what we sell. Chosen on the queries in tests/backend/catalog.
LEAST_SCORE = 58.0
LEAST_EXPLAINED = 0.7
LEAST_GUESSED = 0.78
# What scores this much less than the best is not what was meant.
MARGIN = 7.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as the customer said it: `quantity` is a decimal string of `unit`, a word of theirs, if they said one."""

    quantity: str
    unit: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Meant:
    """A variant that a line may mean, with the quantity and unit (code) to put into the cart for it."""

    sku: str
    score: float
    quantity: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """`quantity` and `unit` as understood for the best that was found, or as they were said if nothing was.

    `is_unit_known`: the unit that was said, if any, is one that what was found is sold in.
    """

    status: Literal["one", "several", "none"]
    quantity: str
    unit: str | None
    found: tuple[Meant, ...]
    is_unit_known: bool


@dataclass(frozen=True, slots=True)
class _Fit:
    """How a quantity of a unit is put in units of a variant. `packs` counts packs where a measure was said."""

    quantity: str
    unit: str | None
    packs: int = 0


def resolve(index: SearchIndex, asked: Asked) -> Resolved:
    """The meaning of one line.

    `one` when the text names one variant, or one product of which the shop has a usual variant; `several`, the
    popular first, when it fits several equally; `none`, with the nearest three, when something else was named.
    """
    exact = index.entries.get(asked.text.strip().upper())
    hits = (
        [Hit(exact, 100.0, 1.0, (), is_sized=True, is_sure=True, is_named=True)] if exact else index.search(asked.text)
    )
    if not hits or not _is_meant(hits[0]):
        likeliest = sorted(hits, key=lambda hit: not hit.is_sure)[:NEAREST]
        nearest = tuple(_meant(hit, _Fit(asked.quantity, asked.unit)) for hit in likeliest)
        return Resolved("none", asked.quantity, asked.unit, nearest, is_unit_known=asked.unit is None)
    best = _of_the_name(_of_the_size([hit for hit in hits if hit.score >= hits[0].score - MARGIN]))
    asked = _unit_in_text(best, asked)
    fits = _fit(best, asked)
    is_unit_known = bool(fits)
    chosen = _usual(fits or [(hit, _Fit(asked.quantity, asked.unit)) for hit in best])
    chosen.sort(key=lambda pair: (-round(pair[0].score), -pair[0].entry.popularity))
    found = tuple(_meant(hit, fit) for hit, fit in chosen[:MAX_CHOICES])
    best_found = found[0]
    status: Literal["one", "several"] = "one" if len(found) == 1 else "several"
    return Resolved(status, best_found.quantity, best_found.unit, found, is_unit_known)


def _is_meant(hit: Hit) -> bool:
    """Is this what the text names? A text of nothing but guesses must be guessed better than one word beside others."""
    return hit.score >= LEAST_SCORE and hit.explained >= (LEAST_EXPLAINED if hit.is_sure else LEAST_GUESSED)


def _of_the_size(hits: list[Hit]) -> list[Hit]:
    """A size that was said is a condition: only what has it, unless nothing has."""
    return [hit for hit in hits if hit.is_sized] or hits


def _of_the_name(hits: list[Hit]) -> list[Hit]:
    """Where the text is a name word for word, only what bears it: "orange juice" is not an orange for juice."""
    return [hit for hit in hits if hit.is_named] or hits


def _unit_in_text(hits: Sequence[Hit], asked: Asked) -> Asked:
    """The unit, if it was said in the text instead: "canasta de huevos", "huevos x30"."""
    best = hits[0]
    if asked.unit is not None:
        return asked
    if best.unit_words:
        return replace(asked, unit=best.unit_words[0])
    if asked.quantity == "0.5" and any(code == "media" for hit in hits for code, _ in hit.entry.units):
        # "Media de ron" is the bottle of that name, one of them.
        return replace(asked, quantity="1", unit="media")
    sizes, _ = find_sizes(asked.text)
    for size in sizes:
        if size.dimension == "pieces" and size_of(best.entry.size) != size:
            code = next((code for code, factor in best.entry.units if factor == size.amount), None)
            if code is not None:
                return replace(asked, unit=code)
    return asked


def _fit(hits: Sequence[Hit], asked: Asked) -> list[tuple[Hit, _Fit]]:
    """The hits that can be had in the unit that was said; of one product only those that fit it best."""
    by_product: dict[str, list[tuple[Hit, _Fit]]] = defaultdict(list)
    for hit in hits:
        fit = _fit_one(hit.entry, asked)
        if fit is not None:
            by_product[hit.entry.product].append((hit, fit))
    return [
        (hit, fit)
        for group in by_product.values()
        for hit, fit in group
        if fit.packs == min(each.packs for _, each in group)
    ]


def _fit_one(entry: Entry, asked: Asked) -> _Fit | None:
    if asked.unit is None:
        return _Fit(asked.quantity, None)
    quantity = _decimal(asked.quantity)
    codes = (asked.unit, *codes_of(asked.unit))
    for code, factor in entry.units:
        if code in codes and (quantity is None or quantity * factor == int(quantity * factor)):
            return _Fit(asked.quantity, code)
    # "500 g de café" is one pack of 500 g, "2 litros de jugo" one of 2 L or two of 1 L.
    said, size = measure(asked.unit), size_of(entry.size)
    if quantity is None or said is None or size is None or said.dimension != size.dimension:
        return None
    packs, remainder = divmod(quantity * said.amount, size.amount)
    return _Fit(str(int(packs)), entry.units[0][0], int(packs)) if packs and not remainder else None


def _usual(fits: Sequence[tuple[Hit, _Fit]]) -> list[tuple[Hit, _Fit]]:
    """Of a product whose size was not said, only the variant the shop hands over, if it has named one that fits."""
    usual = {hit.entry.product for hit, _ in fits if hit.entry.is_usual and not hit.is_sized}
    return [(hit, fit) for hit, fit in fits if hit.entry.is_usual or hit.entry.product not in usual]


def _meant(hit: Hit, fit: _Fit) -> Meant:
    return Meant(hit.entry.sku, round(hit.score, 1), fit.quantity, fit.unit)


def _decimal(text: str) -> Decimal | None:
    """A quantity that can be counted with; what cannot be is left for the cart to refuse."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number < 1_000_000 else None
