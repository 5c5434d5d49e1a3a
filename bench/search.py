"""How long the catalog's search takes, over ten thousand variants.

The catalog is the demo market told 22 times over, every copy under brands and names of its own: common words ("leche")
lead to 22 times as many products, and the vocabulary grows with the market. The queries are those of the tests, each
also with a slip of the finger, and every word is new to the index (its cache of words is emptied between queries).
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from backend.catalog.index import Entry, SearchIndex
from backend.catalog.resolve import Asked, resolve
from backend.seed.market_file import shelves
from bench.figures import Figure, percentile

VARIANTS = 10_000
P95_MS_MOST = 10
QUERIES = Path(__file__).parent.parent / "tests" / "backend" / "catalog" / "queries.yml"
_SYLLABLES = "ba ca da fa ga la ma na pa ra sa ta vi mi ri lo mo ro su lu".split()  # noqa: SIM905


def market() -> list[Entry]:
    """The demo market as the index sees it."""
    return [
        Entry(
            sku=goods.variant.sku,
            product=product.code,
            names=(product.name_es, product.name_en, *product.also_called_es, *product.also_called_en),
            brand=product.brand,
            categories=(shelf.category.name_es, shelf.category.name_en),
            kinds=tuple(kind for kind in (goods.variant.kind_es, goods.variant.kind_en) if kind),
            size=goods.variant.size,
            units=tuple(goods.units),
            popularity=goods.variant.popularity,
            is_usual=goods.variant.is_usual,
        )
        for shelf in shelves("COP")
        for product, all_goods in shelf.products
        for goods in all_goods
    ]


def enlarged(entries: list[Entry], count: int, chance: random.Random) -> list[Entry]:
    """`count` variants: the market again and again, with other brands and names."""
    names: dict[tuple[int, str], str] = {}

    def other(copy: int, what: str) -> str:
        return names.setdefault((copy, what), "".join(chance.choices(_SYLLABLES, k=4)))

    copies = (
        replace(
            entry,
            sku=f"{entry.sku}-{copy}",
            product=f"{entry.product}-{copy}",
            brand=other(copy, entry.brand or entry.product),
            names=(f"{entry.names[0]} {other(copy, entry.product)}", *entry.names[1:]),
        )
        for copy in range(1, count)
        for entry in entries
    )
    return [*entries, *(entry for entry, _ in zip(copies, range(count - len(entries)), strict=False))]


def queries(chance: random.Random) -> Iterator[str]:
    for group in yaml.safe_load(QUERIES.read_text(encoding="utf-8")).values():
        for query in map(str, group):
            yield query
            yield misspelt(query, chance)


def misspelt(text: str, chance: random.Random) -> str:
    """With two neighbouring letters swapped."""
    at = chance.randrange(max(1, len(text) - 1))
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _taken_ms(index: SearchIndex, asked: list[str], before: Callable[[], None]) -> list[float]:
    """Milliseconds of each query."""
    taken = []
    for query in asked:
        before()
        start = time.perf_counter()
        resolve(index, Asked("1", None, query))
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def measure() -> list[Figure]:
    chance = random.Random(7)
    entries = enlarged(market(), VARIANTS, chance)
    start = time.perf_counter()
    index = SearchIndex(entries)
    figures = [Figure(f"index of {VARIANTS:,} variants made", time.perf_counter() - start, "s")]
    asked = list(queries(chance))
    gc.collect()
    gc.freeze()
    for name, before in (("every word new", index.forget_words), ("words seen before", lambda: None)):
        taken = _taken_ms(index, asked, before)
        figures += [
            Figure(f"{len(asked)} queries, {name}: median", statistics.median(taken), "ms"),
            Figure(f"{len(asked)} queries, {name}: p95", percentile(taken, 95), "ms", at_most=P95_MS_MOST),
        ]
    gc.unfreeze()
    return figures
