"""Products found among ten thousand variants, by messages made by rules and by messages people wrote."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from backend.catalog.index import SearchIndex
from backend.catalog.resolve import Asked, Resolved, resolve
from nlu.order_lines import parse_order_lines
from tests.backend.catalog.large_market import VARIANTS, large_market
from tests.backend.catalog.wishes import RULES, Wish, wishes

MADE = 1_000
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Judged:
    wish: Wish
    resolved: Resolved

    @property
    def found(self) -> list[bool]:
        return [meant.sku in self.wish.right for meant in self.resolved.found]

    @property
    def is_first(self) -> bool:
        return self.resolved.status != "none" and self.found[:1] == [True]

    @property
    def is_asked(self) -> bool:
        return self.resolved.status == "several"

    @property
    def is_wrong_without_asking(self) -> bool:
        """One thing is put into the cart, and it is not what was said."""
        return self.resolved.status == "one" and self.found != [True]


@cache
def judged() -> tuple[Judged, ...]:
    entries, articles = large_market()
    index = SearchIndex(entries)
    assert len(entries) == VARIANTS
    of_product = defaultdict(set)
    for entry in entries:
        of_product[entry.product].add(entry.sku)
    written = list(_written(of_product))
    return tuple(Judged(wish, _resolve(index, wish)) for wish in [*wishes(articles, MADE), *written])


def _written(of_product: dict[str, set[str]]) -> Iterator[Wish]:
    for language in ("es", "en"):
        groups = yaml.safe_load((HERE / f"messages.{language}.yml").read_text(encoding="utf-8"))
        for rule, messages in groups.items():
            for text, meant in messages.items():
                right = frozenset(sku for code in meant.split() for sku in of_product.get(code, {code}))
                yield Wish(str(text), language, f"written: {rule}", right)


def _resolve(index: SearchIndex, wish: Wish) -> Resolved:
    """As a message is read on its way to the cart: its order line first, then what the line means."""
    lines = [line for line in parse_order_lines(wish.text, wish.language) if line.text]
    if not lines:
        return Resolved("none", "1", None, (), is_unit_known=True)
    return resolve(index, Asked(lines[0].quantity, lines[0].unit, lines[0].text))


def _share(what: Sequence[bool]) -> float:
    return sum(what) / len(what)


def test_the_messages_are_many_and_of_every_kind() -> None:
    by_rule = Counter(each.wish.rule for each in judged())
    by_language = Counter(each.wish.language for each in judged())
    assert sum(count for rule, count in by_rule.items() if not rule.startswith("written")) == MADE
    assert sum(count for rule, count in by_rule.items() if rule.startswith("written")) >= 450
    assert min(by_rule[rule] for rule in RULES) >= 70
    assert min(by_language.values()) >= 450


@pytest.mark.parametrize("who", ["made", "written"])
def test_what_was_meant_is_found_first_or_among_three_and_nothing_wrong_without_asking(who: str) -> None:
    by_rule: dict[str, list[Judged]] = defaultdict(list)
    for each in judged():
        if each.wish.rule.startswith("written") == (who == "written"):
            by_rule[each.wish.rule].append(each)
    for rule, of in by_rule.items():
        _print(rule, of)
    all_of = [each for of in by_rule.values() for each in of]
    _print(f"all {who}", all_of)
    assert _share([each.is_first for each in all_of]) >= 0.96
    assert _share([any(each.found[:3]) for each in all_of]) >= 0.99
    assert _share([each.is_wrong_without_asking for each in all_of]) <= 0.005


def test_what_fits_several_is_asked_about_not_guessed() -> None:
    """Of a made message that fits several articles equally well, none is put into the cart unasked."""
    unclear = [each for each in judged() if not each.wish.rule.startswith("written") and len(each.wish.right) > 1]
    assert len(unclear) >= 800
    assert [each.wish.text for each in unclear if each.resolved.status == "one"] == []


def _print(rule: str, of: Sequence[Judged]) -> None:
    first, three = _share([each.is_first for each in of]), _share([any(each.found[:3]) for each in of])
    wrong, asked = _share([each.is_wrong_without_asking for each in of]), _share([each.is_asked for each in of])
    print(f"{rule:45} {len(of):5} first {first:6.1%}  among three {three:6.1%}  asked {asked:6.1%}  wrong {wrong:5.1%}")
