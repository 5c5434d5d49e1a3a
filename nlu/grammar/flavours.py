"""What comes in flavours, and the flavours: things of their own that stand for a kind where the thing was named."""

from __future__ import annotations

from nlu.grammar.words import words

_CARRIERS = words(
    """
    aguardiente alfajor arepa bagel bonbon brownie burrito cake candy cereal chip chocolatina chupeta compota cone
    cookie crepa crepe croissant cupcake dona donut doughnut dumpling empanada enchilada galleta gaseosa gelatina
    granizado granola gum helado jalea jam jelly jugo juice kumis lasana lasagna limonada lollipop malteada
    mermelada milkshake muffin nectar nieve paleta panzerotti papita pastel pastry pie pizza popsicle preserve
    pudding pupusa pudin quesadilla raspado refresco roll sandwich sanduche shake sherbet smoothie snack soda
    sorbet sorbete tamal tamale taco tart te tea torta turnover wing wrap yogur yogurt bread loaf bun pretzel wine
    """
)
_FLAVOURS = words(
    """
    apple apricot bacon bbq banana beef berry blackberry blueberry brisket buffalo caramel carnitas cheese cherry
    chicken chocolate cinnamon coconut coffee corn cranberry fig grape grapefruit guava ham kiwi lemon lime lychee
    mango maple matcha melon mint mocha mozzarella mushroom orange papaya passionfruit peach peanut pear pecan
    pepperoni pineapple pistachio plum pork potato pumpkin raspberry rye sausage shrimp sourdough spinach
    strawberry tamarind tuna turkey vanilla watermelon wheat multigrain
    arequipe caramelo carne cereza champinones chicle chocolate ciruela coco durazno feijoa frambuesa fresa frijol
    guanabana guayaba hawaiana jamon kola limon lulo mandarina manzana maracuya melocoton melon menta mora mostaza
    naranja napolitana nuez pepperoni pera pina pollo queso sandia tamarindo toronja tuna uva vainilla zarzamora
    """
)
_UNPLURAL = {"loaves": "loaf"}


def comes_in_flavours(word: str) -> bool:
    """Whether `word` (lower case, no accents, plural or not) names a thing of which there are flavours."""
    singular = {word, word.removesuffix("s"), word.removesuffix("es"), _UNPLURAL.get(word, word)}
    return not singular.isdisjoint(_CARRIERS)


def is_flavour(word: str) -> bool:
    """Whether `word` names a flavour; in the plural it is the fruit itself."""
    return word in _FLAVOURS
