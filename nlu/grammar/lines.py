"""One segment of a message read into lines: quantity, unit, product."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from nlu.grammar.courtesies import ARTICLES, LINKS, OTHER_TOPICS, STOPS, VAGUE, is_leading, trailing_length
from nlu.grammar.tokens import MARK, QUANTITY, WORD, Token
from nlu.grammar.units import is_size, reads_as_unit
from nlu.grammar.words import words

ONE = Decimal(1)


@dataclass
class Draft:
    """A line being read, with the marks that later steps need."""

    quantity: Decimal | None = None
    unit: str | None = None
    words: list[Token] = field(default_factory=list)
    start: int = 0
    end: int = 0
    separator: str = ""
    #: "2 de fresa": something is left out before "de".
    is_linked: bool = False
    #: "otro", "another": counts on from the line before.
    is_other: bool = False
    #: "uno de mora", "una grande": its noun was said before.
    is_pronoun: bool = False
    #: "2 de cada uno".
    is_each: bool = False
    #: "muchos".
    is_vague: bool = False
    money: Decimal | None = None
    old_quantity: Decimal | None = None
    old_text: str | None = None

    @property
    def text(self) -> str:
        """The product in the customer's words."""
        return " ".join(word.text for word in self.words)

    @property
    def plain(self) -> list[str]:
        """The same, word by word, without accents."""
        return [part for word in self.words for part in word.plain.split()]


_GREETINGS = frozenset({"hola", "buenas", "buenos", "hi", "hello", "hey", "oye", "oiga", "good"})
#: "un pedido", "a question": one of these is nothing one puts in a cart.
_NO_GOODS = words(
    """
    pedido pedidos orden domicilio mercado compra encargo consulta pregunta favor producto articulo cosa cambio
    momento order orders delivery question item thing moment
    """
)


def read_segment(tokens: list[Token], separator: str) -> list[Draft]:
    """The lines of one segment, and the `separator` that stood before it; none if it speaks of something else."""
    if separator == "\n" or (tokens[0].text == "-" and not _is_negative(tokens, 0)):
        tokens = tokens[1:] if tokens[0].text in {"-", "#"} else tokens
    if not tokens:
        return []
    if _is_exclusion(tokens):
        return [_draft_of_words(tokens, separator)]
    greeting = tokens[0].plain
    tokens = without_leading(tokens)
    if greeting in _GREETINGS and len(tokens) > 2 and tokens[0].kind == WORD and tokens[1].kind == QUANTITY:
        # "hola Juanita 2 panes": a name.
        tokens = tokens[1:]
    if not tokens or (tokens[0].plain in OTHER_TOPICS and not _is_soy(tokens)):
        return []
    drafts: list[Draft] = []
    at = 0
    while at < len(tokens):
        draft, at = read_line(tokens, at)
        draft.separator = separator if not drafts else ""
        drafts.append(draft)
    return [draft for draft in drafts if draft.words or draft.quantity is not None or draft.money is not None]


def _is_exclusion(tokens: list[Token]) -> bool:
    """ "sin cebolla", "with ice", "no onions": said of the line before."""
    if len(tokens) < 2 or tokens[1].kind != WORD or tokens[1].plain in ARTICLES:
        return False
    if tokens[0].plain == "no":
        return not is_leading(tokens[1].plain, "") and len(tokens) <= 3
    return tokens[0].plain in {"sin", "without", "con", "with"}


def _draft_of_words(tokens: list[Token], separator: str) -> Draft:
    words = [token for token in tokens if token.kind != MARK]
    words = words[: len(words) - _trailing_count(words)]
    draft = Draft(words=words, separator=separator, start=tokens[0].start)
    draft.end = words[-1].end if words else tokens[0].end
    return draft


def _is_negative(tokens: list[Token], at: int) -> bool:
    """Whether "-5" stands at `at`: a sign and a figure with nothing between them."""
    is_sign = tokens[at].text == "-" and at + 1 < len(tokens)
    return is_sign and tokens[at + 1].kind == QUANTITY and tokens[at].end == tokens[at + 1].start


def without_leading(tokens: list[Token]) -> list[Token]:
    """`tokens` from the first one that says something about a product or a quantity."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        following = tokens[at + 1].plain if at + 1 < len(tokens) and tokens[at + 1].kind == WORD else None
        if token.is_article and _word_at(tokens, at + 1) in _NO_GOODS:
            at += 2
            continue
        is_mark = token.kind == MARK and token.text != "$" and not _is_negative(tokens, at)
        if token.kind == QUANTITY or not (is_mark or is_leading(token.plain, following)) or token.plain in OTHER_TOPICS:
            break
        at += 1
    return tokens[at:]


def _is_soy(tokens: list[Token]) -> bool:
    """The bean of "soy milk", not the Spanish verb of "soy Ana"."""
    return tokens[0].plain == "soy" and _word_at(tokens, 1) in _OF_SOY


def read_line(tokens: list[Token], at: int) -> tuple[Draft, int]:
    """One line that starts at `at`, and where the next one starts."""
    draft = Draft(start=tokens[at].start)
    at = _read_quantity(tokens, at, draft)
    at = _skip_articles(tokens, at)
    if draft.is_linked and at < len(tokens) and tokens[at].kind == QUANTITY:
        # "uno de los dos atunes": the second number says how many there are.
        at += 1
    text_from = at
    while at < len(tokens):
        token = tokens[at]
        if token.kind == QUANTITY:
            trailing = _trailing_quantity(tokens, text_from, at, draft)
            if trailing is not None:
                draft.quantity, draft.unit = trailing.quantity, trailing.unit or draft.unit
                words_end = at - 1 if tokens[at - 1].plain == "x" else at
                _close(draft, tokens[text_from:words_end], tokens[trailing.end - 1].end)
                return draft, trailing.end
            if _starts_line(tokens, text_from, at):
                break
        elif token.plain in STOPS and at > text_from:
            return _read_past_stop(tokens, text_from, at, draft)
        elif token.text == "$" and at > text_from:
            break
        at += 1
    _close(draft, tokens[text_from:at], tokens[at - 1].end)
    return draft, max(at, text_from)


def _read_quantity(tokens: list[Token], at: int, draft: Draft) -> int:
    """Reads quantity, money, vagueness and unit at the head of a line into `draft`."""
    sign = 1
    if _is_negative(tokens, at):
        sign, at = -1, at + 1
    if at < len(tokens) and tokens[at].text == "$":
        at += 1
        if at < len(tokens) and tokens[at].kind == QUANTITY:
            draft.money = tokens[at].value
            return _skip(tokens, at + 1, {"pesos", "de", "of", "in", "worth"})
        return at
    if at >= len(tokens):
        return at
    token = tokens[at]
    opens = at + 1 if token.is_article or token.plain in ARTICLES else at
    if _word_at(tokens, opens) in VAGUE:
        draft.is_vague = True
        return _skip(tokens, opens, VAGUE | LINKS)
    if token.kind != QUANTITY:
        return _read_unit(tokens, at, draft) if _opens_with_unit(tokens, at) else at
    if _is_money(tokens, at):
        draft.money = token.value
        return _skip(tokens, at + 1, {"pesos", "lucas", "dollars", "bucks", "soles", "de", "of", "in", "worth"})
    assert token.value is not None
    if _is_size_before_noun(tokens, at):
        return at
    draft.quantity = sign * token.value
    draft.is_other = token.plain in {"otro", "otra", "another"}
    draft.is_pronoun = token.plain in {"uno", "una", "one"} or draft.is_other
    at += 1
    at = _skip(tokens, at, {"x", "mas", "more", "extra", "other", "otros", "otras", "#"})
    return _read_unit(tokens, at, draft)


def _read_unit(tokens: list[Token], at: int, draft: Draft) -> int:
    """Reads "cajas de" into `draft` if that is what stands at `at`."""
    unit = tokens[at].unit if at < len(tokens) and tokens[at].kind == WORD else None
    if unit is None:
        if _word_at(tokens, at) in LINKS:
            is_part = draft.quantity is not None and draft.quantity < 1 and _word_token_unit(tokens, at + 1)
            if is_part:
                return _read_unit(tokens, at + 1, draft)
            if _word_at(tokens, at + 1) in {"cada", "each"}:
                draft.is_each = True
                return min(at + 3, len(tokens))
            draft.is_linked = True
            return at + 1
        if _word_at(tokens, at) == "each" and at + 1 >= len(tokens):
            draft.is_each = True
            return at + 1
        return at
    is_linked = _word_at(tokens, at + 1) in LINKS
    after = at + 2 if is_linked else at + 1
    after = _skip_articles(tokens, after)
    following = tokens[after] if after < len(tokens) else None
    if following is not None and following.kind == WORD and following.plain in {"cada", "each"}:
        draft.unit, draft.is_each = unit, True
        return min(after + 2, len(tokens))
    rest = _word_at(tokens, after) if following is not None else None
    if following is not None and _ends_here(tokens, after):
        rest = None
    if not reads_as_unit(unit, is_linked, rest):
        return at
    draft.unit = unit
    if draft.quantity is None:
        draft.quantity = ONE
    draft.quantity += tokens[at].half_added
    return after


def _opens_with_unit(tokens: list[Token], at: int) -> bool:
    """ "libra de arroz", "kilo y medio de papa": a unit with no number counts one."""
    token = tokens[at]
    return token.unit is not None and (
        (_word_at(tokens, at + 1) in LINKS and at + 2 < len(tokens)) or token.half_added > 0
    )


def _is_size_before_noun(tokens: list[Token], at: int) -> bool:
    """ "2 liter coke": a size in the singular, where "2 liters of milk" counts."""
    unit = _word_token_unit(tokens, at + 1)
    is_singular = unit is not None and unit.plain == unit.unit and unit.unit in _ENGLISH_SIZES
    return is_singular and (tokens[at].value or 0) > 1 and _word_at(tokens, at + 2) not in LINKS | {""}


_ENGLISH_SIZES = frozenset({"liter", "ounce", "milliliter", "gram"})
_CURRENCY = {"pesos", "peso", "lucas", "luca", "dollars", "dollar", "bucks", "soles"}


def _is_money(tokens: list[Token], at: int) -> bool:
    """ "2.000 de pan", "5 mil de queso", "3000 pesos de cilantro": a sum, not a count."""
    token = tokens[at]
    following = _word_at(tokens, at + 1)
    if following in _CURRENCY:
        return True
    is_sum = token.value is not None and token.value >= 500 and not token.value % 50
    return is_sum and following in LINKS and at + 2 < len(tokens)


@dataclass(frozen=True)
class _Trailing:
    quantity: Decimal
    unit: str | None
    end: int


#: A number after one of these belongs to the name: "promo 27", "talla 3", "huevos por 30".
_NAME_BEFORE_NUMBER = {
    "promo", "promocion", "combo", "talla", "tallas", "numero", "no", "nro", "n", "tipo", "etapa", "size", "stage",
    "por", "de", "del", "calibre", "ref", "referencia", "marca", "opcion", "option", "pack", "of", "number", "con",
    "with", "en", "in", "para", "for", "la", "el", "the", "fase", "nivel", "level", "formula", "grado", "modelo", "#",
}  # fmt: skip
_OF_SOY = words("bean beans drink flour milk oil protein sauce yogurt")
#: "café 500" tells grams, "café 5" a count.
_TRAILING_MAX = 99
_PACK_SIZES = {6, 8, 10, 12, 15, 16, 18, 20, 24, 25, 28, 30, 36, 40, 48, 50, 60, 100, 120, 200, 250, 300, 500, 1000}


def _trailing_quantity(tokens: list[Token], text_from: int, at: int, draft: Draft) -> _Trailing | None:
    """The quantity at `at` if it counts the product named before it: "leche x2", "pan 3", "huevos 2 cubetas"."""
    token = tokens[at]
    if draft.quantity is not None or draft.money is not None or at == text_from or token.is_article:
        return None
    if _counts_each(tokens, at):
        return None
    assert token.value is not None
    before = tokens[at - 1].plain
    unit = _word_token_unit(tokens, at + 1)
    if before == "x" or token.is_times:
        is_pack = token.value in _PACK_SIZES or (unit is not None and not token.is_times)
        return None if is_pack or not _ends_here(tokens, at + 1) else _Trailing(token.value, None, at + 1)
    if before in _NAME_BEFORE_NUMBER:
        return None
    if unit is not None:
        assert unit.unit is not None
        is_new_line = _word_at(tokens, at + 2) in LINKS
        if is_size(unit.plain, unit.unit) or is_new_line:
            return None
        return _Trailing(token.value + unit.half_added, unit.unit, at + 2)
    if token.value != token.value.to_integral_value() and token.plain[0].isdigit():
        return None
    is_count = token.value <= _TRAILING_MAX and _ends_here(tokens, at + 1)
    return _Trailing(token.value, None, at + 1) if is_count else None


def _counts_each(tokens: list[Token], at: int) -> bool:
    """ "arroz y azúcar 3 de cada uno"."""
    return _word_at(tokens, at + 1) == "each" or _word_at(tokens, at + 2) in {"cada", "each"}


#: Courtesies are short; looking no further keeps the grammar linear.
_COURTESY_MAX = 12


def _ends_here(tokens: list[Token], at: int) -> bool:
    """Whether nothing but courtesies follows."""
    return len(tokens) - at <= _COURTESY_MAX and _trailing_count(tokens[at:]) == len(tokens) - at


def _starts_line(tokens: list[Token], text_from: int, at: int) -> bool:
    """Whether the quantity at `at`, after some words, opens the next line ("3 leches 2 panes") or names a size."""
    token = tokens[at]
    before = tokens[at - 1].plain
    if at == text_from:
        return False
    if _counts_each(tokens, at):
        return True
    if before in _NAME_BEFORE_NUMBER or before == "x" or (token.is_times and _ends_here(tokens, at + 1)):
        return False
    unit = _word_token_unit(tokens, at + 1)
    if unit is not None and unit.unit is not None:
        is_linked = _word_at(tokens, at + 2) in LINKS
        return is_linked or (not is_size(unit.plain, unit.unit) and at + 2 < len(tokens))
    if at + 1 >= len(tokens) or tokens[at + 1].kind != WORD or tokens[at + 1].text == "%":
        return False
    assert token.value is not None
    is_decimal = token.value != token.value.to_integral_value()
    return not (is_decimal and token.plain[0].isdigit())


def _read_past_stop(tokens: list[Token], text_from: int, at: int, draft: Draft) -> tuple[Draft, int]:
    """After "la leche que sean …": only a last quantity still belongs to the line."""
    words = tokens[text_from:at]
    while at < len(tokens) and tokens[at].kind != QUANTITY:
        at += 1
    is_count = at < len(tokens) and _ends_here(tokens, at + 1) and not tokens[at].is_article
    if is_count and draft.quantity is None:
        draft.quantity = tokens[at].value
        _close(draft, words, tokens[at].end)
        return draft, len(tokens)
    _close(draft, words, words[-1].end)
    return draft, at if at < len(tokens) and not is_count else len(tokens)


def _close(draft: Draft, words: list[Token], end: int) -> None:
    """Fixes the words and the span of `draft`, courtesies and articles taken off both ends."""
    spoken = [token for token in words if token.kind != MARK or token.text == "%"]
    first = 0
    while first < len(spoken) and spoken[first].plain in ARTICLES | LINKS | {"x", "a"}:
        first += 1
    spoken = spoken[first:]
    kept = spoken[: len(spoken) - _trailing_count(spoken)]
    draft.words = _with_percent(kept)
    draft.end = max([end] if not spoken else [kept[-1].end if kept else draft.start, *_quantity_end(words, end)])


def _quantity_end(words: list[Token], end: int) -> list[int]:
    """The end of the line when a quantity stands behind its words."""
    return [end] if words and end > words[-1].end else []


def _with_percent(words: list[Token]) -> list[Token]:
    """ "2 %" written as one word, as in "leche 2%"."""
    joined: list[Token] = []
    for word in words:
        if word.text == "%" and joined:
            joined[-1] = replace(joined[-1], text=joined[-1].text + "%", plain=joined[-1].plain + "%", end=word.end)
        elif word.text != "%":
            joined.append(word)
    return joined


def _trailing_count(words: list[Token]) -> int:
    """How many of the last `words` are courtesies."""
    plain = [word.plain for word in words]
    kept = len(plain)
    while kept:
        length = trailing_length(plain, kept)
        if not length:
            break
        kept -= length
    return len(plain) - kept


def _skip_articles(tokens: list[Token], at: int) -> int:
    return _skip(tokens, at, ARTICLES)


def _skip(tokens: list[Token], at: int, words: set[str] | frozenset[str]) -> int:
    while at < len(tokens) and tokens[at].plain in words:
        at += 1
    return at


def _word_at(tokens: list[Token], at: int) -> str:
    return tokens[at].plain if at < len(tokens) and tokens[at].kind == WORD else ""


def _word_token_unit(tokens: list[Token], at: int) -> Token | None:
    return tokens[at] if at < len(tokens) and tokens[at].kind == WORD and tokens[at].unit else None
