"""One customer on several channels: who proves it goes on as one, elsewhere, and can take a channel out again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from pydantic import ValidationError

from actions import wording
from actions.emails import address_in
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
from actions.turn import Button, Turn
from actions.words import fold, is_refusal
from kernel import clock
from kernel.errors import ComandaError

_NAMED = {
    "whatsapp": re.compile(r"\b(?:wh?at?s ?app?|w[au]t?s?ap\w*|guas+ap\w*|ws+p|wpp|whats)\b"),
    "telegram": re.compile(r"\btelegram\w*\b"),
    "web": re.compile(r"\b(?:web|website|pagina|sitio|site|page|browser|navegador|computador\w*|computer)\b"),
}
_NUMBER = re.compile(r"(?<![\w-])(?:\+|00)?\(?\d[\d\s().-]{5,20}\d")
_DIGITS_LEAST, _DIGITS_MOST = 7, 15
# Six digits, perhaps in two groups; or nothing but about as many.
_CODE = re.compile(r"(?<![\w-])(?:\d[\s.-]?){5}\d(?![\w-])|^\D{0,3}(\d{4,8})\D{0,3}$")
_NOT_THERE = re.compile(
    r"\b(?:no (?:me )?(?:llego|llega|ha llegado|aparece)|otro codigo|reenvi\w*|(?:did ?n t|not) (?:arrive|get|come)\w*|"
    r"another code|new code|resend|send (?:it )?again)\b"
)


@skill("identity_link")
async def identity_link(turn: Turn) -> None:
    """The same customer as elsewhere: proven by a code that goes there, or by a link that is opened there."""
    turn.withdraw("identity_address", "identity_code")
    named = _named(turn.message)
    address = _address(turn.message)
    if address:
        await _send_code(turn, address)
    elif named == "telegram":
        await _offer_link(turn, named)
    elif named == "web" or (named is None and turn.message.channel == "whatsapp"):
        turn.say("identity_from_web")
    else:
        turn.ask("identity_address", is_said=False)


@skill("identity_move")
async def identity_move(turn: Turn) -> None:
    """Go on elsewhere, with the same cart."""
    named = turn.message.text_entity("choice") or _named(turn.message)
    doors = [channel for channel in turn.message.doors if channel != turn.message.channel]
    if named == "web":
        turn.say("identity_from_web")
    elif named in doors or len(doors) == 1:
        await _offer_link(turn, named if named in doors else doors[0])
    elif doors:
        buttons = [turn.button(f"identity_channel_{channel}", "identity_move", choice=channel) for channel in doors]
        turn.say("identity_move_where", buttons=buttons)
    else:
        turn.say("identity_move_nowhere")


async def offer_number(turn: Turn) -> None:
    """What they look for is not theirs here: on Telegram their own number, handed over, may show what is elsewhere."""
    if turn.message.channel != "telegram":
        return
    known = await turn.oms.identities()
    if any(each.has_phone or each.channel != "telegram" for each in known):
        return
    turn.say("identity_share_ask", buttons=[_share(turn)])


def _share(turn: Turn) -> Button:
    """The bot makes of exactly this payload a button that hands over the number (bot/channels/base.py)."""
    return turn.button("button_identity_share", "identity_link", choice="contact")


async def _offer_link(turn: Turn, channel: str) -> None:
    door = turn.message.doors.get(channel)
    if door is None or channel not in ("whatsapp", "telegram"):
        turn.say("identity_move_nowhere")
        return
    link = await turn.oms.make_link("whatsapp" if channel == "whatsapp" else "telegram", key=turn.key("link"))
    words = turn.text("identity_move_words", token=link.token)
    url = door.replace("{token}", link.token).replace("{text}", quote(words))
    turn.say("identity_move_link", channel=turn.text(f"identity_channel_{channel}"), url=url)


def _named(message: Message) -> str | None:
    """The channel that is spoken of, of those that are not this one."""
    said = fold(message.text)
    named = (channel for channel, words in _NAMED.items() if words.search(said))
    return next((channel for channel in named if channel != message.channel), None)


def _address(message: Message) -> str | None:
    """An e-mail address or a phone number, as it is written."""
    email = address_in(message)
    if email or message.is_button:
        return email
    number = _NUMBER.search(message.text)
    digits = len(re.sub(r"\D", "", number[0])) if number else 0
    return number[0].strip() if number and _DIGITS_LEAST <= digits <= _DIGITS_MOST else None


async def _send_code(turn: Turn, address: str) -> None:
    language = "en" if turn.language == "en" else "es"
    try:
        if "@" in address:
            sent = await turn.oms.ask_email_code(address, language, key=turn.key("code"))  # type: ignore[arg-type]
        else:
            sent = await turn.oms.ask_phone_code(address, language, key=turn.key("code"))  # type: ignore[arg-type]
    except ValidationError:
        # The OMS's own schema refuses it before it is sent.
        turn.say("identity_address_unread")
        turn.ask("identity_address", is_said=True)
        return
    turn.ask("identity_code", request=sent.id, expires_at=sent.expires_at.isoformat())
    way = "email" if "@" in address else "whatsapp"
    turn.say(f"identity_code_sent_{way}", address=address, buttons=[_drop(turn)])


def _drop(turn: Turn) -> Button:
    assert turn.open_question, "it has just been asked"
    return turn.button("button_identity_drop", "deny", question=turn.open_question.id)


def _say_linked(turn: Turn, channels: Iterable[str]) -> None:
    others = [turn.text(f"identity_channel_{each}") for each in channels if each != turn.message.channel]
    if not others:
        turn.say("identity_alone")
        return
    # What was asked before was asked about another cart, and is answered with the next message's authority.
    turn.questions.clear()
    buttons = [turn.button("button_track", "order_track"), turn.button("button_cart", "cart_show")]
    turn.say("identity_linked", channels=wording.listed(others, turn.language), buttons=buttons)


@question_kind("identity_address")
class WhichAddress(Kind):
    """Where does the code go?"""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        address = _address(message)
        if address:
            return Said(address)
        return No() if message.intent == "deny" or is_refusal(message.text) else None

    async def ask(self, turn: Turn, question: Question) -> None:
        if not question.context["is_said"]:
            share = [_share(turn)] if turn.message.channel == "telegram" else []
            turn.say("identity_ask_address", buttons=[*share, _drop(turn)])

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        if isinstance(answer, Said):
            await _send_code(turn, answer.text)
        else:
            turn.say("identity_code_dropped")


@question_kind("identity_code")
class WhichCode(Kind):
    """What does the code say that was sent? Open until it is over, whatever is talked about meanwhile."""

    def read(self, message: Message, question: Question) -> Answer | None:
        if message.is_button:
            return read_yes_no(message) if message.intent == "deny" else None
        code = _CODE.search(message.text)
        if code:
            return Said(code[0])
        if _NOT_THERE.search(fold(message.text)):
            return Narrowed(())
        return No() if message.intent == "deny" or is_refusal(message.text) else None

    async def ask(self, turn: Turn, question: Question) -> None:
        """It was asked when the code was sent."""
        if clock.now() >= datetime.fromisoformat(question.context["expires_at"]):
            turn.withdraw("identity_code")

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Said(code):
                await _confirm(turn, question, code)
            case Narrowed():
                turn.ask("identity_address", is_said=False)
            case _:
                turn.say("identity_code_dropped")


async def _confirm(turn: Turn, question: Question, code: str) -> None:
    try:
        linked = await turn.oms.confirm_code(question.context["request"], code, key=turn.key("confirm"))
    except ComandaError as refusal:
        if refusal.code != "link_request_over":
            raise
        turn.say("error_link_request_over", buttons=[turn.button("button_identity_code", "identity_link")])
        return
    _say_linked(turn, linked.channels)


@skill("identity_open")
async def identity_open(turn: Turn) -> None:
    """They came by a link, or somebody sent it to them: it joins nothing without a yes."""
    turn.withdraw("identity_open")
    turn.ask("identity_open", token=turn.message.start_token)


@question_kind("identity_open")
class WasItYou(Kind):
    """Was it you who asked to go on here?"""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        yes = turn.button("button_identity_mine", "affirm", question=question.id)
        no = turn.button("button_identity_not_mine", "deny", question=question.id)
        turn.say("identity_open_ask", buttons=[yes, no])

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        if not isinstance(answer, Yes):
            turn.say("identity_open_declined")
            return
        try:
            linked = await turn.oms.open_link(question.context["token"], key=turn.key("open"))
        except ComandaError as refusal:
            if refusal.code != "link_request_over":
                raise
            turn.say("identity_open_over")
            return
        _say_linked(turn, linked.channels)


@skill("identity_phone")
async def identity_phone(turn: Turn) -> None:
    """Their channel vouched for their number: the bot has told the OMS."""
    channels = {each.channel for each in await turn.oms.identities()} - {turn.message.channel}
    if channels:
        _say_linked(turn, sorted(channels))
    else:
        turn.say("identity_phone_alone")


@skill("identity_part")
async def identity_part(turn: Turn) -> None:
    """A chat is not theirs any more: which of those that were joined?"""
    joined = [each for each in await turn.oms.identities() if not each.is_own]
    if not joined:
        turn.say("identity_part_none")
        return
    options = [Option(each.id, f"{turn.text(f'identity_channel_{each.channel}')} {each.shown}") for each in joined]
    turn.withdraw("identity_part")
    turn.ask("identity_part", options)


@question_kind("identity_part")
class WhichToPart(Kind):
    """Which chat shall be taken out?"""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        return read_choice(message, question.options)

    async def ask(self, turn: Turn, question: Question) -> None:
        choices = wording.numbered(question.options, {})
        none = turn.button("button_none", "deny", question=question.id)
        turn.say("identity_part_which", choices=choices, buttons=[*turn.choices(question), none])

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(option):
                await turn.oms.unlink(option.value, key=turn.key("part"))
                turn.say("identity_parted", name=option.title)
            case Narrowed():
                turn.misunderstood()
                turn.questions.append(question)
            case _:
                turn.say("identity_part_kept")
