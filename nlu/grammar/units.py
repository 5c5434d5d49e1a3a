"""The words that name a unit of sale, in both languages, and the one singular each stands for."""

from __future__ import annotations

from nlu.normalization import without_accents

# singular: other spellings. Plurals and diminutives are derived below.
_SPANISH = {
    "arroba": "arr",
    "atado": "",
    "balde": "",
    "bandeja": "bdja",
    "barra": "",
    "bidón": "",
    "bolsa": "bls blsa blsas bsa bsas",
    "botella": "bot bots btl btls botellon",
    "bulto": "blto",
    "cabeza": "",
    "caja": "cj cjs cja cjas",
    "cajón": "",
    "canasta": "canastilla",
    "cartón": "",
    "costal": "",
    "cubeta": "",
    "fardo": "",
    "frasco": "fco fcos",
    "galón": "gal gals",
    "garrafa": "",
    "garrafón": "",
    "gramo": "g gr grs gms",
    "guacal": "huacal",
    "jaba": "",
    "kilo": "k kl kls kg kgs kilogramo quilo",
    "lata": "",
    "libra": "lb lbs lbr",
    "litro": "l lt lts ltr litrico",
    "manojo": "",
    "mililitro": "ml mls cc",
    "malla": "",
    "metro": "mts mt",
    "onza": "oz",
    "paca": "",
    "paquete": "paq paqs pqte pqt pqts pkt pkts paqte",
    "pieza": "pz pza pzas pzs",
    "porción": "",
    "pote": "",
    "racimo": "",
    "ramo": "",
    "rebanada": "",
    "rollo": "",
    "saco": "",
    "six pack": "sixpack six-pack sixpacks six",
    "sobre": "",
    "tableta": "",
    "tajada": "",
    "tarima": "",
    "tarro": "",
    "tira": "",
    "unidad": "und unds un. u uds ud unid unids",
    "vaso": "",
}
_ENGLISH = {
    "bag": "bg bgs",
    "bar": "",
    "bottle": "btl bot bots",
    "box": "bx bxs",
    "bunch": "",
    "bundle": "",
    "can": "",
    "carton": "ctn",
    "case": "cs",
    "crate": "",
    "gallon": "gal gals",
    "gram": "g gr gms gramme",
    "head": "",
    "jar": "",
    "jug": "",
    "kilo": "k kg kgs kilogram",
    "liter": "l lt lts ltr litre",
    "loaf": "loaves",
    "milliliter": "ml mls cc millilitre",
    "ounce": "oz",
    "pack": "packet package pkg pk pks pkt",
    "piece": "pc pcs",
    "pint": "pt pts",
    "pound": "lb lbs",
    "quart": "qt qts",
    "roll": "",
    "sachet": "",
    "sack": "",
    "six pack": "sixpack six-pack sixpacks",
    "slice": "",
    "stick": "",
    "tin": "",
    "tray": "",
    "tub": "",
    "tube": "",
    "unit": "und unds ea",
}

#: Money told in thousands; "luca y media" has a half like a unit.
MONEY_OF_THOUSANDS = frozenset({"luca", "lucas", "luquita", "luquitas"})

#: Measures that, after a product's name, tell its size ("leche 1 litro") and not how many are wanted.
SIZES = frozenset({"gramo", "litro", "mililitro", "onza", "gram", "liter", "milliliter", "ounce", "metro"})
_SIZE_SPELLINGS = frozenset({"kg", "kgs"})
#: Units that are also things one buys ("3 vasos desechables"): units only before "de"/"of".
_NEEDS_OF = frozenset(
    {
        "barra", "cabeza", "metro", "onza", "pieza", "porción", "rollo", "sobre", "tableta", "tajada", "tira", "vaso",
        "ramo", "cubeta", "balde", "malla", "bar", "case", "head", "jug", "roll", "slice", "stick", "tin", "tray",
        "tub", "tube", "loaf", "bunch", "piece", "can",
    }
)  # fmt: skip
#: "bolsas de basura" are bought as such: the unit word belongs to the name.
_NAMES = frozenset(
    {
        ("bolsa", "basura"),
        ("bolsa", "regalo"),
        ("vaso", "carton"),
        ("barra", "labios"),
        ("caja", "dientes"),
        ("bandeja", "paisa"),
    }
)


def _spellings(units: dict[str, str], language: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for singular, others in units.items():
        for word in (singular, *others.split()):
            plain = without_accents(word)
            for form in (plain, *_derived(plain, language)):
                table.setdefault(form, singular)
    return table


def _derived(word: str, language: str) -> list[str]:
    if len(word) < 4 or " " in word:
        return [word + "s", word + "es"] if len(word) == 3 and language == "en" else []
    if language == "en":
        return [word + "s", word + "es"]
    stem = word[:-1] if word[-1] in "aeo" else word
    gender = "a" if word.endswith("a") else "o"
    diminutives = [stem + ending + gender for ending in ("it", "ic", "ill")]
    return [word + "s", word + "es", *diminutives, *(diminutive + "s" for diminutive in diminutives)]


_TABLES = {"es": _spellings(_SPANISH, "es"), "en": _spellings(_ENGLISH, "en")}
_SPELLED_OUT = frozenset(_spellings(dict.fromkeys(_SPANISH, ""), "es") | _spellings(dict.fromkeys(_ENGLISH, ""), "en"))
_ABBREVIATION_MAX = 5


def unit_named(word: str, language: str) -> str | None:
    """The singular unit that `word` (lower case, no accents) names in `language`, else in the other one, else None."""
    other = "en" if language == "es" else "es"
    return _TABLES[language].get(word) or _TABLES[other].get(word)


def is_size(word: str, unit: str) -> bool:
    """Whether `word`, written after a product's name, tells a size: "500 g" does, "2 libras" and "3 cajas" do not."""
    return unit in SIZES or word in _SIZE_SPELLINGS


def reads_as_unit(word: str, unit: str, linked: bool, next_word: str | None) -> bool:
    """Whether `word`, which names `unit`, is one before `next_word`; `linked` if "de"/"of" stands between them.

    Nobody buys a thing under its abbreviation: "3 vasos" may be cups, "3 pz" are pieces.
    """
    needs_of = unit in _NEEDS_OF and not is_abbreviated(word)
    if next_word is None:
        return not needs_of
    return (linked or not needs_of) and (unit, next_word) not in _NAMES


def is_abbreviated(word: str) -> bool:
    """Whether `word` (lower case, no accents), which names a unit, is short for it: "paq", "lb", "pcs"."""
    return len(word) <= _ABBREVIATION_MAX and word not in _SPELLED_OUT
