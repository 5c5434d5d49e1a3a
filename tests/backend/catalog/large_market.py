"""A store of ten thousand variants: the demo market, and shelves it does not have, under many brands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from backend.catalog.index import Entry
from bench.search import market

VARIANTS = 10_000
_SHELVES = yaml.safe_load((Path(__file__).parent / "large_market.yml").read_text(encoding="utf-8"))
_SYLLABLES = "bra cor dal fen gol jun lam mer nor pal quin ros sil tam vel zar bi ca do lu ne ri so tu".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Words:
    """What people may say of a variant, in one language: its kind's names, what tells it apart, its brand and size."""

    names: tuple[str, ...]
    told_by: str
    brand: str
    size: str | None


@dataclass(frozen=True, slots=True)
class Article:
    entry: Entry
    es: Words
    en: Words


def large_market() -> tuple[list[Entry], list[Article]]:
    """All entries of the store, and those beyond the demo market with the words for them."""
    entries = market()
    articles = [article for article, _ in zip(_articles(), range(VARIANTS - len(entries)), strict=False)]
    return [*entries, *(article.entry for article in articles)], articles


def _articles() -> Iterator[Article]:
    chance = random.Random(11)
    counted = 0
    while True:
        for department, shelf in _SHELVES.items():
            # First the brands of the shelf, then others that nobody knows, one more a round, as in any large store.
            known = shelf["brands"] if not counted else ["".join(chance.choices(_SYLLABLES, k=3)).capitalize()]
            for brand in known:
                for line in shelf["kinds"]:
                    for article in _of_kind(department, line, brand, counted, chance):
                        counted += 1
                        yield article


def _of_kind(department: str, line: str, brand: str, number: int, chance: random.Random) -> Iterator[Article]:
    es, en, also_es, also_en, told, sizes = (part.strip() for part in line.split("|"))
    names_es, names_en = (es, *also_es.split(", ")), (en, *also_en.split(", "))
    department_es, department_en = department.split(" | ") if " | " in department else (department, department)
    for told_es, _, told_en in (pair.partition("=") for pair in told.split(", ")):
        for size in sizes.split(", "):
            number += 1
            label = None if size == "x1" else size
            entry = Entry(
                sku=f"ART-{number}",
                product=f"{es}/{brand}".replace(" ", "-"),
                names=(*names_es, *names_en),
                brand=brand,
                categories=(department_es, department_en),
                kinds=(told_es, told_en),
                size=label,
                units=(("unidad", 1), ("caja", 12)),
                popularity=chance.randrange(1, 60),
                is_usual=False,
            )
            yield Article(
                entry,
                Words(names_es, told_es, brand, label),
                Words(names_en, told_en, brand, label),
            )
