"""A line being read, before what was left unsaid is filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from nlu.grammar.tokens import Token


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
    #: "un", "a": its quantity may be an article.
    is_article: bool = False
    #: "2 de cada uno".
    is_each: bool = False
    #: "2 pounds each of apples and pears": what it counts is named behind it.
    is_each_of: bool = False
    #: "muchos".
    is_vague: bool = False
    money: Decimal | None = None
    #: What one of the figure said is worth: 1000 in "5 mil" and "5 lucas".
    money_each: int = 1
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
