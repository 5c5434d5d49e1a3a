"""The customer's e-mail address: asked for once with an order, given any time; whether it is one the OMS says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import ValidationError

from actions.message import Message
from actions.questions import Answer, Kind, No, Question, Said, question_kind
from actions.skills import skill
from actions.turn import Button, Turn
from actions.words import fold, is_refusal
from kernel.errors import ComandaError

# What was meant as an address; the OMS knows what one is.
_WRITTEN = re.compile(r"[^\s@<>,;:]+\s?@\s?[^\s@<>,;:]+")
_HAS_NONE = re.compile(
    r"(?:no (?:tengo|uso|manejo|quiero|doy|hace falta|need)?|sin|paso|skip|without|i have no"
    r"|(?:i )?(?:don t|do not) (?:have|use|want|need))"
    r" ?(?:an?|any|un|ningun|el|mi|my|the)? ?(?:correo|email|e mail|mail)(?: electronico| address)?"
    r"(?: (?:please|thanks|por favor|porfa|gracias))?"
)
_SKIP = re.compile(r"(?:no|sin|paso|skip|without|not)\b.*\b(?:correo|email|mail|gracias|ahora|thanks|now)|no")


@dataclass(frozen=True, slots=True)
class Offered:
    """What is said, and pressed, with the order that was placed: the newest message alone has buttons."""

    text: str = ""
    buttons: tuple[Button, ...] = ()


async def offer(turn: Turn) -> Offered:
    """Ask where the confirmation and the invoice shall go, if that is not known and was not asked before."""
    if turn.email_offered:
        return Offered()
    try:
        known = (await turn.oms.me()).email
    except ComandaError:
        # The order is placed: nothing that comes after it may look like its failure.
        return Offered()
    turn.email_offered = True
    if known is not None:
        return Offered()
    turn.ask("email", is_said=True)
    skip = turn.button("button_no_email", "deny", question=turn.questions[-1].id)
    return Offered("\n" + turn.text("email_offer"), (skip,))


@skill("email_give")
async def email_give(turn: Turn) -> None:
    """An address, or the wish to give one."""
    written = address_in(turn.message)
    if written is None and _HAS_NONE.fullmatch(fold(turn.message.text)):
        turn.withdraw("email")
        turn.say("email_skipped")
    elif written is None:
        turn.withdraw("email")
        turn.ask("email", is_said=False)
    else:
        await _keep(turn, written)


def address_in(message: Message) -> str | None:
    found = None if message.is_button else _WRITTEN.search(message.text)
    return found[0].replace(" ", "").rstrip(".!?)") if found else None


async def _keep(turn: Turn, address: str) -> None:
    try:
        person = await turn.oms.change_me(email=address, key=turn.key("email"))
    except ValidationError:
        # The OMS's own schema refuses it before it is sent.
        _ask_again(turn)
    except ComandaError as refusal:
        if refusal.code != "invalid_request":
            raise
        _ask_again(turn)
    else:
        turn.email_offered = True
        turn.withdraw("email")
        turn.say("email_kept", email=person.email)


def _ask_again(turn: Turn) -> None:
    turn.say("email_invalid")
    turn.withdraw("email")
    turn.ask("email", is_said=False)


@question_kind("email")
class WhichAddress(Kind):
    """Where shall the confirmation and the invoice go?"""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        written = address_in(message)
        if written is not None:
            return Said(written)
        said = fold(message.text)
        is_none = _SKIP.fullmatch(said) or _HAS_NONE.fullmatch(said)
        return No() if message.intent == "deny" or is_refusal(message.text) or is_none else None

    async def ask(self, turn: Turn, question: Question) -> None:
        if not question.context["is_said"]:
            turn.say("email_offer", buttons=[turn.button("button_no_email", "deny", question=question.id)])

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        if isinstance(answer, Said):
            await _keep(turn, answer.text)
        else:
            turn.say("email_skipped")
