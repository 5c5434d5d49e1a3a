"""A turn: what becomes of one message of a customer. Durable, one at a time per conversation, and it always ends.

`TurnHandler.handle` is the workflow, `attempt` its only step: one try, of which everything that matters is in the
database, so that a try cut off anywhere by a crash is simply made again. A message ends

    answered        the assistant (or the bot itself) replied
    left_to_staff   a person answers this conversation, or took it over while the assistant was thinking
    failed          five tries of unknown outcome: an apology, and a handoff

While the assistant is down a message waits in its lane for as long as the shop allows, then a person is asked for.
"""

from __future__ import annotations

import contextvars
import random
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from backend.client import BackendUnavailable
from bot.answering import endings, proofs, waiting
from bot.answering.assistant import Assistant, AssistantFailed, AssistantUnreachable, Question, Reply, Via
from bot.answering.consent import Consents, Shown, Verdict
from bot.answering.customers import Customers, Person
from bot.answering.plain_text import as_plain_words
from bot.answering.rephrasing import Rephraser
from bot.answering.waiting import CALL, RESUME
from bot.attachments import service as attachments
from bot.attachments.models import Attachment
from bot.channels.base import Channel
from bot.conversations import service
from bot.conversations.models import Conversation, Message, Turn
from bot.delivery import Delivery
from bot.handoff import ratings
from bot.handoff import service as handoffs
from bot.handoff.policy import of as rules_of
from bot.handoff.ratings import RATE
from bot.handoff.rules import is_angry
from bot.learning import service as learning
from bot.listening.inbound import HEARD, SAY, WORKFLOW
from bot.replies import LANGUAGES, say
from kernel import clock, durable, telemetry
from kernel.ids import age_of
from kernel.logging import get_logger

T = TypeVar("T")
log = get_logger(__name__)
_lasted = telemetry.meter().create_histogram(
    "comanda.turn.duration",
    "s",
    "From a customer's message to its answer, or to being left to a person.",
    explicit_bucket_boundaries_advisory=(0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 4, 10, 30, 120, 600),
)
_failed = telemetry.meter().create_counter("comanda.turn.failures", "", "Tries of turns without an answer, by reason.")

MAX_ATTEMPTS = 5
# Between tries of unknown outcome: long enough together for a dead action server to come back.
RETRY_WAITS_S = (1.0, 3.0, 10.0, 20.0)
# While the assistant is known to be down: growing with the outage, and short enough that lanes resume soon after it.
OUTAGE_WAIT_MIN_S, OUTAGE_WAIT_MAX_S = 0.5, 4.0
# After an error that nobody foresaw: the database away, or a bug.
SURPRISE_WAIT_S = 5.0
A_MINUTE = timedelta(minutes=1)
# What is said to the assistant for a customer who sent a file and no word.
ATTACHMENT = "/attachment_send"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: for an answer before the customer is told, and in an outage before a person is asked for."""

    apologise_after_s: float = 8.0
    hand_off_after: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Try:
    """What one try knows of its turn; `version` is the conversation's, to notice that someone else took over."""

    message_id: str
    conversation_id: str
    channel: str
    sender: str
    customer_id: str | None
    version: int
    language: str
    text: str
    via: Via
    number: int
    policy: Shown
    attachments: tuple[Attachment, ...] = ()
    start_token: str | None = None
    shared_phone: str | None = None
    is_proof: bool = False


class TurnHandler:
    """Runs turns. `concurrency` bounds how many questions Rasa gets at once."""

    def __init__(
        self,
        delivery: Delivery,
        assistant: Assistant,
        customers: Customers,
        *,
        consents: Consents | None = None,
        channels: Mapping[str, Channel] | None = None,
        patience: Patience | None = None,
        turns_a_minute: int | None = None,
        rephraser: Rephraser | None = None,
        concurrency: int = 8,
    ) -> None:
        self._channels = channels or {}
        self._delivery = delivery
        self._assistant = assistant
        self._customers = customers
        self._consents = consents
        self._turns_a_minute = turns_a_minute
        self._rephraser = rephraser
        self._patience = patience or Patience()
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="ask")

    def register(self) -> None:
        """Make `handle` the workflow that the inbox enqueues. Before `durable.launch`."""
        self._attempt_step: Callable[[str], float | None] = durable.step("attempt")(self._attempt_safely)
        durable.workflow(WORKFLOW)(self.handle)

    def handle(self, message_id: str) -> None:
        while (wait_s := self._attempt_step(message_id)) is not None:
            durable.sleep(wait_s)

    def _attempt_safely(self, message_id: str) -> float | None:
        with telemetry.of_message(message_id, "turn"):
            try:
                wait_s = self.attempt(message_id)
            except Exception:  # the edge: a turn may fail, but never unnoticed, and never the lane with it
                log.exception("turn_surprised", message_id=message_id)
                _failed.add(1, {"reason": "surprised"})
                return SURPRISE_WAIT_S
            if wait_s is None:
                _lasted.record(age_of(message_id).total_seconds())
            return wait_s

    def attempt(self, message_id: str) -> float | None:
        """One try to end the turn. The seconds to wait before the next one, or None when the turn has ended."""
        this = self._begin(message_id)
        if this is None:
            return None
        try:
            if this.is_proof:
                # In a thread of its own, as what is asked is: the client of the OMS has a loop of its own.
                self._say_proven(this, self._in_pool(self._prove, this).result())
                return None
            reply = self._reply(this)
        except (AssistantUnreachable, BackendUnavailable) as error:
            _failed.add(1, {"reason": "unreachable"})
            log.warning("assistant_unreachable", conversation_id=this.conversation_id, reason=error.detail)
            return self._wait_out(this)
        except AssistantFailed as error:
            _failed.add(1, {"reason": "failed"})
            log.warning("assistant_failed", message_id=message_id, attempt=this.number, reason=error.detail)
            return self._try_again(this)
        self._answer(this, reply, self._judge(this))
        return None

    # the parts of a try, in the order in which they happen

    def _begin(self, message_id: str) -> Try | None:
        """Count the try before it is made, so that a message which kills the process ends, too."""
        with self._delivery.of_message(message_id) as (session, conversation, message):
            turn = _open_turn(session, message_id)
            if turn is None:
                return None
            if self._is_loop(session, turn):
                if conversation.owner == "assistant":
                    endings.ask_for_person(session, conversation, turn, "loop", "too_many_turns")
                service.end_turn(turn, "left_to_staff")
                return None
            if turn.payload and turn.payload.startswith(SAY):
                endings.tell(session, conversation, turn.payload.removeprefix(SAY), turn)
                service.end_turn(turn, "answered")
                return None
            if _is_resume(turn, message, conversation):
                endings.resume(session, conversation, turn)
                return None
            if turn.payload and turn.payload.startswith(RATE):
                ratings.take(session, conversation, turn.payload, message)
                service.end_turn(turn, "answered")
                return None
            if turn.payload == CALL:
                waiting.note_call(session, conversation, message_id)
                service.end_turn(turn, "left_to_staff" if conversation.owner == "agent" else "answered")
                return None
            is_proof = proofs.is_one(turn, conversation)
            if conversation.owner != "assistant" and not is_proof:
                endings.leave_to_staff(session, conversation, turn)
                return None
            if turn.attempts >= MAX_ATTEMPTS:
                endings.give_up(session, conversation, turn)
                return None
            turn.attempts += 1
            text, via = _words(turn, message)
            return Try(
                message_id=message_id,
                conversation_id=conversation.id,
                channel=conversation.channel,
                sender=conversation.sender,
                customer_id=conversation.customer_id,
                version=conversation.version,
                language=conversation.language,
                text=text,
                via=via,
                number=turn.attempts,
                policy=Shown.of(conversation, _policy_words(session, conversation)),
                attachments=tuple(attachments.of_messages(session, [message_id])[message_id]),
                start_token=turn.start_token,
                shared_phone=turn.shared_phone,
                is_proof=is_proof,
            )

    def _is_loop(self, session: Session, turn: Turn) -> bool:
        """Nobody types that much in a minute: a program answers us. Buttons, and who asks for peace, are not meant."""
        if self._turns_a_minute is None or (turn.payload and not turn.payload.startswith((SAY, HEARD))):
            return False
        if turn.payload and turn.payload.startswith(f"{SAY}opted_"):
            return False
        return service.answered_since(session, turn.conversation_id, clock.now() - A_MINUTE) >= self._turns_a_minute

    def _reply(self, this: Try) -> Reply:
        """The assistant's reply; the customer is told when it takes long."""
        future = self._in_pool(self._ask, this)
        done, _waiting = wait([future], timeout=self._patience.apologise_after_s)
        if not done:
            self._tell_outage(this)
        return future.result()

    def _in_pool(self, work: Callable[[Try], T], this: Try) -> Future[T]:
        return self._pool.submit(contextvars.copy_context().run, work, this)

    def _ask(self, this: Try) -> Reply:
        customer_id = self._person_of(this).customer_id
        if this.number > 1:
            # An earlier try may have reached Rasa: what it said then is the answer, and is not asked for twice.
            for message_id in (rephrased_id(this.message_id), this.message_id):
                said = self._assistant.recall(this.conversation_id, message_id)
                if said:
                    return said
        question = Question(
            conversation_id=this.conversation_id,
            message_id=this.message_id,
            channel=this.channel,
            text=this.text,
            via=this.via,
            locale=this.language,
            customer_token=self._customers.mint_token(customer_id, this.conversation_id, this.message_id),
            attachments=tuple(self._customers.vouch_for(customer_id, each) for each in this.attachments),
            start_token=this.start_token,
            has_shared_phone=this.shared_phone is not None,
            doors=self._doors(),
        )
        reply = self._assistant.ask(question)
        return self._rephrased(question, reply) or reply

    def _rephrased(self, question: Question, reply: Reply) -> Reply | None:
        """The answer to other words for what was not understood; None where they are not understood either."""
        misunderstood = reply.unsure if reply.unsure and reply.unsure.is_misunderstood else None
        if self._rephraser is None or misunderstood is None or reply.handoff:
            return None
        if question.via != "text" or question.attachments or question.start_token:
            return None
        words = self._rephraser.rephrase(question.text, reply.language or question.locale)
        if words is None:
            return None
        other = replace(question, text=words, message_id=rephrased_id(question.message_id), is_rephrased=True)
        try:
            answer = self._assistant.ask(other)
        except (AssistantFailed, AssistantUnreachable) as error:
            log.warning("rephrasing_failed", reason=error.detail)
            return None
        if answer.unsure and answer.unsure.is_misunderstood:
            return None
        # People are still to say what the customer's own words mean.
        return replace(answer, unsure=replace(misunderstood, is_misunderstood=False))

    def _prove(self, this: Try) -> str:
        """What a message proves takes effect, whoever has the conversation: the key of what is said of it."""
        person = self._person_of(this)
        if this.shared_phone is not None:
            return "linked" if len(person.everyone) > 1 else "phone_kept"
        done = proofs.open_link(self._customers, person.customer_id, this.conversation_id, this.message_id, this.text)
        if done == "linked":
            self._person_of(this)
        return done

    def _say_proven(self, this: Try, key: str) -> None:
        with self._delivery.to(this.conversation_id) as (session, conversation):
            turn = _open_turn(session, this.message_id)
            if turn is None:
                return
            endings.tell(session, conversation, key, turn)
            if conversation.owner == "assistant":
                service.end_turn(turn, "answered")
            else:
                endings.leave_to_staff(session, conversation, turn)

    def _person_of(self, this: Try) -> Person:
        """Whose the conversation is now: a proof, its undoing or a number's new owner changes it between two turns."""
        if this.shared_phone is not None:
            self._customers.share_phone(this.channel, this.sender, this.shared_phone, this.message_id)
        person = self._customers.whose(this.channel, this.sender)
        if person.customer_id != this.customer_id:
            is_someone_else = this.customer_id is not None and this.customer_id not in person.everyone
            if is_someone_else:
                # What was talked about is none of theirs.
                self._assistant.forget(this.conversation_id)
            with self._delivery.to(this.conversation_id) as (_session, conversation):
                conversation.customer_id = person.customer_id
                if is_someone_else:
                    # Nor is what was accepted.
                    conversation.policy_shown = conversation.policy_accepted = None
        return person

    def _doors(self) -> dict[str, str]:
        doors = ((name, channel.door()) for name, channel in self._channels.items())
        return {name: door for name, door in doors if door}

    def _judge(self, this: Try) -> Verdict:
        """What is to be shown of the privacy policy with this answer, or is accepted by this message."""
        if self._consents is None:
            return Verdict()

        def customer_id() -> str:
            return self._customers.whose(this.channel, this.sender).customer_id

        return self._consents.judge(this.policy, customer_id, this.channel, this.message_id)

    def _answer(self, this: Try, reply: Reply, policy: Verdict) -> None:
        with self._delivery.to(this.conversation_id) as (session, conversation):
            turn = _open_turn(session, this.message_id)
            if turn is None:
                return
            if conversation.owner != "assistant" or conversation.version != this.version:
                # Someone took over while the assistant was thinking: one speaker at a time.
                endings.leave_to_staff(session, conversation, turn)
                return
            service.end_outage(conversation)
            if reply.language in LANGUAGES:
                conversation.language = reply.language
            conversation.policy_accepted = policy.accepted or conversation.policy_accepted
            if policy.show:
                self._show_policy(session, conversation, turn, policy.show)
            for said in reply.said:
                service.append(
                    session,
                    conversation,
                    "assistant",
                    said.text,
                    buttons=said.buttons,
                    enclosures=said.enclosures,
                    in_reply_to=this.message_id,
                )
            if reply.unsure:
                learning.note(session, this.message_id, conversation, reply.unsure)
            if reply.handoff:
                handoffs.ask(session, conversation, reply.handoff)
                waiting.tell(session, conversation, None if reply.said else "handoff", this.message_id)
            elif this.via == "text" and is_angry(this.text, rules_of(session).anger):
                handoffs.ask(session, conversation, "angry")
                waiting.tell(session, conversation, "angry", this.message_id)
            service.end_turn(turn, "answered")

    def _show_policy(self, session: Session, conversation: Conversation, turn: Turn, version: str) -> None:
        """Before the answer: what is asked in that stays the last thing said."""
        assert self._consents is not None, "it said what to show"
        words = self._consents.wording(conversation.language)
        shown = service.append(session, conversation, "assistant", words, in_reply_to=turn.message_id)
        conversation.policy_shown, conversation.policy_message_id = version, shown.id

    # when there is no answer

    def _wait_out(self, this: Try) -> float | None:
        """The assistant is not there. That is no fault of the message: the try does not count."""
        with self._delivery.to(this.conversation_id) as (session, conversation):
            turn = _open_turn(session, this.message_id)
            if turn is None:
                return None
            turn.attempts -= 1
            endings.note_outage(session, conversation, turn)
            assert conversation.outage_since is not None
            outage = clock.now() - conversation.outage_since
            if outage < self._patience.hand_off_after:
                wait_s = min(max(outage.total_seconds() / 2, OUTAGE_WAIT_MIN_S), OUTAGE_WAIT_MAX_S)
                # Spread, so that many lanes do not knock at the same moment.
                return wait_s * random.uniform(0.8, 1.2)  # noqa: S311
            if conversation.owner == "assistant" and conversation.version == this.version:
                endings.ask_for_person(session, conversation, turn, "outage_handoff", "assistant_down")
                service.end_turn(turn, "left_to_staff")
                return None
            endings.leave_to_staff(session, conversation, turn)
            return None

    def _try_again(self, this: Try) -> float | None:
        """The assistant is there but did not answer this message."""
        with self._delivery.to(this.conversation_id) as (session, conversation):
            turn = _open_turn(session, this.message_id)
            if turn is None:
                return None
            if turn.attempts < MAX_ATTEMPTS:
                endings.note_outage(session, conversation, turn)
                return RETRY_WAITS_S[turn.attempts - 1]
            endings.give_up(session, conversation, turn)
            return None

    def _tell_outage(self, this: Try) -> None:
        with self._delivery.to(this.conversation_id) as (session, conversation):
            turn = _open_turn(session, this.message_id)
            if turn and conversation.version == this.version:
                conversation.outage_since = conversation.outage_since or clock.now()
                endings.apologise(session, conversation, turn)


def rephrased_id(message_id: str) -> str:
    """Under what the other words for a message are known: the acts of the one are not taken for those of the other."""
    return f"{message_id}:rephrased"


def _open_turn(session: Session, message_id: str) -> Turn | None:
    turn = session.get(Turn, message_id)
    assert turn is not None, "every customer's message has a turn"
    return turn if turn.status == "received" else None


def _policy_words(session: Session, conversation: Conversation) -> str:
    """What was shown of the policy here, while it is not yet accepted."""
    if conversation.policy_message_id is None or conversation.policy_accepted == conversation.policy_shown:
        return ""
    return session.get_one(Message, conversation.policy_message_id).text


def _words(turn: Turn, message: Message) -> tuple[str, Via]:
    """What the assistant is asked, and how it came."""
    if turn.payload and turn.payload.startswith(HEARD):
        return as_plain_words(turn.payload.removeprefix(HEARD)), "text"
    if turn.payload:
        return turn.payload, "button"
    if not message.text.strip():
        return ATTACHMENT, "attachment"
    return as_plain_words(message.text), "text"


def _is_resume(turn: Turn, message: Message, conversation: Conversation) -> bool:
    """The customer wants the assistant back: by the button, or in the button's very words."""
    if turn.payload is not None:
        return turn.payload == RESUME
    titles = {say("resume_title", language).casefold() for language in LANGUAGES}
    return conversation.owner == "queued" and message.text.strip().casefold() in titles
