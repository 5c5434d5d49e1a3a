"""What is wanted instead of what comes back: a product of the catalogue, as many of it unless a number is said."""

from __future__ import annotations

from typing import Any

from actions import wording
from actions.questions import Option
from actions.returns.draft import Draft
from actions.turn import Turn
from backend.schemas.catalog import Candidate, LineToResolve
from nlu.order_lines import parse_order_lines

OFFERED = 5


async def find_instead(turn: Turn, draft: Draft) -> None:
    """Settle what is wanted instead, or what it is `among`; what there is nothing of is said."""
    text = str(draft.facts.pop("instead_said"))
    spoken = [line.as_value() for line in parse_order_lines(text, turn.language)]
    line = spoken[0] if len(spoken) == 1 else {}
    count = str(line["quantity"]) if line.get("quantity_given") else str(draft.count_of_all)
    wanted = LineToResolve(quantity=count, unit=line.get("unit"), text=str(line.get("text") or text))
    [resolved] = (await turn.oms.resolve([wanted], turn.language)).lines
    there = [each for each in resolved.candidates if each.available]
    if resolved.status == "one" and there:
        draft.facts["instead"] = _of(turn, there[0], text, count)
        return
    if not there:
        out = resolved.candidates and resolved.status == "one"
        turn.say("return_instead_out" if out else "return_instead_unknown", text=wanted.text)
        return
    shop = await turn.shop()
    draft.facts["among"] = [
        _of(turn, each, text, count) | {"price": wording.price(each, shop, turn.language)} for each in there[:OFFERED]
    ]


def among(draft: Draft) -> list[Option]:
    """What may be meant, to choose from."""
    return [
        Option(each["sku"], f"{each['name']} · {each['price']}", each["also"]) for each in draft.facts.get("among", ())
    ]


def _of(turn: Turn, each: Candidate, said: str, count: str) -> dict[str, Any]:
    quantity, name = each.quantity or count, wording.words(each.names, turn.language)
    return {
        "sku": each.sku,
        "quantity": quantity,
        "unit": each.unit,
        "name": name,
        "title": f"{quantity} × {name}",
        "also": f"{each.names.es} {each.names.en}",
        "said": said,
    }
