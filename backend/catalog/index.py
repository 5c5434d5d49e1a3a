"""Which variants a customer's words may mean, best first: an index in memory over names, synonyms, brands and sizes."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from backend.catalog.lexicon import SOUND, Lexicon
from backend.catalog.sizes import Size, find_sizes, size_of
from backend.catalog.units import UNITS
from backend.catalog.words import singulars, tokens

MAX_WORDS = 12
SHORTLIST = 60
# A text that names a product in full scores 100; one that names a part of its name, less and less down to this.
PART_OF_A_NAME = 45.0
# A text that names no product, only a brand, a kind or a category.
NO_NAME = 65.0
BRAND, KIND, CATEGORY, OTHER_NAME = 1.0, 1.0, 0.95, 0.8
SIZE_WEIGHT = 4.0
# A word that is this much like one of ours is that word misspelt, not two words written together.
NEARLY = 0.83
_LARGE = ("grande", "familiar", "gigante", "large", "big", "family", "jumbo")
_SMALL = ("pequeno", "pequena", "chico", "chica", "personal", "mini", "small", "little")
_NOT_TOLD_BY_UNIT = frozenset({"unidad", "g"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One variant as the index needs it. `names` are all its product's names in both languages."""

    sku: str
    product: str
    names: tuple[str, ...]
    brand: str | None
    categories: tuple[str, ...]
    kinds: tuple[str, ...]
    size: str | None
    units: tuple[tuple[str, int], ...]
    popularity: int
    is_usual: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` from 0 to 100; `explained`, the part of the text's weight that this variant accounts for.

    `unit_words` are words of the text that speak of one of its units, `is_sized` whether it has a size the text named,
    `is_sure` whether a word of the text was recognised in its name, not guessed, `is_named` whether the text is one of
    its names, word for word.
    """

    entry: Entry
    score: float
    explained: float
    unit_words: tuple[str, ...]
    is_sized: bool
    is_sure: bool
    is_named: bool


@dataclass(frozen=True, slots=True)
class _Name:
    product: int
    weight: float


@dataclass(slots=True)
class _Product:
    popularity: int
    variants: list[_Variant] = field(default_factory=list)
    names: frozenset[tuple[str, ...]] = frozenset()
    # Word number → how much a word of the text counts that is not in the name which the text names.
    words: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Variant:
    entry: Entry
    size: Size | None
    words: dict[int, float]
    unit_words: set[int]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the text: what it may be (word number → likeness), and how much it weighs."""

    text: str
    may_be: dict[int, float]
    weight: float


class SearchIndex:
    """Answers from memory; made anew when the catalog has changed."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = {entry.sku: entry for entry in entries}
        self._lexicon = Lexicon()
        self._products: list[_Product] = []
        self._names: list[_Name] = []
        self._names_with: dict[int, list[int]] = defaultdict(list)
        self._products_with: dict[int, list[int]] = defaultdict(list)
        by_product: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_product[entry.product].append(entry)
        names = [self._add(number, group) for number, group in enumerate(by_product.values())]
        self._lexicon.settle(len(names))
        weights = self._lexicon.weights
        for number, word_lists in enumerate(names):
            for words in word_lists:
                for word in set(words):
                    self._names_with[word].append(len(self._names))
                self._names.append(_Name(number, sum(weights[word] for word in set(words))))

    def _add(self, number: int, group: Sequence[Entry]) -> list[list[int]]:
        """Take in one product with its variants; the words of each of its names."""
        first, product = group[0], _Product(popularity=max(entry.popularity for entry in group))
        names = [self._lexicon.learn(words, number) for words in dict.fromkeys(tuple(tokens(n)) for n in first.names)]
        product.names = frozenset(tuple(tokens(name)) for name in first.names)
        for words, credit in (
            (self._learn(first.categories, number), CATEGORY),
            ([word for name in names for word in name], OTHER_NAME),
            (self._learn((first.brand or "",), number), BRAND),
        ):
            product.words |= dict.fromkeys(words, credit)
        for word in self._learn((*first.categories, first.brand or ""), number):
            self._products_with[word].append(number)
        for entry in group:
            kinds = self._learn(entry.kinds, number)
            for word in set(kinds):
                self._products_with[word].append(number)
            told = self._learn(_size_words(entry, group), number)
            units = self._learn(_unit_words(entry), number)
            words_ = dict.fromkeys((*units, *told, *kinds), KIND)
            product.variants.append(_Variant(entry, size_of(entry.size), words_, set(units)))
        self._products.append(product)
        return names

    def _learn(self, texts: Iterable[str], user: int) -> list[int]:
        return self._lexicon.learn([word for text in texts if text for word in tokens(text)], user)

    @property
    def words_count(self) -> int:
        return len(self._lexicon.words)

    def forget_words(self) -> None:
        """Recognise every word afresh, as a process does that has just started."""
        self._lexicon.forget()

    def search(self, text: str) -> list[Hit]:
        """The variants that `text` may mean, best first, the popular before the others of the same score."""
        sizes, rest = find_sizes(text)
        words = self._read(rest)
        total = sum(word.weight for word in words) + SIZE_WEIGHT * len(sizes)
        if not total or all(word.text[0].isdigit() for word in words):
            return []
        hits = [
            hit
            for product, (score, name) in self._shortlist(words, total)
            for hit in self._judge(self._products[product], words, sizes, total, name if score else None)
        ]
        hits.sort(key=lambda hit: (-round(hit.score), -hit.entry.popularity, hit.entry.sku))
        return hits

    def _read(self, text: str) -> list[_Word]:
        """The words of the text; one written apart is joined, two written together are split, if that makes sense."""
        found: list[_Word] = []
        pending = tokens(text)[:MAX_WORDS]
        while pending:
            word = pending.pop(0)
            if not self._lexicon.is_known(word) and word.isalpha():
                joined = word + pending[0] if pending else ""
                if self._lexicon.is_known(joined):
                    word = joined
                    pending.pop(0)
                elif (halves := self._split(word)) is not None and not self._is_nearly_known(word):
                    pending[:0] = halves
                    continue
            may_be = self._lexicon.recognise(word)
            best = max(may_be, key=lambda number: may_be[number], default=None)
            weight = self._lexicon.unknown_weight if best is None else self._lexicon.weights[best]
            # A number that is no size of ours is rather a count than a name.
            found.append(_Word(word, may_be, weight if may_be or not word[0].isdigit() else 0.3 * weight))
        return found

    def _is_nearly_known(self, word: str) -> bool:
        """One slip from a word of ours: "chocloate" is no "choclo" with an "ate"."""
        return max(self._lexicon.recognise(word).values(), default=0.0) >= NEARLY

    def _split(self, word: str) -> list[str] | None:
        for cut in range(3, len(word) - 2):
            if self._lexicon.is_known(word[:cut]) and self._lexicon.is_known(word[cut:]):
                return [word[:cut], word[cut:]]
        return None

    def _shortlist(self, words: Sequence[_Word], total: float) -> list[tuple[int, tuple[float, _Reading]]]:
        """The products whose names, brand, kinds or category the words speak of, with the name they fit best."""
        readings: dict[int, _Reading] = {}
        for position, word in enumerate(words):
            seen: dict[int, tuple[float, float]] = {}
            for number, likeness in sorted(word.may_be.items(), key=lambda item: -item[1]):
                for name in self._names_with.get(number, ()):
                    seen.setdefault(name, (likeness, likeness * self._lexicon.weights[number]))
            for name, (likeness, covered) in seen.items():
                reading = readings.get(name)
                if reading is None:
                    reading = readings[name] = _Reading()
                reading.explained += word.weight * likeness
                reading.covered += covered
                reading.positions.append(position)
                reading.is_sure |= likeness >= SOUND
        best: dict[int, tuple[float, _Reading]] = {}
        for number, reading in readings.items():
            name_ = self._names[number]
            reading.completeness = min(1.0, reading.covered / name_.weight)
            score = _score(reading.explained / total, reading.completeness)
            if name_.product not in best or score > best[name_.product][0]:
                best[name_.product] = (score, reading)
        # What is spoken of by brand, kind or category alone: ranked by how much of the text that is.
        nameless: dict[int, float] = defaultdict(float)
        for word in words:
            seen_: dict[int, float] = {}
            for number, likeness in word.may_be.items():
                for product in self._products_with.get(number, ()):
                    seen_[product] = max(seen_.get(product, 0.0), likeness)
            for product, likeness in seen_.items():
                nameless[product] += word.weight * likeness
        for product in nameless:
            best.setdefault(product, (0.0, _Reading()))
        products = self._products
        return heapq.nlargest(
            SHORTLIST,
            best.items(),
            key=lambda item: (
                max(item[1][0], NO_NAME * nameless.get(item[0], 0.0) / total),
                products[item[0]].popularity,
            ),
        )

    def _judge(
        self,
        product: _Product,
        words: Sequence[_Word],
        sizes: Sequence[Size],
        total: float,
        name: _Reading | None,
    ) -> Iterator[Hit]:
        named = set(name.positions) if name else set()
        left = [word for position, word in enumerate(words) if position not in named]
        is_named = tuple(word.text for word in words) in product.names
        by_product = [_likeness(word, product.words) for word in left]
        for variant in product.variants:
            explained = name.explained if name else 0.0
            for word, likeness in zip(left, by_product, strict=True):
                own = _likeness(word, variant.words) if likeness < 1 else 1
                explained += word.weight * max(likeness, own)
            fitting = sum(1 for size in sizes if _has_size(variant, size))
            explained = (explained + SIZE_WEIGHT * fitting) / total
            score = _score(explained, name.completeness) if name else NO_NAME * explained
            spoken = tuple(word.text for word in left if variant.unit_words & word.may_be.keys())
            is_sure = name is not None and name.is_sure
            yield Hit(variant.entry, score, explained, spoken, bool(fitting), is_sure, is_named)


@dataclass(slots=True)
class _Reading:
    """How well the words fit one name: their weight it explains, and its own weight they cover."""

    explained: float = 0.0
    covered: float = 0.0
    completeness: float = 0.0
    positions: list[int] = field(default_factory=list)
    is_sure: bool = False


def _likeness(word: _Word, credits: dict[int, float]) -> float:
    """How much of a word of the text is accounted for by words that count so much."""
    return max((likeness * credits.get(number, 0.0) for number, likeness in word.may_be.items()), default=0.0)


def _score(explained: float, completeness: float) -> float:
    return explained * (PART_OF_A_NAME + (100 - PART_OF_A_NAME) * completeness)


def _has_size(variant: _Variant, size: Size) -> bool:
    if size.dimension == "pieces":
        return variant.size == size or any(factor == size.amount for _, factor in variant.entry.units)
    return variant.size == size


def _unit_words(entry: Entry) -> list[str]:
    return [word for code, _ in entry.units if code not in _NOT_TOLD_BY_UNIT for word in UNITS[code].words]


def _size_words(entry: Entry, group: Sequence[Entry]) -> list[str]:
    """The size's bare number ("gaseosa 1.5"), and large or small if the product has others to compare with."""
    size = size_of(entry.size)
    if size is None:
        return []
    others = [other for each in group if (other := size_of(each.size)) and other.dimension == size.dimension]
    words = [(entry.size or "").lower().strip("x").split()[0]]
    # Ten large trash bags are the large ones beside thirty small ones.
    told = {word for each in group for kind in each.kinds for form in tokens(kind) for word in singulars(form)}
    is_told = size.dimension == "pieces" and told & {*_LARGE, *_SMALL}
    if len({other.amount for other in others}) > 1 and not is_told:
        words += _LARGE if all(size.amount >= other.amount for other in others) else ()
        words += _SMALL if all(size.amount <= other.amount for other in others) else ()
    return words
