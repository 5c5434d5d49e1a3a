"""Words that tell one kind of a thing from another: sizes, colours, flavours; and lines that say no more than that."""

from __future__ import annotations

from nlu.grammar.drafts import Draft
from nlu.grammar.flavours import is_flavour
from nlu.grammar.words import words

WITH = frozenset({"sin", "con", "without", "with", "no"})
#: "uno para caspa y otro para niños": what a kind is for.
FOR = frozenset({"para", "pa", "for"})
ONES = frozenset({"one", "ones"})
_SIZES = words(
    """
    grand pequen median chic gigant larg cort personal familiar jumb mini chiquit grandecit pequenit small medium
    big large bigger smaller
    """
)
_NO_KINDS = frozenset({"fries", "salad", "salads"})
#: Words that tell kinds of a thing apart and are not bought by themselves, by stem (no gender, no plural).
_KINDS = words(
    """
    enter deslactosad descremad semidescremad light zer diet dietetic normal regular grand pequen median chic
    gigant integral blanc roj verd negr amarill morad rosad azul fri calient madur pinton salad amarg suav
    liquid solid fresc congelad tajad familiar personal jumb original clasic organic criollit campesin costen
    condensad evaporad achocolatad molid ahumad comun corrient barat larg cort delgad grues dobl tripl mini
    chiquit grandecit pequenit whol skim skimmed semi-skimmed lactose-free lactos free low-fat low fat lowfat
    nonfat small medium big red green whit brown black yellow cold warm sugar-free sugarfre salted unsalted
    spicy mild sliced frozen fresh rip sparkling still plain bigger smaller dark rubi rosad artesanal estampad glazed
    powdered grilled decaf blue pink natural
    """
)


def is_kind_only(draft: Draft) -> bool:
    return bool(draft.words) and all(is_kind(word) or word in ONES for word in draft.plain)


def is_flavour_only(draft: Draft) -> bool:
    """Whether the words tell a flavour and no fruit: "one mango", "3 mango", but no "a mango", "3 mangos"."""
    is_pronoun = draft.is_pronoun or draft.plain[-1:] == ["one"]
    is_thing = draft.quantity == 1 and draft.is_article and not is_pronoun
    flavours = [word for word in draft.plain if word not in ONES]
    return bool(flavours) and not is_thing and all(is_flavour(word) for word in flavours)


def opens_apart(draft: Draft) -> bool:
    """ "sin azúcar", and the "en agua" of "uno en leche y otro en agua"."""
    return draft.words[0].plain in WITH or (draft.words[0].plain == "en" and draft.is_pronoun)


def tells_apart(draft: Draft, words: list[str]) -> bool:
    """ "… talla M y 2 talla L", "tuna in water and 3 in oil": what opens `draft` parted kinds in `words` before."""
    return len(draft.words) > 1 and draft.words[0].plain in _ASPECTS and draft.words[0].plain in words[1:]


_ASPECTS = words("en in talla size tamano color colour sabor flavor etapa stage fase marca numero number calibre")


def is_kind(plain: str) -> bool:
    return plain not in _NO_KINDS and not _stems(plain).isdisjoint(_KINDS)


def is_size(plain: str) -> bool:
    return not _stems(plain).isdisjoint(_SIZES)


def _stems(plain: str) -> set[str]:
    stem = plain
    for ending in ("es", "s"):
        if stem.endswith(ending) and len(stem) > 4:
            stem = stem[: -len(ending)]
            break
    return {plain, stem, stem.rstrip("aoe"), plain.rstrip("s").rstrip("aoe")}
