"""What one of the goods costs, said behind it: "2 panes a 3000", "milk ($4.50 each)"; it counts nothing."""

from __future__ import annotations

from nlu.grammar.tokens import MARK, QUANTITY, Token

_AT = {"a", "at", "@"}
_CURRENCIES = {
    "pesos",
    "soles",
    "dolares",
    "dollars",
    "bucks",
    "mil",
    "lucas",
    "cop",
    "mxn",
    "usd",
    "clp",
    "ars",
    "pen",
}
_EACH = (("c", "/", "u"), ("cada", "uno"), ("cada", "una"), ("cada", "1"), ("cu",), ("each",), ("ea",), ("apiece",),
         ("la", "unidad"), ("el", "kilo"), ("la", "libra"), ("a", "pound"))  # fmt: skip
#: A bare figure behind "a" is a price from here on; below it may be anything.
_PRICE_MIN = 100
_BEHIND = {"y", "and", "e", "mas", "por", "porfa", "please", "gracias"}


def without_prices(tokens: list[Token]) -> list[Token]:
    """`tokens` without the price of one; "$2.000 de pan" and "de 100 a 200" stay."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        end = _price_end(tokens, at, kept)
        if end is None:
            kept.append(tokens[at])
            at += 1
            continue
        if kept and kept[-1].plain in _AT:
            kept.pop()
        at = end
    return kept


def _price_end(tokens: list[Token], at: int, kept: list[Token]) -> int | None:
    """The place after the price that opens at `at` behind some goods; None if it is none."""
    is_in_money = tokens[at].text == "$"
    figure = at + 1 if is_in_money else at
    if figure >= len(tokens) or tokens[figure].kind != QUANTITY or not kept:
        return None
    if not is_in_money and tokens[figure].plain[0].isalpha():
        return None
    is_at = kept[-1].plain in _AT and len(kept) > 1 and kept[-2].kind not in {QUANTITY, MARK}
    end = figure + 1
    while end < len(tokens) and tokens[end].plain in _CURRENCIES:
        is_in_money, end = True, end + 1
    each = next((len(said) for said in _EACH if tuple(t.plain for t in tokens[end : end + len(said)]) == said), 0)
    is_price = is_in_money or (tokens[figure].value or 0) >= _PRICE_MIN
    is_behind_goods = kept[-1].kind != MARK or kept[-1].text in {"(", "-"}
    if each and is_price and is_behind_goods:
        return end + each
    is_last = end >= len(tokens) or tokens[end].kind == MARK or tokens[end].plain in _BEHIND
    return end if is_at and is_price and is_last and not _comes_from(kept) else None


def _comes_from(kept: list[Token]) -> bool:
    """ "sube el arroz de 100 a 200"."""
    return any(token.plain in {"de", "from"} and behind.kind == QUANTITY
               for token, behind in zip(kept[-6:], kept[-5:], strict=False))  # fmt: skip
