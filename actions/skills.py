"""What is done with every message: the open question first, then the skill, then the question again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import texts
from actions.message import Message
from actions.questions import KINDS, Answer, Kind, No, Question, Said, Yes, question_kind, read_yes_no
from actions.turn import Turn
from actions.words import points_at_a_file
from kernel import telemetry
from kernel.errors import ComandaError
from kernel.logging import get_logger

# Rasa keeps a conversation locked while an action runs; a customer waits no longer than this for an honest answer.
DEADLINE_S = 5.0
# Rasa reads and sends the whole session with every turn: at 100 turns it takes four times as long as at 10.
TURNS_IN_A_SESSION = 8
MISUNDERSTANDINGS_TO_HAND_OFF = 3
# A message of which the intent is less likely than that is shown to people, to learn from. Of what is just below it
# three in ten are mistaken (docs/understanding.md).
SURE = 0.65
FAILURES_TO_HAND_OFF = 2

# What is written beside a photo that says of it that it shows a payment, or nothing.
_SAYING_NOTHING = frozenset({"attachment_send", "nlu_fallback", "out_of_scope", "greet", "thanks", "affirm", "deny"})
_SAYING_PAID = frozenset({"pay_start", "payment_info", "invoice_get", "payment_choose"})
# What is said back to a courtesy beside a wish; who says goodbye is let go without a word.
_COURTESIES = {"greet": "courtesy_greet", "thanks": "courtesy_thanks", "goodbye": ""}

Skill = Callable[[Turn], Awaitable[None]]
SKILLS: dict[str, Skill] = {}
ACTIONS: dict[str, type[Action]] = {}
log = get_logger("actions")


def skill(intent: str) -> Callable[[Skill], Skill]:
    """Register the function that serves an intent; Rasa calls it `action_<intent>`."""

    def register(serve: Skill) -> Skill:
        assert intent not in SKILLS, f"two skills for {intent}"
        SKILLS[intent] = serve
        # The SDK finds actions as the subclasses of Action that somebody holds.
        ACTIONS[intent] = type(f"Action_{intent}", (Action,), {"name": lambda _self: f"action_{intent}", "run": _run})
        return serve

    return register


async def _run(
    _action: Action, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> list[dict[str, Any]]:
    return await run(dispatcher, tracker, domain)


async def run(dispatcher: CollectingDispatcher, tracker: Tracker, _domain: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer the latest message: replies through the dispatcher, slots as events."""
    turn = Turn(tracker)
    # An intent is one of ours, whatever was written.
    with telemetry.within(f"action {turn.message.intent}", {"traceparent": turn.message.traceparent}):
        return await _run_within(turn, dispatcher, tracker)


async def _run_within(turn: Turn, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    questions = list(turn.questions)
    try:
        async with asyncio.timeout(DEADLINE_S):
            await _answer(turn, questions)
        turn.failures = 0
    except (ComandaError, TimeoutError) as failure:
        log.warning("oms_failed", message_id=turn.message.id, code=getattr(failure, "code", "timeout"))
        _apologise(turn, questions)
    except Exception:  # the edge: a fault of ours must not become silence
        log.exception("skill_failed", message_id=turn.message.id, intent=turn.message.intent)
        _apologise(turn, questions)
    if turn.language != tracker.get_slot("language"):
        turn.direct(language=turn.language)
    if _is_unsure(turn):
        turn.direct(
            unsure={
                "guess": turn.message.intent,
                "confidence": round(100 * turn.message.confidence),
                "is_misunderstood": turn.is_misunderstood,
            }
        )
    dispatcher.messages.extend(turn.replies)
    events = [SlotSet(slot, value) for slot, value in turn.slots().items()]
    if sum(event.get("event") == "user" for event in tracker.events) >= TURNS_IN_A_SESSION:
        # Slots are carried over, and nothing else is of the session: a new one goes on where this one was.
        events.append(FollowupAction("action_session_start"))
    return events


def _is_unsure(turn: Turn) -> bool:
    """Is the message one to learn from: in words, and not surely understood? What was asked for explains itself."""
    if not turn.message.text or turn.message.is_button:
        return False
    return turn.is_misunderstood or (turn.message.confidence < SURE and not turn.is_answer)


async def _answer(turn: Turn, questions: list[Question]) -> None:
    try:
        await respond(turn)
    except ComandaError as refusal:
        if refusal.status >= 500:
            raise
        # A refusal without a skill's own answer to it: say what it is, and leave everything as it was.
        turn.questions = questions
        say_refusal(turn, refusal)
    if turn.is_misunderstood and turn.message.is_rephrased:
        # It counts once, for what the customer wrote.
        return
    if turn.is_misunderstood:
        turn.misunderstandings += 1
        if turn.misunderstandings >= MISUNDERSTANDINGS_TO_HAND_OFF:
            turn.replies.clear()
            turn.say("handoff_misunderstood")
            turn.hand_off("misunderstood")
            turn.misunderstandings = 0
    else:
        turn.misunderstandings = 0
    if turn.open_question and not turn.is_over:
        await KINDS[turn.open_question.kind].ask(turn, turn.open_question)


async def respond(turn: Turn) -> None:
    """Serve the message, each of its wishes, and say what became of files that nobody expected."""
    if turn.message.wishes and not _answers_as_a_whole(turn):
        await _serve_each(turn)
    else:
        await _serve(turn)
    if turn.message.files and not (turn.files_taken or turn.is_over):
        turn.say("file_kept")


def _answers_as_a_whole(turn: Turn) -> bool:
    """Is every word of the message what was asked for? "Llegó roto y quiero otro" is the reason of a return."""
    question = turn.open_question
    answer = KINDS[question.kind].read(turn.message, question) if question else None
    return isinstance(answer, Said) and answer.text.strip() == turn.message.text.strip()


async def _serve_each(turn: Turn) -> None:
    """The wishes of a message in order; who also asks for a person gets the rest done first.

    A refused wish leaves the others alone. Courtesies are answered in a word before the first reply.
    """
    whole, courtesies = turn.message, []
    try:
        for wish in sorted(whole.wishes, key=lambda wish: wish.intent == "human_request"):
            if wish.intent in _COURTESIES:
                courtesies.append(_COURTESIES[wish.intent])
                continue
            turn.message, questions = wish, list(turn.questions)
            try:
                await _serve(turn)
            except ComandaError as refusal:
                if refusal.status >= 500:
                    raise
                turn.questions = questions
                say_refusal(turn, refusal)
    finally:
        turn.message = whole
    words = [turn.text(key) for key in courtesies if key]
    if words and turn.replies and "text" in turn.replies[0]:
        turn.replies[0]["text"] = " ".join([*words, turn.replies[0]["text"]])


async def _serve(turn: Turn) -> None:
    """Read the message as an answer to the open question, else serve what it asks for."""
    question, message = turn.open_question, turn.message
    if message.start_token or message.has_shared_phone:
        # They opened a link, or shared their number: that is what the message is, whatever its words.
        await SKILLS["identity_open" if message.start_token else "identity_phone"](turn)
        return
    if message.intent == "handed_back":
        # Nothing that the customer said: it answers no question.
        await SKILLS["handed_back"](turn)
        return
    # A file without a word answers nothing that was asked in words.
    is_wordless = bool(message.files) and not message.text
    pressed = message.text_entity("question")
    if pressed and (question is None or question.id != pressed):
        turn.say("choice_stale")
        return
    # What the first wish of a message has the assistant ask is not answered by the second, nor anything by words that
    # are not theirs: a language model confirms, chooses and refuses nothing.
    is_answering = not is_wordless or (question is not None and KINDS[question.kind].takes_files)
    if question is not None and turn.was_asked(question) and is_answering and not message.is_rephrased:
        kind = KINDS[question.kind]
        answer = kind.read(message, question)
        if answer is not None or kind.is_passing:
            turn.questions.pop()
        if answer is not None:
            turn.is_answer = True
            await kind.take(turn, question, answer)
            return
    is_about_them = message.files and (
        message.intent in _SAYING_NOTHING | _SAYING_PAID or points_at_a_file(message.text)
    )
    await SKILLS["attachment_send" if is_about_them else message.intent](turn)


def say_refusal(turn: Turn, refusal: ComandaError) -> None:
    """The reply to a refusal of the OMS, by its code."""
    known = refusal.code if f"error_{refusal.code}" in texts.catalogue() else "error"
    params = {"name": "", "available": "", "limit": "", **refusal.params}
    turn.say(f"error_{known}", **params)


def _apologise(turn: Turn, questions: list[Question]) -> None:
    """Nothing is known of the outcome, so nothing is claimed: the act is offered again, the second time a person."""
    turn.replies.clear()
    turn.questions = [question for question in questions if question.kind != "retry"]
    turn.failures += 1
    if turn.failures >= FAILURES_TO_HAND_OFF:
        turn.failures = 0
        turn.say("handoff_backend_failed")
        turn.hand_off("backend_failed")
        return
    turn.ask("retry", message=turn.message.to_remember())
    buttons = [turn.button("button_retry", "affirm", question=turn.questions[-1].id)]
    turn.say("error_backend_unavailable", buttons=buttons)


@question_kind("retry")
class TryAgain(Kind):
    """Shall what failed be tried again? It keeps the failed message with its id, hence with its idempotency keys."""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        """The apology asked already."""

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        if isinstance(answer, No):
            turn.say("retry_declined")
            return
        assert isinstance(answer, Yes)
        turn.message = Message.remembered(question.context["message"], turn.message.token)
        await respond(turn)
