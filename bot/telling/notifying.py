"""Notifying: a notice becomes a message in the customer's last conversation, once, at a decent hour.

`NoticeHandler.attempt` is the work of one try; what matters is in the database, so a try that was cut off anywhere is
simply made again. That the notice is `sent` and that its message is stored is one transaction: exactly once.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend.client import BackendUnavailable, ContactPreferences
from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.conversations import service as conversations
from bot.conversations.models import Conversation, Message
from bot.delivery import Delivery
from bot.listening.inbound import QUEUE as LANES
from bot.notices import service as notices
from bot.notices.models import Notice
from bot.notices.plan import CODE, PLANS, QuietHours
from bot.notices.words import Words, word
from bot.telling.reaching import reach, reach_at
from kernel import clock, durable
from kernel.db import Database
from kernel.errors import ComandaError
from kernel.logging import get_logger

log = get_logger(__name__)

ASK_WORKFLOW = "open_question"
PACE_S = 0.2
AT_MOST = 8
# While the OMS cannot say what the customer wants to hear; then the news is old.
RETRY_S, GIVE_UP_AFTER = 5.0, timedelta(days=1)
OVERDUE = timedelta(minutes=5)
SWEPT_AT_ONCE = 200


class NoticeHandler:
    """Says notices. `register` before `durable.launch`, `serve` after it."""

    def __init__(
        self,
        database: Database,
        delivery: Delivery,
        assistant: Assistant,
        customers: Customers,
        fresh: timedelta = timedelta(days=180),
    ) -> None:
        """`fresh`: for how long a phone number that is silent is still taken for its owner's."""
        self._fresh = fresh
        self._database = database
        self._delivery = delivery
        self._assistant = assistant
        self._customers = customers

    def register(self) -> None:
        durable.duty(notices.WORKFLOW, self.attempt)
        durable.duty(ASK_WORKFLOW, self.open_questions)

    def serve(self) -> None:
        durable.register_queue(notices.QUEUE, per_partition=1, at_most=AT_MOST, pace_s=PACE_S)

    def attempt(self, notice_id: str) -> None:
        """Say the notice now, or decide when, or that it is not said at all."""
        with self._database.read() as session:
            notice = session.get_one(Notice, notice_id)
        if notice.status != "queued":
            return
        try:
            preferences = self._customers.preferences(notice.customer_id)
        except BackendUnavailable:
            self._try_later(notice_id)
            return
        except ComandaError as refusal:
            log.warning("notice_refused", notice_id=notice_id, code=refusal.code)
            self._skip(notice_id, "unknown_customer")
            return
        if not preferences.order_updates and not PLANS[notice.what].is_necessary:
            self._skip(notice_id, "opted_out")
            return
        if self._is_put_off(notice, preferences):
            return
        conversation_id = self._conversation_for(notice, {notice.customer_id, *preferences.customer_ids})
        if conversation_id is None:
            self._skip(notice_id, "no_conversation")
            return
        self._say(notice_id, conversation_id)

    def _try_later(self, notice_id: str) -> None:
        with self._database.write() as session:
            notice = notices.lock(session, notice_id)
            if notice is None:
                return
            if clock.now() - notice.due_at > GIVE_UP_AFTER:
                notices.end(notice, "skipped", reason="too_late")
                return
            notice.attempts += 1
            # Due it stays: how long it waits is measured from there.
            notices.enqueue(session, notice, f"retry:{notice.attempts}", RETRY_S)

    def _skip(self, notice_id: str, reason: str) -> None:
        with self._database.write() as session:
            notice = notices.lock(session, notice_id)
            if notice is not None:
                notices.end(notice, "skipped", reason=reason)

    def _is_put_off(self, notice: Notice, preferences: ContactPreferences) -> bool:
        """It is not yet due (the clock was set back), or the shop and its customers sleep."""
        now = clock.now()
        until = notice.due_at if notice.due_at > now else None
        if until is None and not PLANS[notice.what].is_awaited:
            zone = ZoneInfo(preferences.time_zone)
            until = QuietHours(preferences.quiet_from, preferences.quiet_until, zone).end_after(now)
        if until is None:
            return False
        with self._database.write() as session:
            locked = notices.lock(session, notice.id)
            if locked is not None:
                locked.attempts += 1
                notices.postpone(session, locked, until)
        return True

    def _conversation_for(self, notice: Notice, customer_ids: set[str]) -> str | None:
        """Where the person can be reached; for a code where it was asked for, and nowhere else."""
        with self._database.write() as session:
            if notice.what == CODE:
                at = (notice.facts["channel"], notice.facts["external_id"])
                return reach_at(session, *at, notice.customer_id).id
            found = reach(session, customer_ids, self._fresh)
            return found.id if found else None

    def _say(self, notice_id: str, conversation_id: str) -> None:
        with self._delivery.to(conversation_id) as (session, conversation):
            notice = notices.lock(session, notice_id)
            if notice is None:
                return
            if notices.is_over(notice, clock.now()):
                notices.end(notice, "skipped", reason="too_late")
                return
            if notices.is_overtaken(session, notice):
                notices.end(notice, "skipped", reason="overtaken")
                return
            said = word(notice.what, conversation.language, notice.facts)
            if not said:
                notices.end(notice, "skipped", reason="nothing_to_say")
                return
            notices.end(notice, "sent", message_id=self._append(session, conversation, said))
            if conversation.owner == "assistant" and any(each.question for each in said):
                last_seq = conversation.last_seq
                durable.enqueue(
                    session,
                    ASK_WORKFLOW,
                    notice.id,
                    queue=LANES,
                    partition=conversation.id,
                    # After the message that asks and before any answer to it.
                    workflow_id=f"{conversation.id}:{last_seq:09d}:asked",
                )

    def _append(self, session: Session, conversation: Conversation, said: list[Words]) -> str:
        """The messages; while a person answers here the assistant asks nothing. The id of the last one."""
        may_ask = conversation.owner == "assistant"
        for each in said:
            buttons = each.buttons if may_ask else ()
            message = conversations.append(
                session, conversation, "assistant", each.text, buttons=buttons, enclosures=each.enclosures
            )
        return message.id

    def open_questions(self, notice_id: str) -> None:
        """Tell the assistant what was asked. Runs in the conversation's lane, so that it never meets a turn (R3)."""
        with self._database.read() as session:
            notice = session.get_one(Notice, notice_id)
            message = session.get_one(Message, notice.message_id)
            conversation = session.get_one(Conversation, message.conversation_id)
        if conversation.owner != "assistant":
            return
        for position, each in enumerate(word(notice.what, conversation.language, notice.facts)):
            if each.question is not None:
                question = {
                    "kind": each.question.kind,
                    "options": list(each.question.options),
                    "context": each.question.context,
                    "id": f"{notice.id}:{position}",
                }
                self._assistant.open_question(conversation.id, question)

    def sweep(self) -> int:
        """Start again what is overdue; how many."""
        with self._database.write() as session:
            late = notices.overdue(session, clock.now() - OVERDUE, SWEPT_AT_ONCE)
            for notice in late:
                notices.enqueue(session, notice, f"late:{notice.attempts}:{clock.now():%Y%m%d%H%M}")
        return len(late)
