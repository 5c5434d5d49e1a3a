"""Asking for a return: which goods of which order, why, what the customer wants for them, and how they come back."""

from __future__ import annotations

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
    Question,
    Said,
    Yes,
    question_kind,
    read_choice,
    read_yes_no,
)
from actions.returns import heard
from actions.returns.draft import Draft, best_named, item_of, name_of, named_apart
from actions.returns.instead import find_instead
from actions.returns.offers import notes, options, say_points, say_summary
from actions.returns.standing import day, say_label, slot
from actions.skills import skill
from actions.turn import Turn
from actions.which_order import LISTED, ask_which, order_act, order_number
from actions.words import fold, is_refusal, tokens
from backend.schemas.orders import Order
from backend.schemas.returns import Return, ReturnableLine

# So many of them are settled without asking.
_NO_CHOICE = {"slot": 0, "point": 1}
_ARRIVED = frozenset({"partially_delivered", "delivered"})


@skill("return_start")
async def return_start(turn: Turn) -> None:
    """Of the order that was named, or of those that arrived; the latest first."""
    turn.withdraw("return")
    said = turn.message.text if not turn.message.is_button else ""
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
    said = str(context.get("said") or "")
    draft = Draft({"number": order.number}, await turn.oms.returnable(order.number))
    if items := _several(turn, draft, said):
        await _go_on(turn, draft.with_({**items[0], "next": items[1:], **draft.hear_of_all(said)}))
        return
    named = best_named(draft.found.lines, said)
    meant = best_named(draft.free, said)
    if (named and not meant) or not draft.free:
        _refuse(turn, order.number, named or draft.found.lines)
        return
    if len(meant or draft.free) == 1:
        draft = draft.with_({"line": (meant or draft.free)[0].line})
    else:
        draft = draft.with_({"said": said})
    await _go_on(turn, await _hear(turn, draft, said))


def _several(turn: Turn, draft: Draft, said: str) -> list[dict[str, Any]]:
    """The goods of a message that names more than one of them, or all of the order; what cannot come back is said."""
    named = named_apart(draft.found.lines, said, draft.found)
    if not named and heard.ALL.search(fold(said)):
        named = [item_of(line, said, draft.found) for line in draft.free]
    free = {line.line for line in draft.free}
    items = [item for item in named if item["line"] in free]
    if len(named) < 2 or not items:
        return []
    if len(items) < len(named):
        left_out = [line for line in draft.found.lines if line.line not in free and _is_of(line, named)]
        turn.say("return_left_out", reasons=_reasons(turn, left_out))
    return items


def _is_of(line: ReturnableLine, items: Sequence[Mapping[str, Any]]) -> bool:
    return any(item["line"] == line.line for item in items)


def _refuse(turn: Turn, number: str, lines: Sequence[ReturnableLine]) -> None:
    appeal = turn.button("button_person", "return_appeal", order_number=number)
    turn.say("return_refused", reasons=_reasons(turn, lines), buttons=[appeal])


def _reasons(turn: Turn, lines: Sequence[ReturnableLine]) -> str:
    return "\n".join(
        turn.text(
            f"return_refused_{line.refusal or 'already_returned'}",
            name=name_of(line, turn.language),
            day=day(turn, line.until),
        )
        for line in lines
    )


async def _hear(turn: Turn, draft: Draft, text: str) -> Draft:
    """The draft with what the words settle; of more than there is it is said so, and it stays open."""
    changed = draft.without(text) or draft.with_more(text)
    if changed is not None:
        return changed
    draft = draft.about(text)
    said = draft.hear(text, turn.message)
    if draft.line and said.get("quantity", 0) > draft.line.left:
        turn.say("return_too_many", name=name_of(draft.line, turn.language), most=draft.most)
        del said["quantity"]
    return draft.with_(said)


async def _go_on(turn: Turn, draft: Draft) -> None:
    """Open the question about the first thing that is missing."""
    if "said" in draft.facts and draft.line is not None:
        draft = await _hear(turn, _with_the_only_one(draft), str(draft.facts.pop("said")))
    draft = _with_the_only_one(draft)
    while (following := draft.following()) is not None:
        draft = _with_the_only_one(following)
    if draft.missing() == "instead" and "instead_said" in draft.facts:
        await find_instead(turn, draft)
    if draft.missing() in ("way", "point", "slot") and "keeps_goods" not in draft.facts:
        # How goods come back is not asked where none are wanted back.
        quote = await turn.oms.quote_return(draft.facts["number"], draft.request())
        draft = draft.with_({"keeps_goods": not quote.needs_goods})
    step = draft.missing()
    offered = await options(turn, draft, step)
    if step in ("slot", "point") and len(offered) <= _NO_CHOICE[step]:
        # The shop names no hours: it is fetched by the day that it says. It names one place, or none.
        draft = draft.with_({step: offered[0].value if offered else None})
        step = draft.missing()
        offered = await options(turn, draft, step)
    if step == "point":
        draft.facts["points"] = {option.value: f"{option.title} {option.also}" for option in offered}
    turn.ask("return", offered, **draft.facts, step=step)


def _with_the_only_one(draft: Draft) -> Draft:
    """Of what there is one of, nobody is asked how many."""
    return draft.with_({"quantity": draft.line.left}) if draft.line is not None and draft.most <= 1 else draft


@question_kind("return")
class ReturnOf(Kind):
    """One step of a return after the other; what is said of the others is heard, too."""

    takes_files = True

    def read(self, message: Message, question: Question) -> Answer | None:
        step = question.context["step"]
        if message.files and (step == "photo" or not message.text):
            return Said("")
        if not message.is_button and message.intent == "return_cancel" and step != "reason":
            return No()
        if not message.is_button and is_refusal(message.text):
            return No()
        answer = self._of_step(step, message, question)
        if step == "confirm" and isinstance(answer, Yes) and heard.way(message.text) is None:
            return answer
        is_settled = isinstance(answer, Chosen | Said) or (step == "photo" and isinstance(answer, No))
        if not is_settled and heard.is_about_it(message) and _tells(message, question):
            # What it changes is only known with the order at hand.
            return Said(message.text)
        return answer

    def _of_step(self, step: str, message: Message, question: Question) -> Answer | None:
        match step:
            case "photo":
                return No() if heard.NO_PHOTO.search(fold(message.text)) else read_yes_no(message)
            case "confirm":
                return read_yes_no(message) or read_choice(message, question.options)
            case "line" if question.context.get("others") and heard.NO_MORE.search(fold(message.text)):
                return No()
            case "quantity":
                return Said(message.text) if heard.is_about_it(message) and _has_quantity(message) else None
            case "instead" if not question.options:
                if not heard.is_about_it(message):
                    return None
                return read_yes_no(message) or Said(message.text)
            case "reason":
                meant = [option for option in question.options if heard.is_reason(option.value, message.text)]
                if len(meant) == 1 and not message.is_button:
                    return Chosen(meant[0])
        return read_choice(message, question.options)

    async def ask(self, turn: Turn, question: Question) -> None:
        facts = dict(question.context)
        step = facts.pop("step")
        draft = Draft(facts, await turn.oms.returnable(facts["number"]))
        if step == "confirm" and draft.line is not None:
            await say_summary(turn, draft, question)
            return
        asked = "another" if step == "line" and draft.others else step
        turn.say(
            f"return_ask_{asked}",
            number=facts["number"],
            name=name_of(draft.line, turn.language) if draft.line else "",
            most=draft.most,
            choices=wording.numbered(question.options, await notes(turn, step)),
            buttons=turn.choices(question),
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        facts = dict(question.context)
        step = facts.pop("step")
        draft = Draft(facts, await turn.oms.returnable(facts["number"]))
        if turn.message.files:
            turn.files_taken = True
            facts["photos"] = [*facts.get("photos", []), *(file.voucher for file in turn.message.files)]
        match step, answer:
            case "confirm", Yes():
                await _request(turn, draft)
                return
            case "photo", No() if turn.message.intent != "return_cancel" and not is_refusal(turn.message.text):
                turn.say("return_no_photo", buttons=[turn.button("button_person", "human_request")])
                turn.hand_off("return_without_photo")
                return
            case "line", No() if draft.others:
                draft = draft.back()
            case _, No():
                turn.say("return_left_alone")
                return
            case "confirm", Chosen():
                draft = draft.more()
            case "slot", Chosen(option):
                draft = Draft(facts | {"slot": option.value.split(" ")}, draft.found)
            case "instead", Chosen(option):
                [meant] = [each for each in facts.pop("among") if each["sku"] == option.value]
                draft = Draft(facts | {"instead": meant}, draft.found)
            case "instead", Said(text) if text and not draft.hear(text, turn.message):
                draft = draft.with_({"instead_said": text})
            case _, Chosen(option):
                draft = draft.with_({step: option.value})
            case _, Said(text) if text:
                before = draft
                draft = await _hear(turn, draft, text)
                if draft == before and not turn.replies:
                    if turn.message.intent == "deny":
                        turn.say("return_left_alone")
                        return
                    turn.misunderstood()
            case _, Narrowed():
                turn.misunderstood()
        await _go_on(turn, draft)


def _tells(message: Message, question: Question) -> bool:
    """Do the words say something of a return: why, what for, how, how many, or another of the goods?"""
    text = message.text
    is_named = question.context["step"] == "confirm" and bool(tokens(text))
    is_of_goods = bool(heard.ALSO.search(fold(text)) or heard.DROPS.search(fold(text)))
    said = (heard.wish(text), heard.way(text), heard.reason(text, heard.REASONS), _has_quantity(message))
    return is_named or is_of_goods or any(said)


def _has_quantity(message: Message) -> bool:
    text = message.text
    return bool(heard.ALL.search(fold(text)) or _counts(message) or heard.numbers(text, text))


def _counts(message: Message) -> list[str]:
    return [line.quantity for line in message.spoken_lines if line.quantity_given]


async def _request(turn: Turn, draft: Draft) -> None:
    made = await turn.oms.request_return(draft.facts["number"], draft.request(), key=turn.key("return"))
    await _say_made(turn, made)
    if made.exchange_order and draft.facts.get("instead"):
        turn.say("return_reserved", what=draft.facts["instead"]["title"], order=made.exchange_order)
    if made.needs_goods:
        say_points(turn, made.drop_off_points)
    say_label(turn, made)


async def _say_made(turn: Turn, made: Return) -> None:
    value = wording.money(made.value, await turn.shop(), turn.language)
    if made.status == "requested":
        turn.say("return_requested", number=made.number, value=value, day=day(turn, made.answer_by))
    elif not made.needs_goods:
        turn.say("return_done_without_goods", number=made.number, value=value)
    elif made.way == "pickup" and made.pickup_on:
        when = slot(turn, made.pickup_on, made.pickup_slot)
        turn.say("return_accepted_pickup_slot", number=made.number, value=value, slot=when)
    else:
        turn.say(f"return_accepted_{made.way}", number=made.number, value=value, day=day(turn, made.send_by))
