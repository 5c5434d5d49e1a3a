"""One segment of a message read into lines: quantity, unit, product."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from nlu.grammar.all_but import all_but
from nlu.grammar.behind import starts_line, trailing_quantity, trailing_sum
from nlu.grammar.courtesies import ARTICLES, LINKS, OTHER_TOPICS, STOPS, VAGUE, is_asking, is_leading
from nlu.grammar.drafts import Draft
from nlu.grammar.endings import ends_here, trailing_count
from nlu.grammar.money import opens_sum, read_sum, skip_after_sum
from nlu.grammar.numerals import group_of
from nlu.grammar.tokens import MARK, QUANTITY, WORD, Token, unit_at, word_at
from nlu.grammar.units import is_size, reads_as_unit
from nlu.grammar.words import words

ONE = Decimal(1)


_GREETINGS = frozenset({"hola", "buenas", "buenos", "hi", "hello", "hey", "oye", "oiga", "good"})
_CALLS = frozenset({"oe", "che", "habla", "epa", "ey", "yo", "disculpe", "disculpa"})
_BEING = frozenset({"i'm", "im"})
#: "un pedido", "a question": one of these is nothing one puts in a cart.
_NO_GOODS = words(
    """
    pedido pedidos pedidito encarguito orden domicilio mercado compra encargo consulta pregunta favor producto articulo
    cosa cambio momento order orders delivery question item thing moment
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
    led = tokens
    tokens = without_leading(tokens)
    is_linked = len(tokens) < len(led) and led[len(led) - len(tokens) - 1].plain in LINKS
    if greeting in _GREETINGS and len(tokens) > 2 and tokens[0].kind == WORD and tokens[1].kind == QUANTITY:
        # "hola Juanita 2 panes": a name.
        tokens = tokens[1:]
    elif greeting in _GREETINGS | _CALLS and word_at(led, 1) not in ARTICLES:
        # "oe causa mándame 2 panes"
        verb = next((at for at in (1, 2) if is_asking(word_at(tokens, at))), None)
        if verb and verb + 1 < len(tokens) and all(token.kind == WORD for token in tokens[:verb]):
            tokens = tokens[verb + 1 :]
    if led[0].plain in _BEING and len(led) == 2 and not is_leading(led[1].plain, ""):
        # "I'm Sarah"
        return []
    if not tokens or (tokens[0].plain in OTHER_TOPICS and not _is_soy(tokens)):
        return []
    if greeting == "que" and tokens[0].plain in _DESCRIBED:
        return []
    if all_but(tokens):
        # "todo menos el pan": what is named is what is left out.
        tokens = without_leading(tokens[all_but(tokens) :]) or tokens
    drafts: list[Draft] = []
    at = 0
    while at < len(tokens):
        draft, at = read_line(tokens, at)
        draft.separator = separator if not drafts else ""
        # "arena para gato, la de diez kilos" tells a size.
        draft.is_linked |= is_linked and not drafts and not draft.words
        drafts.append(draft)
    return [draft for draft in drafts if draft.words or draft.quantity is not None or draft.money is not None]


#: "… y que estén maduritos": how it should be, not what.
_DESCRIBED = words("esten este venga vengan tenga tengan salga salgan quede queden")


def _is_exclusion(tokens: list[Token]) -> bool:
    """ "sin cebolla", "with ice", "no onions": said of the line before."""
    if len(tokens) < 2 or tokens[1].kind != WORD or tokens[1].plain in ARTICLES:
        return False
    if tokens[0].plain == "no":
        return not is_leading(tokens[1].plain, "") and len(tokens) <= 3
    return tokens[0].plain in {"sin", "without", "con", "with"}


def _draft_of_words(tokens: list[Token], separator: str) -> Draft:
    words = [token for token in tokens if token.kind != MARK]
    words = words[: len(words) - trailing_count(words)]
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
        if token.plain in {"other", "otros", "otras"} and at + 1 < len(tokens) and tokens[at + 1].kind == QUANTITY:
            # "the other half", "otras 3"
            at += 1
            continue
        if token.is_article and word_at(tokens, at + 1) in _NO_GOODS:
            at += 2
            continue
        is_mark = token.kind == MARK and token.text != "$" and not _is_negative(tokens, at)
        if token.kind == QUANTITY or not (is_mark or is_leading(token.plain, following)) or token.plain in OTHER_TOPICS:
            break
        at += 1
    return tokens[at:]


def _is_soy(tokens: list[Token]) -> bool:
    """The bean of "soy milk", not the Spanish verb of "soy Ana"."""
    return tokens[0].plain == "soy" and word_at(tokens, 1) in _OF_SOY


def read_line(tokens: list[Token], at: int) -> tuple[Draft, int]:
    """One line that starts at `at`, and where the next one starts."""
    draft = Draft(start=tokens[at].start)
    at = _read_quantity(tokens, at, draft)
    at = _skip_articles(tokens, at)
    if draft.is_linked and at < len(tokens) and tokens[at].kind == QUANTITY and not _is_size_at(tokens, at):
        # "uno de los dos atunes": the second number says how many there are.
        at += 1
    text_from = at
    while at < len(tokens):
        token = tokens[at]
        if token.kind == QUANTITY:
            trailing = trailing_quantity(tokens, text_from, at, draft)
            end = trailing_sum(tokens, text_from, at, draft) if trailing is None else None
            if end is not None:
                words_end = at - 1 if opens_sum(tokens[at - 1].plain) else at
                _close(draft, tokens[text_from:words_end], tokens[end - 1].end)
                return draft, end
            if trailing is not None:
                draft.quantity, draft.unit = trailing.quantity, trailing.unit or draft.unit
                words_end = at - 1 if tokens[at - 1].plain == "x" else at
                _close(draft, tokens[text_from:words_end], tokens[trailing.end - 1].end)
                return draft, trailing.end
            if starts_line(tokens, text_from, at, draft):
                break
        elif token.plain in STOPS and at > text_from and not _is_exception(tokens, at):
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
            return skip_after_sum(tokens, at + 1)
        return at
    if at >= len(tokens):
        return at
    token = tokens[at]
    opens = at + 1 if token.is_article or token.plain in ARTICLES else at
    if word_at(tokens, opens) in VAGUE:
        draft.is_vague = True
        at = _skip(tokens, opens, VAGUE | LINKS | {"more", "mas"})
        if word_at(tokens, at + 1) in LINKS:
            at = _read_unit(tokens, at, draft)
            draft.quantity = None
        return at
    money = read_sum(tokens, at)
    if money is not None:
        draft.money, draft.money_each = money.value, money.each
        return skip_after_sum(tokens, money.end)
    if token.kind != QUANTITY:
        return _read_unit(tokens, at, draft) if _opens_with_unit(tokens, at) else at
    assert token.value is not None
    if token.plain in _COUNTING_ON and at + 1 < len(tokens) and tokens[at + 1].kind == QUANTITY:
        # "another two"
        at += 1
        token = tokens[at]
    end = _end_of_range(tokens, at)
    if end is not None:
        draft.is_vague = True
        at = _read_unit(tokens, end, draft)
        draft.quantity = None
        return at
    assert token.value is not None
    if _is_size_before_noun(tokens, at):
        return at
    draft.quantity = sign * token.value
    draft.is_article = token.is_article
    draft.is_other = token.plain in {"otro", "otra", "another"}
    draft.is_pronoun = token.plain in {"uno", "una", "one"} or draft.is_other
    at += 1
    if _is_repeated(tokens, at):
        at += 1
    at = _skip(tokens, at, {"x", "mas", "more", "extra", "other", "otros", "otras", "#", "off"})
    if word_at(tokens, at) in _FEWER and word_at(tokens, at + 1) not in _LESS_OF | {""}:
        # "one less coke", "dos menos de leche"
        at += 1
    return _read_unit(tokens, at, draft)


def _read_unit(tokens: list[Token], at: int, draft: Draft) -> int:
    """Reads "cajas de" into `draft` if that is what stands at `at`."""
    unit = tokens[at].unit if at < len(tokens) and tokens[at].kind == WORD else None
    if unit is None:
        if word_at(tokens, at) in LINKS:
            is_part = draft.quantity is not None and draft.quantity < 1
            is_group = tokens[at - 1].kind == QUANTITY and group_of(tokens[at - 1].plain) != ""
            if is_group:
                # "una docena de cajas": the link is the dozen's.
                return _read_unit(tokens, at + 1, draft) if unit_at(tokens, at + 1) else at + 1
            if is_part and unit_at(tokens, at + 1):
                return _read_unit(tokens, at + 1, draft)
            if word_at(tokens, at + 1) in _EACH:
                draft.is_each = True
                return min(at + 3, len(tokens))
            draft.is_linked = True
            return at + 1
        if draft.quantity is not None and word_at(tokens, at) in _EACH:
            end = _end_of_each(tokens, at)
            if end >= len(tokens) or tokens[end].plain in LINKS:
                return _read_each(tokens, at, draft)
        return at
    # "2 kilos menos de papa", "a pound more of ham"
    told = at + 1 if word_at(tokens, at + 1) in _MORE_OR_FEWER and word_at(tokens, at + 2) in LINKS else at
    is_linked = word_at(tokens, told + 1) in LINKS
    after = told + 2 if is_linked else told + 1
    after = _skip_articles(tokens, after)
    following = tokens[after] if after < len(tokens) else None
    if following is not None and following.kind == WORD and following.plain in _EACH:
        draft.unit = unit
        return _read_each(tokens, after, draft)
    rest = word_at(tokens, after) if following is not None else None
    if following is not None and ends_here(tokens, after):
        rest = None
    if not reads_as_unit(tokens[at].plain, unit, is_linked, rest):
        return at
    draft.unit = unit
    if draft.quantity is None:
        draft.quantity = ONE
    draft.quantity += tokens[at].half_added
    return after


def _read_each(tokens: list[Token], at: int, draft: Draft) -> int:
    """Reads "each", "cada uno" or "cada sabor" at `at`; "each of" says that the goods it counts come behind it."""
    end = _end_of_each(tokens, at)
    draft.is_each, draft.is_each_of = True, word_at(tokens, end) in LINKS
    return min(end + draft.is_each_of, len(tokens))


def _end_of_each(tokens: list[Token], at: int) -> int:
    """The place after "each", "of each flavor", "cada uno", "cada sabor"."""
    is_alone = word_at(tokens, at) == "each" and tokens[at - 1].plain not in LINKS
    return at + 1 if is_alone else min(at + 2, len(tokens))


def _opens_with_unit(tokens: list[Token], at: int) -> bool:
    """ "libra de arroz", "kilo y medio de papa": a unit with no number counts one."""
    token = tokens[at]
    return token.unit is not None and (
        (word_at(tokens, at + 1) in LINKS and at + 2 < len(tokens)) or token.half_added > 0
    )


def _is_size_at(tokens: list[Token], at: int) -> bool:
    """ "2 de 500 ml"."""
    unit = unit_at(tokens, at + 1)
    return unit is not None and unit.unit is not None and is_size(unit.plain, unit.unit)


def _is_size_before_noun(tokens: list[Token], at: int) -> bool:
    """ "2 liter coke": a size in the singular, where "2 liters of milk" counts."""
    unit = unit_at(tokens, at + 1)
    is_singular = unit is not None and unit.plain == unit.unit and unit.unit in _ENGLISH_SIZES
    return is_singular and (tokens[at].value or 0) > 1 and word_at(tokens, at + 2) not in LINKS | {""}


_ENGLISH_SIZES = frozenset({"liter", "ounce", "milliliter", "gram"})
_EACH = {"cada", "each"}
_FEWER = {"menos", "less", "fewer"}
_MORE_OR_FEWER = _FEWER | {"mas", "more", "extra"}
#: "2 less sugar jams": a kind of them.
_LESS_OF = {"sugar", "salt", "sodium", "fat", "spicy", "sweet", "than", "que"}
_COUNTING_ON = {"otro", "otra", "another"}


def _end_of_range(tokens: list[Token], at: int) -> int | None:
    """The place after "2 o 3": so many that one has to ask."""
    if at + 2 >= len(tokens) or tokens[at + 2].kind != QUANTITY or tokens[at + 2].is_article:
        return None
    is_glued = tokens[at + 1].text == "-" and tokens[at].end + 1 == tokens[at + 2].start
    is_rising = (tokens[at].value or 0) < (tokens[at + 2].value or 0)
    return at + 3 if word_at(tokens, at + 1) in {"o", "u", "or"} or (is_glued and is_rising) else None


def _is_repeated(tokens: list[Token], at: int) -> bool:
    """ "dos (2) leches": the same number once more, in brackets."""
    if at >= len(tokens) or tokens[at].kind != QUANTITY or tokens[at].value != tokens[at - 1].value:
        return False
    return tokens[at].start - tokens[at - 1].end >= len(" (")


def _is_exception(tokens: list[Token], at: int) -> bool:
    """ "with everything but onions"."""
    return tokens[at].plain == "but" and tokens[at - 1].plain in {"everything", "all"}


_OF_SOY = words("bean beans drink flour milk oil protein sauce yogurt")


def _read_past_stop(tokens: list[Token], text_from: int, at: int, draft: Draft) -> tuple[Draft, int]:
    """After "la leche que sean …": only a last quantity still belongs to the line."""
    words = tokens[text_from:at]
    while at < len(tokens) and tokens[at].kind != QUANTITY:
        at += 1
    is_count = at < len(tokens) and ends_here(tokens, at + 1) and not tokens[at].is_article
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
    kept = spoken[: len(spoken) - trailing_count(spoken)]
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


def _skip_articles(tokens: list[Token], at: int) -> int:
    return _skip(tokens, at, ARTICLES)


def _skip(tokens: list[Token], at: int, words: set[str] | frozenset[str]) -> int:
    while at < len(tokens) and tokens[at].plain in words:
        at += 1
    return at
