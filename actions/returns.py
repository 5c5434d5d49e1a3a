"""Returns: which goods of which order, why, what the customer wants for them, and how they come back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions import wording
from actions.message import Message
from actions.questions import (
    Answer,
    Chosen,
    Kind,
    Narrowed,
    No,
    Option,
    Question,
    Said,
    Yes,
    question_kind,
    read_choice,
    read_yes_no,
)
from actions.skills import skill
from actions.turn import Turn
from actions.which_order import LISTED, ask_which, order_act, order_number
from actions.words import covers, fold
from backend.schemas.orders import Order
from backend.schemas.returns import NewReturn, NewReturnLine, Return, Returnable, ReturnableLine, VouchedPhoto

STEPS = ("line", "quantity", "reason", "photo", "wish", "way", "confirm")
WISHES = ("refund", "store_credit", "replacement")
WAYS = ("pickup", "drop_off", "store")
_ARRIVED = frozenset({"partially_delivered", "delivered"})
# What is said of the goods, and the policy's reason that it is; the first that fits counts.
_REASONS = {
    "expired": re.compile(r"\b(vencid\w*|caducad\w*|expir\w*|past (?:its|the) date|out of date|sour|agri\w*)\b"),
    "wrong_item": re.compile(
        r"\b(equivocad\w*|otr[oa] (?:producto|cosa)|no es (?:lo|el|la) que|no era (?:lo|el|la) que|"
        r"wrong|not what i (?:ordered|asked)|something else)\b"
    ),
    "damaged": re.compile(
        r"\b(dan(?:ad|o)\w*|rot[oa]s?|quebrad\w*|golpead\w*|aplastad\w*|reventad\w*|regad\w*|mal estado|podrid\w*|"
        r"damaged|broken|crushed|spoil\w*|rotten|leak\w*)\b"
    ),
    "not_wanted": re.compile(
        r"\b(ya no (?:l[oa]s? )?quiero|no l[oa]s? quiero|me arrepenti|no me gust\w*|"
        r"don t want|no longer want|changed my mind|"
        r"didn t like|don t like)\b"
    ),
}
_NO_PHOTO = re.compile(r"\b(no tengo|no hay|sin foto|no puedo|no photo|can t|cannot|don t have)\b")
_ALL = re.compile(r"\b(tod[oa]s?|complet[oa]|all|everything|whole)\b")


@skill("return_start")
async def return_start(turn: Turn) -> None:
    """Of the order that was named, or of those that arrived; the latest first."""
    turn.withdraw("return")
    said = fold(turn.message.text) if not turn.message.is_button else ""
    number = order_number(turn.message)
    if number is not None:
        await _begin(turn, await turn.oms.order(number), {"said": said})
        return
    arrived = [order for order in await turn.oms.orders() if order.fulfillment_status in _ARRIVED]
    if not arrived:
        turn.say("return_nothing_arrived", buttons=[turn.button("button_person", "human_request")])
    elif len(arrived) == 1:
        await _begin(turn, arrived[0], {"said": said})
    else:
        await ask_which(turn, arrived[:LISTED], act="return", said=said)


@order_act("return")
async def _begin(turn: Turn, order: Order, context: Mapping[str, Any]) -> None:
    """What cannot come back is said before anything is asked."""
    found = await turn.oms.returnable(order.number)
    said = str(context.get("said") or "")
    named = [line for line in found.lines if _is_named(line, said)]
    open_lines = [line for line in found.lines if line.refusal is None and line.left > 0]
    refused = [line for line in named if line.refusal is not None]
    if refused and not [line for line in named if line in open_lines]:
        _refuse(turn, refused)
        return
    if not open_lines:
        _refuse(turn, found.lines)
        return
    draft: dict[str, Any] = {"number": order.number, "said": said}
    meant = [line for line in named if line in open_lines]
    if len(meant or open_lines) == 1:
        draft["line"] = (meant or open_lines)[0].line
    await _ask_next(turn, found, draft)


def _is_named(line: ReturnableLine, said: str) -> bool:
    names = f"{line.name} {line.names.es} {line.names.en}"
    return any(covers(word, names) for word in said.split() if len(word) > 2)


def _refuse(turn: Turn, lines: Sequence[ReturnableLine]) -> None:
    reasons = "\n".join(
        turn.text(
            f"return_refused_{line.refusal or 'already_returned'}",
            name=wording.words(line.names, turn.language),
            day=wording.full_day(line.until, turn.language) if line.until else "",
        )
        for line in lines
    )
    turn.say("return_refused", reasons=reasons, buttons=[turn.button("button_person", "human_request")])


async def _ask_next(turn: Turn, found: Returnable, draft: dict[str, Any]) -> None:
    """Fill in what was said already, and open the question about the first thing that is missing."""
    line = next((line for line in found.lines if line.line == draft.get("line")), None)
    if line is not None and "quantity" not in draft:
        draft |= _quantity(line, str(draft["said"]), turn.message)
    if "reason" not in draft:
        known = {reason.code for reason in found.reasons}
        meant = [code for code, words in _REASONS.items() if code in known and words.search(str(draft["said"]))]
        draft |= {"reason": meant[0]} if meant else {}
    reason = next((reason for reason in found.reasons if reason.code == draft.get("reason")), None)
    if reason is not None and not reason.photo_required:
        draft.setdefault("photos", [])
    missing = {
        "line": line is None,
        "quantity": "quantity" not in draft,
        "reason": reason is None,
        "photo": "photos" not in draft,
        "wish": "wish" not in draft,
        "way": "way" not in draft,
        "confirm": True,
    }
    step = next(step for step in STEPS if missing[step])
    turn.ask("return", _options(turn, found, step, reason is not None and reason.is_our_fault), **draft, step=step)


def _quantity(line: ReturnableLine, said: str, message: Message) -> dict[str, int]:
    """How many base units were said, if that is clear."""
    most = line.left // line.unit_factor
    if most <= 1 or _ALL.search(said):
        return {"quantity": line.left}
    spoken = [int(each.quantity) for each in message.spoken_lines if each.quantity_given and each.quantity.isdigit()]
    is_one = len(spoken) == 1 and 1 <= spoken[0] <= most and not message.is_button
    return {"quantity": spoken[0] * line.unit_factor} if is_one else {}


def _options(turn: Turn, found: Returnable, step: str, is_our_fault: bool) -> list[Option]:
    match step:
        case "line":
            free = [line for line in found.lines if line.refusal is None and line.left > 0]
            return [Option(line.line, wording.words(line.names, turn.language), line.name) for line in free]
        case "reason":
            return [Option(reason.code, wording.words(reason.name, turn.language)) for reason in found.reasons]
        case "wish":
            wishes = WISHES if is_our_fault else WISHES[:2]
            return [Option(wish, turn.text(f"return_wish_{wish}"), turn.text(f"return_also_{wish}")) for wish in wishes]
        case "way":
            return [Option(way, turn.text(f"return_way_{way}"), turn.text(f"return_also_{way}")) for way in WAYS]
    return []


@question_kind("return")
class ReturnOf(Kind):
    """One step of a return after the other; what is said of the next ones is heard, too."""

    takes_files = True

    def read(self, message: Message, question: Question) -> Answer | None:
        match question.context["step"]:
            case "photo":
                if message.files:
                    return Said("")
                return No() if _NO_PHOTO.search(fold(message.text)) else read_yes_no(message)
            case "quantity":
                return Said(message.text) if _ALL.search(fold(message.text)) or message.spoken_lines else None
            case "confirm":
                return read_yes_no(message)
            case "reason":
                meant = [option for option in question.options if _says(option.value, message)]
                if len(meant) == 1:
                    return Chosen(meant[0])
        if message.files and not message.text:
            return Said("")
        return read_choice(message, question.options)

    async def ask(self, turn: Turn, question: Question) -> None:
        draft, step = question.context, question.context["step"]
        found = await turn.oms.returnable(draft["number"])
        line = next((line for line in found.lines if line.line == draft.get("line")), None)
        name = wording.words(line.names, turn.language) if line else ""
        if step == "confirm" and line is not None:
            turn.say("return_confirm", **_summary(turn, found, line, draft), buttons=_yes_no(turn, question))
            return
        turn.say(
            f"return_ask_{step}",
            number=draft["number"],
            name=name,
            most=(line.left // line.unit_factor) if line else 0,
            choices=wording.numbered(question.options, {}),
            buttons=turn.choices(question),
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        draft = dict(question.context)
        step = draft.pop("step")
        found = await turn.oms.returnable(draft["number"])
        if turn.message.files:
            turn.files_taken = True
            draft["photos"] = [*draft.get("photos", []), *(file.voucher for file in turn.message.files)]
        match step, answer:
            case "confirm", Yes():
                await _request(turn, draft)
                return
            case (("confirm" | "line" | "wish" | "way"), No()):
                turn.say("return_left_alone")
                return
            case "photo", No() | Yes() if "photos" not in draft:
                if isinstance(answer, No):
                    turn.say("return_no_photo", buttons=[turn.button("button_person", "human_request")])
                    turn.hand_off("return_without_photo")
                    return
            case "quantity", Said(text):
                line = next(line for line in found.lines if line.line == draft["line"])
                draft |= _quantity(line, fold(text), turn.message)
                if "quantity" not in draft:
                    turn.misunderstood()
            case _, Chosen(option):
                draft[step] = option.value
            case _, Narrowed():
                turn.misunderstood()
        await _ask_next(turn, found, draft)


def _says(reason: str, message: Message) -> bool:
    words = _REASONS.get(reason)
    return words is not None and not message.is_button and words.search(fold(message.text)) is not None


def _yes_no(turn: Turn, question: Question) -> list[Any]:
    return [
        turn.button("button_return_yes", "affirm", question=question.id),
        turn.button("button_no", "deny", question=question.id),
    ]


def _summary(turn: Turn, found: Returnable, line: ReturnableLine, draft: Mapping[str, Any]) -> dict[str, str]:
    reason = next(reason for reason in found.reasons if reason.code == draft["reason"])
    count = int(draft["quantity"]) // line.unit_factor
    return {
        "number": str(draft["number"]),
        "what": f"{count} × {wording.words(line.names, turn.language)}",
        "reason": wording.words(reason.name, turn.language),
        "wish": turn.text(f"return_wish_{draft['wish']}"),
        "way": turn.text(f"return_way_{draft['way']}"),
    }


async def _request(turn: Turn, draft: Mapping[str, Any]) -> None:
    line = NewReturnLine(
        line=draft["line"],
        quantity=draft["quantity"],
        reason=draft["reason"],
        photos=[VouchedPhoto(voucher=voucher) for voucher in draft["photos"]],
    )
    wish = NewReturn(lines=[line], wish=draft["wish"], way=draft["way"])
    made = await turn.oms.request_return(draft["number"], wish, key=turn.key("return"))
    shop = await turn.shop()
    value = wording.money(made.value, shop, turn.language)
    if made.status == "requested":
        turn.say("return_requested", number=made.number, value=value, day=_day(turn, made.answer_by))
    elif not made.needs_goods:
        turn.say("return_done_without_goods", number=made.number, value=value)
    else:
        turn.say(f"return_accepted_{made.way}", number=made.number, value=value, day=_day(turn, made.send_by))


def _day(turn: Turn, on: Any) -> str:
    return wording.full_day(on, turn.language) if on else ""


async def tell_returns(turn: Turn, returns: Sequence[Return]) -> None:
    """How each return stands, with its next day."""
    shop = await turn.shop()
    lines = []
    for each in returns:
        on = {
            "requested": each.answer_by,
            "accepted": each.send_by,
            "received": each.inspect_by,
            "inspected": each.pay_by,
        }.get(each.status)
        until = turn.text("return_until", day=_day(turn, on)) if on else ""
        because = turn.text("return_because", reason=each.rejected_because) if each.rejected_because else ""
        what = ", ".join(f"{line.quantity} × {wording.words(line.names, turn.language)}" for line in each.lines)
        status = turn.text(f"return_status_{each.status}")
        value = wording.money(each.given_back if each.resolution else each.value, shop, turn.language)
        told = " ".join(part for part in (status, because, until) if part)
        lines.append(
            turn.text("return_line", number=each.number, order=each.order_number, what=what, status=told, value=value)
        )
    turn.say("returns", returns="\n".join(lines))
