"""The units goods are sold in: their codes, their names, and the words customers use for them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.catalog.words import fold


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit of the trade. `code` is what travels; how many base units it holds is for each variant to say."""

    code: str
    es: str
    en: str
    words: tuple[str, ...]


def _unit(code: str, es: str, en: str, words: str) -> UnitName:
    return UnitName(code, es, en, tuple(word.strip() for word in f"{code},{es},{en},{words}".split(",")))


_ALL = (
    _unit("unidad", "unidad", "unit", "unidades,und,unds,uds,ud,u,pieza,piezas,units,each,ea,piece,pieces,pc,pcs"),
    _unit("caja", "caja", "box", "cajas,cajita,cj,boxes,case,cases"),
    _unit("paca", "paca", "multipack", "pacas,fardo,fardos,multipacks,bale,pack,packs"),
    _unit("sixpack", "six-pack", "six-pack", "six pack,sixpac,six,sixpacks,six packs,sixpaks,pack,packs"),
    _unit("docena", "docena", "dozen", "docenas,doc,dozens"),
    _unit("canasta", "canasta", "tray", "canastas,canastilla,cubeta,cubetas,panal,panales,carton,cartones,trays,"
          "cartons,flat,flats,crate,crates"),
    _unit("par", "par", "pair", "pares,pairs"),
    _unit("g", "gramo", "gram", "gramos,gr,grs,gm,grams"),
    _unit("libra", "libra", "pound", "libras,lb,lbs,librita,pounds"),
    _unit("kilo", "kilo", "kilo", "kilos,kg,kgs,kilito,kilogramo,kilogramos,kilogram,kilograms"),
    _unit("arroba", "arroba", "arroba (12.5 kg)", "arrobas"),
    _unit("bulto", "bulto", "sack", "bultos,saco,sacos,costal,costales,sacks"),
    _unit("litro", "litro", "litre", "litros,lt,lts,l,litrito,litres,liter,liters"),
    _unit("galon", "galón", "gallon", "galones,gallons"),
    _unit("garrafa", "garrafa", "jug", "garrafas,garrafon,bidon,bidones,jugs,demijohn"),
    _unit("botella", "botella", "bottle", "botellas,botellita,bot,envase,bottles"),
    _unit("media", "media", "half bottle", "medias,media botella,half bottles"),
    _unit("lata", "lata", "can", "latas,latica,latita,cans,tin,tins"),
    _unit("carton", "cartón", "carton", "cartones,cartons,tetra,tetrapak,tetrapack"),
    _unit("bolsa", "bolsa", "bag", "bolsas,bolsita,funda,bags,sack"),
    _unit("paquete", "paquete", "pack", "paquetes,paquetico,paquetito,paq,pqte,pkt,packs,packet,packets,package,"
          "packages,bag,bags,bolsa,bolsas,loaf,loaves"),
    _unit("frasco", "frasco", "jar", "frascos,frasquito,jars,tarro"),
    _unit("tarro", "tarro", "tub", "tarros,pote,potes,tubs,pot,pots,frasco,jar"),
    _unit("vaso", "vaso", "cup", "vasos,vasito,cups,tub,tubs"),
    _unit("doypack", "bolsa con tapa", "pouch", "doypacks,bolsa,bolsas,pouches,sachet,sachets,bag,bags"),
    _unit("sobre", "sobre", "sachet", "sobres,sobrecito,sachets,pouch,pouches,packet,packets"),
    _unit("barra", "barra", "bar", "barras,pastilla,pastillas,bars,stick,sticks"),
    _unit("tubo", "tubo", "tube", "tubos,tubes"),
    _unit("rollo", "rollo", "roll", "rollos,rolls"),
    _unit("bandeja", "bandeja", "tray", "bandejas,trays,punnet,punnets"),
    _unit("atado", "atado", "bunch", "atados,manojo,manojos,ramo,ramos,bunches"),
)  # fmt: skip

UNITS: dict[str, UnitName] = {unit.code: unit for unit in _ALL}

# Folded word → the codes it may stand for: a "tray" is a canasta of eggs or a bandeja of strawberries.
_CODES_OF: dict[str, tuple[str, ...]] = {}
for _each in _ALL:
    for _word in dict.fromkeys(fold(word) for word in _each.words):
        _CODES_OF[_word] = (*_CODES_OF.get(_word, ()), _each.code)


def codes_of(word: str) -> tuple[str, ...]:
    """The unit codes a customer's word may stand for, in either language; none for a word that is no unit.

    `codes_of("boxes") == ("caja",)`.
    """
    return _CODES_OF.get(fold(word), ())
