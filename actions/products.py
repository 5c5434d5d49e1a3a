"""Questions about products: what they cost, whether there are any, what there is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from actions import wording
from actions.message import Message, OrderLine
from actions.questions import Answer, Chosen, Kind, Narrowed, No, Option, Question, Said, question_kind
from actions.skills import skill
from actions.turn import Button, Turn, payload
from actions.variants import ask_quantity
from actions.words import fold
from backend.schemas.catalog import LineToResolve, Variant

SHOWN = 5
RECOMMENDED = 4
_MORE_WORDS = frozenset(
    {"mas", "ver mas", "muestra mas", "mostrar mas", "siguiente", "more", "see more", "show more", "next"}
)


@skill("product_price")
async def product_price(turn: Turn) -> None:
    await _tell(turn, "price")


@skill("product_stock")
async def product_stock(turn: Turn) -> None:
    await _tell(turn, "stock")


@skill("product_info")
async def product_info(turn: Turn) -> None:
    await _tell(turn, "info")


@skill("catalog_browse")
async def catalog_browse(turn: Turn) -> None:
    categories = await turn.oms.categories()
    turn.withdraw("category", "product")
    options = [
        Option(one.code, wording.words(one.name, turn.language), f"{one.name.es} {one.name.en}") for one in categories
    ]
    turn.ask("category", options, page=0, notes={})


@skill("product_recommend")
async def product_recommend(turn: Turn) -> None:
    """What is available of the named thing, else of each part of the shop: nothing is invented about taste."""
    named = [line for line in turn.message.order_lines if line.text]
    if named:
        found = await turn.oms.search(named[0].text, limit=SHOWN)
        variants = found.matches
    else:
        categories = (await turn.oms.categories())[:RECOMMENDED]
        firsts = [await turn.oms.category_variants(category.code) for category in categories]
        variants = [next((one for one in some if one.available), some[0]) for some in firsts if some]
    available = [variant for variant in variants if variant.available][:RECOMMENDED]
    if not available:
        turn.say("product_nothing")
        return
    shop = await turn.shop()
    options = [wording.product_option(variant, turn.language) for variant in available]
    prices = {variant.sku: wording.price(variant, shop, turn.language) for variant in available}
    turn.say("product_recommend", choices=wording.bulleted(options, prices), buttons=_add_buttons(turn, available))


async def _tell(turn: Turn, what: str) -> None:
    named = [line for line in turn.message.order_lines if line.text]
    focus = turn.focus_sku
    if not named and focus:
        variants: Sequence[Variant] = [await turn.oms.variant(focus)]
        await _tell_one(turn, what, variants[0])
        return
    if not named:
        turn.say("product_which")
        return
    wishes = [LineToResolve(quantity=line.quantity, unit=line.unit, text=line.text) for line in named]
    answer = await turn.oms.resolve(wishes, turn.language)
    for line, resolved in zip(named, answer.lines, strict=True):
        if resolved.status == "one":
            await _tell_one(turn, what, resolved.candidates[0])
        else:
            await _tell_several(turn, line, resolved.candidates, is_found=resolved.status == "several")


async def _tell_one(turn: Turn, what: str, variant: Variant) -> None:
    shop = await turn.shop()
    buttons = _add_buttons(turn, [variant]) if variant.available else []
    facts = {}
    if what == "price":
        facts["included"] = "" if variant.tax_on_top else turn.text("product_tax_included")
    turn.say(
        f"product_{what}",
        **facts,
        name=wording.words(variant.names, turn.language),
        price=wording.price(variant, shop, turn.language),
        stock=turn.text(f"stock_{variant.stock}"),
        description=_description(turn, variant),
        buttons=buttons,
    )


def _description(turn: Turn, variant: Variant) -> str:
    told = wording.words(variant.descriptions, turn.language) if variant.descriptions else ""
    return (told or variant.product).rstrip(".")


async def _tell_several(turn: Turn, line: OrderLine, variants: Sequence[Variant], *, is_found: bool) -> None:
    if not variants:
        turn.say("variant_unknown", text=line.text)
        return
    shop = await turn.shop()
    shown = list(variants)[:SHOWN]
    notes = {
        variant.sku: f"{wording.price(variant, shop, turn.language)} · {turn.text(f'stock_{variant.stock}')}"
        for variant in shown
    }
    options = [wording.product_option(variant, turn.language) for variant in shown]
    key = "product_several" if is_found else "product_none"
    turn.say(key, text=line.text, choices=wording.bulleted(options, notes), buttons=_add_buttons(turn, shown))


def _add_buttons(turn: Turn, variants: Sequence[Variant]) -> list[Button]:
    """One button each to add it; none while something else is being asked, which comes next."""
    if turn.questions:
        return []
    return [
        Button(
            turn.text("button_add", name=wording.words(variant.names, turn.language)),
            payload("cart_add", sku=variant.sku),
        )
        for variant in variants
        if variant.available
    ]


class Browsing(Kind):
    """A list to look through, a page at a time; numbers count over all pages. Leaving it needs no answer."""

    is_passing = True
    text: str

    def read(self, message: Message, question: Question) -> Answer | None:
        if message.first("page") is not None or fold(message.text) in _MORE_WORDS:
            return Said("more")
        return super().read(message, question)

    async def ask(self, turn: Turn, question: Question) -> None:
        first = question.context["page"] * SHOWN
        notes = question.context["notes"]
        shown = list(enumerate(question.options, start=1))[first : first + SHOWN]
        lines = [
            f"{number}. {option.title}" + (f" · {notes[option.value]}" if option.value in notes else "")
            for number, option in shown
        ]
        buttons = [
            Button(option.title, payload("option_choose", option=number, question=question.id))
            for number, option in shown
        ]
        if first + SHOWN < len(question.options):
            buttons.append(turn.button("button_more", "catalog_browse", page="next", question=question.id))
        turn.say(self.text, choices="\n".join(lines), buttons=buttons)

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(option):
                await self.open(turn, option)
            case Said():
                pages = -(-len(question.options) // SHOWN)
                page = (question.context["page"] + 1) % pages
                turn.ask(question.kind, question.options, page=page, notes=question.context["notes"])
            case Narrowed(options) if len(options) < len(question.options):
                turn.ask(question.kind, options, page=0, notes=question.context["notes"])
            case No():
                turn.say("browse_left")
            case _:
                turn.misunderstood()
                turn.questions.append(question)

    @abstractmethod
    async def open(self, turn: Turn, option: Option) -> None:
        """What choosing one of the list means."""


@question_kind("category")
class WhichCategory(Browsing):
    """Which part of the shop?"""

    text = "browse_categories"

    async def open(self, turn: Turn, option: Option) -> None:
        variants = await turn.oms.category_variants(option.value)
        shop = await turn.shop()
        notes = {variant.sku: wording.price(variant, shop, turn.language) for variant in variants if variant.available}
        options = [wording.product_option(variant, turn.language) for variant in variants if variant.available]
        if options:
            turn.ask("product", options, page=0, notes=notes)
        else:
            turn.say("product_nothing")


@question_kind("product")
class WhichProduct(Browsing):
    """Which of the products of a category?"""

    text = "browse_products"

    async def open(self, turn: Turn, option: Option) -> None:
        ask_quantity(turn, option, OrderLine(text=option.title))
