"""The words around what is wanted: greetings, verbs of asking, courtesy, where and when."""

from __future__ import annotations

import re

from nlu.grammar.words import words

# A customer asks in every mood and person, with any pronoun tied on: mande, mandame, mandenos, mandarle …
_VERB_STEMS = words(
    """
    actualiz agreg alcanc alcanz anad anot apart apunt aument baj borr cambi cancel compr confirm consegu consig
    consigu d da
    de dej descart dese desp despach ech elimin encarg env envi hac hag incluy lle llev mand manej met modific
    necesit ocup olvid orden pas ped pedi pid podr podri pon pong ponl prefer prefier pued quer quier quis quit
    reduc reduzc regal remuev requier retir sac separ sirv solicit sub sum sumal ten tendr tendri tien trai traig vend
    """
)
_VERB_ENDINGS = words(
    """
    a ala ale alo ame amela amelas ameles amelo amos an ando anle anme anos ar arla arle arlo arme arnos as
    asele aselo e ela ele elo eme emelas emelo emos en enla enle enlo enme enos er erla erle erlo erme ernos es
    ge i ia iale iame ian iar iaras iarme ias ie iela iele ielo ieme ien iendo ienme iera ieras iere ieren ieres
    iero ies imos io ir irla irle irlo irme irnos isiera iste las le los me nos o oy sela selo ste
    """
)
#: Things one buys, and words with work of their own, that only look like those verbs.
_NO_VERBS = words("pasas pasa sal de da pan pomo tenia do anis seis los las dos")
_VERBS = frozenset(stem + ending for stem in _VERB_STEMS for ending in _VERB_ENDINGS) - _NO_VERBS

_LEADING_ES = words(
    """
    a aca ahi alla aqui acompana acompaname actualice ademas agregue agreguele agregueme agregues ah ahora al
    algun alguna alo
    amabilidad amable amiga amigo atencion aun averigua averigue ay ayuda ayudame ayudas ayudeme bien bn bnas
    bnos bro buen buena buenas bueno buenos cantidad casera casero che claro colabora colaboran colaboras colabore como
    comprare con consulta consulto cordial correccion corrijo cosa cosas cual cuales cuanta cuantas cuanto
    cuantos cuesta cuestan da de decir del delivery despues dice diga digame dije dile dime disculpa disculpe
    domi domicilio don dona e eh el en encarguito entendiste entonces equivocacion equivoco equivoque era eran
    error es esta estan estas este esto estos falta faltan faltaron falto favor favorcito fuera gentileza
    gracias gusta gustara gustaria haber habra habria hay haya hayudame hazme hola holaa holi holis hoy ir jefa
    jefe joven ke kiero la las le les lista listo llevare llevaria lo los luego maestro mami man manana mas me
    mejor menos mercado mi mija mijo mira mire muy nececito necesitaba necesitare nesesito ni no noche noches
    nomas nos oe oiga oigan ok okey ola olvidate orden otra oye pa papi para parce parcero pe pedido pedidos
    pediria perdon perdone plis pls po podes pon por porfa porfavor porfi porfis precio precios pregunta
    producto productos ps pues qiero que queda quedan quedaria quede queden quedo queriamos querria quisieramos
    reina saber sale salen saludo saludos saque saqueme se sea sean seno senor senora senorita ser sera seria
    serian servirme si siempre siguiente siguientes sin solamente solito solo solos son su tal tambein tambien
    tan tarde tardes tb tbn te tmb toca tocan todavia toma tomame tome tomeme total totales trae traeme traen
    traer traerme traes tu ultimas ultimo un unas unicamente unos urge urgente usted ustedes uy va vale valen
    valor vamos vas veci vecina vecinita vecinito vecino vez vos voy xfa y ya yo
    """
)
_LEADING_EN = words(
    """
    & about actually add afternoon also and another any anymore are at be better bring bump buy buying by can
    cancel carry change charge correction cost costs could delete deliver do does doesn't don't dont down drop
    er erase evening except find following for forget from get gets getting gimme give go going gonna good got
    grab groceries guys had has have having hello help here hey heyy hi hope hoping how i i'd i'll i'm id if ill
    im in include increase instead is it it's item items its just keep keeping kindly least leave leaving left lemme
    let let's like list longer look looking love lower make making may mean meant might minus mistake more
    morning much my need needs never not now of off okay on one only order ordering our out pick pickup place
    please plus plz price purchase put quick quickly raise ran rather remove replace rid run said scratch sell
    send set shall ship shipping skip so some sorry still stock sure swap switch take taking than thanks that the
    over then there these thing things this those throw to today toss u uh um up update us wait wanna want wanted
    wants we
    we'd we'll well what what's whats will with without wonder wondering would yeah yes you
    """
)
#: What may stand before a line and says nothing about it.
LEADING = _VERBS | _LEADING_ES | _LEADING_EN
#: "can" asks only before a pronoun: "can I get", but "can of tuna".
_ASKING_PRONOUNS = words("i you u we someone ya y'all")

_TRAILING_WORDS = words(
    """
    ademas ahora ahorita also altogether amable amiga amigo anymore asap bro carrito casera casero che cuanto
    dale delivery don dona either entonces eso everything favor fewer first gracias graciass grax hoy instead jaja
    jajaja jefa jefe joven less listo lol man manana mas mate mejor menos misma mismas mismo
    mismos miss más nada nomas now ok okay only parce pe pedido
    please plis pls plz po porfa porfaa porfavor porfi porfis precio price primero pues rapido right same senor
    senora si sir sola solamente solas solo solos tambien thank thanks then though thx today tonight too ty
    unfortunately unicamente urgente vale valor veci vecina vecinita vecinito vecino xfa ya yes
    """
)
_BAGS = words("carrito carro pedido canasta canasto lista orden cuenta compra domicilio bolsa")
_BAGS_EN = words("cart basket order list bag tab")
_PLACES = """
    ahora, ahorita, el jueves, el martes, el miercoles, el viernes, el almuerzo, el desayuno, el domicilio, el
    domingo, el fin de semana, el finde, el lunes, el
    sabado, esta noche, esta tarde, hoy, la casa, la cena, la comida, la fiesta, la lonchera, la manana, la
    noche, la oficina, la tarde, llevar, los ninos, manana, manana temprano, mi, mi casa, mi hija, mi hijo, mi
    mama, mi pedido, nosotros, recoger, todos, ya
"""
_SAYINGS = """
    a domicilio, a la casa, a mi casa, a mi nombre, al tiro, al toque, and nothing else, and that's all, and
    that's it, and thats all, and thats it, any more, as well, at all, by card, c / u, cada una, cada uno, con
    eso, con tarjeta, contra entrega, cuando pueda, cuando puedas, cuanto antes, de antemano, de cada una, de
    cada uno, de esa, de esas, de ese, de eso, de esos, de las mismas,
    de lo mismo, de los dos, de los mismos, de mas, de paso, de una, de una vez, each,
    en camino, en efectivo, en total, en vez, es todo, eso es todo, eso seria, eso seria todo, for breakfast,
    for delivery, for delivery please, for dinner, for home, for lunch, for me, for now, for pickup, for the
    house, for the kids, for today, for tomorrow, for tonight, for us, if available, if possible, if you can, if
    you have it, if you have them, in cash, in stock, in total, lo antes posible, al menos, por lo menos, at
    least, mas o menos, more or less, me avisa, me avisas, mil
    gracias, muchas gracias, muy amable, nada mas, no gracias, no longer, no mas, no thanks, nothing else, of
    each, of that, of them, of those, off it, on it, on there, or so, por ahora, por el momento, por fa, por favor, por
    nequi, por transferencia, que quede, que queden, que tenga, que tenga disponible, que tengan, right now, se
    puede, seria todo, si es posible, si hay, si no es molestia, si puede, si puedes, si se puede, si tiene, si
    tienen, so much, tambien por favor, thank you, thanks a lot, that is all, that's all, that's it, thats all,
    thats it, to go, when you can, y eso es todo, y listo, y nada mas, y ya, ya no
"""


def _phrases() -> frozenset[tuple[str, ...]]:
    """Everything of several words that may end a line: "por favor", "a mi carrito", "para la casa"."""
    said = [" ".join(phrase.split()) for phrase in _SAYINGS.split(",")]
    said += [f"{link} {bag}" for link in ("al", "del") for bag in _BAGS]
    said += [
        f"{link} {own} {bag}"
        for link in ("a", "de", "en")
        for own in ("mi", "el", "la", "este", "esta", "tu", "su")
        for bag in _BAGS
    ]
    said += [
        f"{link} {own} {bag}"
        for link in ("to", "from", "in", "off", "on", "out of", "into")
        for own in ("my", "the", "this", "our")
        for bag in _BAGS_EN
    ]
    said += [f"{link} {place}" for link in ("para", "pa") for place in _PLACES.split(",")]
    said += [
        f"{link} {day} {joint} {part}"
        for link in ("para", "pa")
        for day in ("hoy", "manana")
        for joint in ("en la", "por la", "a la", "de", "al")
        for part in ("manana", "tarde", "noche", "mediodia")
    ]
    return frozenset(tuple(phrase.split()) for phrase in said)


_PHRASES = _phrases()
_PHRASE_LENGTHS = sorted({len(phrase) for phrase in _PHRASES}, reverse=True)

#: A line stops here: what follows asks about it, or ends in a new quantity ("la leche que sean 4").
STOPS = words(
    """
    are aunque because but cancelo come comes contain contains contiene cost costs cuando cuanto cuantos cuesta cuestan
    donde era eran es esta estan fuera has hay is lleva mejor pago pero porque pq que queda quedan quiero quisiera
    sale salen sean should son tiene tienen trae traen vale valen viene vienen was were when where xq
    """
)
#: A segment that opens with one of these is about something else than products.
OTHER_TOPICS = words(
    """
    address cancelo cash contraentrega cuando decirme deliver digame dime direccion dnd donde efectivo entregar
    entreguen estoy know nequi pagando pagar pagare pago pay paying porque pq queda quien quienes saber soy
    tarjeta telefono tell transferencia vivo when where who why xq
    """
)
LINKS = words("de del of d")
ARTICLES = words("el esa esas ese esos la las lo los some the those unas unos")
_DANGLING = ARTICLES | LINKS | words("con y a al le les para por en e o with for to and in on")
#: A letter behind one of these is no word of its own: "mitad A", "vitamina E".
LETTERED = words("tipo clase grado categoria vitamina mitad type grade class vitamin half")
#: Amounts that cannot be counted.
VAGUE = words(
    """
    algunas algunos bastante bastantes bunch cantidades demasiados few harta hartas harto hartos loads lot lots
    many monton montones mucha muchas muchisimas muchisimos mucho muchos plenty poca pocas poco pocos poquito
    several tantas tantos tons varias varios
    """
)
#: What tells one tea from another: "te negro" is no pronoun without its accent.
_TEAS = words("aromatico blanco chai con de frio helado limon negro rojo verde")
#: "5pm".
_HOUR = re.compile(r"\d{1,2}[ap]m")
_ELONGATED = re.compile(r"(.)\1{2,}")


def is_leading(plain: str, next_plain: str | None) -> bool:
    """Whether `plain` at the head of a segment says nothing about the product; `next_plain` is the word after it."""
    if plain in {"can", "could", "may"}:
        return next_plain in _ASKING_PRONOUNS
    if plain == "te":
        return next_plain is not None and next_plain not in _TEAS
    if plain == "pasa":
        return next_plain in {"la", "el", "los", "las", "de", "a"}
    return plain in LEADING or _ELONGATED.sub(r"\1", plain) in LEADING


def is_asking(plain: str) -> bool:
    """Whether `plain` is a verb that asks for goods: "mándame", "regáleme"."""
    return plain in _VERBS or plain in {"gimme", "get", "send", "lemme"}


def trailing_length(words: list[str], end: int) -> int:
    """How many of the words before `end` are one courtesy, time or place; 0 if the last of them is none."""
    for length in _PHRASE_LENGTHS:
        if end >= length and tuple(words[end - length : end]) in _PHRASES:
            return length
    if not end or (end > 1 and len(words[end - 1]) == 1 and words[end - 2] in LETTERED):
        return 0
    if _HOUR.fullmatch(words[end - 1]):
        return 2 if end > 1 and words[end - 2] in {"at", "by", "around", "before"} else 1
    return 1 if words[end - 1] in _TRAILING_WORDS or words[end - 1] in _DANGLING else 0
