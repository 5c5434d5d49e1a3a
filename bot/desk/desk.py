"""The desk: what staff do to conversations. Each act is one transaction, done once, and written down with its doer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import card_numbers
from bot.attachments import service as attachments
from bot.channels.base import Approved, Part, Templated
from bot.channels.pushed import Channels
from bot.contacts import service as contacts
from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.delivery import Delivery, send_as, staff_see
from bot.desk import handing_back
from bot.handoff import acts, agents, papers, ratings
from bot.handoff import service as handoffs
from bot.handoff.acts import Doer, State
from bot.handoff.errors import (
    ConversationNotFound,
    ConversationTaken,
    CustomerOptedOut,
    CustomerUnreachable,
    MessageEmpty,
    MessageUnseen,
    TemplateUnknown,
    WindowClosed,
)
from bot.telling.sending import is_window_open
from kernel import clock
from kernel.acts import IdempotencyConflict
from kernel.db import Database
from kernel.errors import ComandaError

# Gives back the id of what it made, if anything.
Work = Callable[[Session, Conversation], str | None]


class Desk:
    def __init__(self, database: Database, delivery: Delivery, channels: Channels) -> None:
        self._database = database
        self._delivery = delivery
        self._channels = channels

    def claim(self, conversation_id: str, doer: Doer, version: int) -> None:
        """Take a conversation over, as one saw it: what the assistant says from here on is dropped.

        Raises: ConversationNotFound, ConversationTaken.
        """

        def work(session: Session, conversation: Conversation) -> None:
            handoffs.claim(session, conversation, doer, version)

        self._do("claim", conversation_id, doer, work)

    def say(
        self,
        conversation_id: str,
        doer: Doer,
        text: str,
        files: Sequence[str] = (),
        template: tuple[str, Mapping[str, str]] | None = None,
    ) -> str:
        """Write to the customer; the id of the message. `files` are ids of attachments taken in for it.

        Instead of words, a `template` (its name and values) that the channel's provider approved: at any time.
        Raises: ConversationNotFound, ConversationNotYours, MessageEmpty, CustomerOptedOut, CustomerUnreachable,
        WindowClosed, TemplateUnknown, AttachmentGone, AttachmentsTooMany.
        """

        def work(session: Session, conversation: Conversation) -> str:
            handoff = handoffs.held_by(session, conversation, doer)
            words, part = self._filled(conversation, template) if template else (text, None)
            if not words.strip() and not files:
                raise MessageEmpty
            self._check_reachable(session, conversation, with_template=part is not None)
            safe = card_numbers.redact(words.strip()).text
            asked = conversations.last_of_customer(session, conversation.id)
            message = conversations.append(
                session,
                conversation,
                "agent",
                safe,
                in_reply_to=asked.id if asked else None,
                staff=(doer.id, doer.name),
            )
            if part:
                send_as(session, message, part)
            attachments.send_with(session, message, files)
            handoffs.note_reply(session, handoff, message.at)
            papers.drop_draft(session, conversation.id, doer.id)
            return message.id

        made = self._do("say", conversation_id, doer, work)
        assert made is not None, "it makes a message"
        return made

    def release(self, conversation_id: str, doer: Doer, seen_seq: int, done: str = "") -> None:
        """Give the conversation back to the assistant, having seen what the customer said up to `seen_seq`.

        `done` says what was done, for the assistant to remember and whoever reads it later.
        Raises: ConversationNotFound, ConversationNotYours, MessageUnseen.
        """

        def work(session: Session, conversation: Conversation) -> None:
            handoff = handoffs.held_by(session, conversation, doer)
            _check_seen(session, conversation, seen_seq)
            handoff.done = card_numbers.redact(done.strip()).text or None
            handoffs.give_back(session, conversation, "returned")
            handing_back.start(session, conversation, handoff.id)

        self._do("release", conversation_id, doer, work)

    def close(self, conversation_id: str, doer: Doer, seen_seq: int, *, ask_rating: bool = True) -> None:
        """End the conversation, having seen what the customer said up to `seen_seq`; their next message opens it again.

        They are asked how it was, where they may be written to. An assistant's conversation may be closed unclaimed.
        Raises: ConversationNotFound, ConversationNotYours, MessageUnseen.
        """

        def work(session: Session, conversation: Conversation) -> None:
            agent: tuple[str, str] | None = None
            if conversation.owner != "assistant":
                handoffs.held_by(session, conversation, doer)
                agent = doer.id, doer.name
            _check_seen(session, conversation, seen_seq)
            handoffs.close(session, conversation)
            if ask_rating and self._is_reachable(session, conversation):
                ratings.ask(session, conversation, *(agent or (None, None)))

        self._do("close", conversation_id, doer, work)

    def _is_reachable(self, session: Session, conversation: Conversation) -> bool:
        try:
            self._check_reachable(session, conversation)
        except ComandaError:
            return False
        return conversations.last_of_customer(session, conversation.id) is not None

    def take_next(self, doer: Doer) -> str:
        """Take the conversation whose turn it is; its id.

        Raises: QueueEmpty, AgentFull.
        """
        with self._database.read() as session:
            known = acts.done_before(session, doer)
            conversation_id = known.conversation_id if known else handoffs.next_waiting(session, doer)
        assert conversation_id is not None, "it was one that was taken"

        def work(session: Session, conversation: Conversation) -> None:
            # Whoever was quicker has it by now; the caller asks again.
            if conversation.owner != "queued":
                raise ConversationTaken(**handoffs.standing(conversation, None))
            handoffs.claim(session, conversation, doer, conversation.version)

        self._do("claim", conversation_id, doer, work)
        return conversation_id

    def transfer(
        self, conversation_id: str, doer: Doer, version: int, *, agent_id: str | None = None, team: str | None = None
    ) -> None:
        """Give it to another agent, or put it into a team's queue; as one saw it.

        Raises: ConversationNotFound, ConversationTaken, ConversationNotYours, AgentNotFound, TeamUnknown.
        """

        def work(session: Session, conversation: Conversation) -> None:
            if team is not None:
                agents.check_teams(session, [team])
            to = team or agents.find(session, agent_id or "")
            handoffs.transfer(session, conversation, doer, version, to)

        self._do("transfer", conversation_id, doer, work)

    def snooze(self, conversation_id: str, doer: Doer, until: datetime | None) -> None:
        """Put it aside until then, or until its customer writes; None takes it out again.

        Raises: ConversationNotFound, ConversationNotYours, SnoozePast.
        """

        def work(session: Session, conversation: Conversation) -> None:
            handoffs.snooze(handoffs.held_by(session, conversation, doer), until)

        self._do("snooze", conversation_id, doer, work)

    def note(self, conversation_id: str, doer: Doer, text: str) -> str:
        """Write something for colleagues; the id of the note. Raises: ConversationNotFound, MessageEmpty."""

        def work(session: Session, conversation: Conversation) -> str:
            return papers.add_note(session, conversation.id, doer, text).id

        made = self._do("note", conversation_id, doer, work)
        assert made is not None, "it makes a note"
        return made

    def tag(self, conversation_id: str, doer: Doer, names: Sequence[str]) -> None:
        """Say by which words it is found: all of them. Raises: ConversationNotFound."""

        def work(session: Session, conversation: Conversation) -> None:
            papers.set_tags(session, conversation.id, names)

        self._do("tag", conversation_id, doer, work)

    # what concerns no single conversation

    def arrange(self, doer: Doer, staff_id: str, teams: Sequence[str], capacity: int | None) -> None:
        """Raises: AgentNotFound, TeamUnknown."""

        def work(session: Session) -> tuple[State, State]:
            agent = agents.find(session, staff_id)
            before = {"agent_id": staff_id, "teams": agent.teams, "capacity": agent.capacity}
            agent = agents.arrange(session, staff_id, teams, capacity)
            return before, before | {"teams": agent.teams, "capacity": agent.capacity}

        self._do_once("arrange", doer, work)

    def set_canned(self, doer: Doer, name: str, es: str, en: str) -> None:
        """Raises: MessageEmpty."""

        def work(session: Session) -> tuple[State, State]:
            before = papers.canned_words(session, name)
            papers.set_canned(session, name, es, en)
            return before, papers.canned_words(session, name)

        self._do_once("set_canned", doer, work)

    def remove_canned(self, doer: Doer, name: str) -> None:
        """Raises: CannedNotFound."""

        def work(session: Session) -> tuple[State, State]:
            before = papers.canned_words(session, name)
            papers.remove_canned(session, name)
            return before, {"name": name}

        self._do_once("remove_canned", doer, work)

    def _do_once(self, what: str, doer: Doer, work: Callable[[Session], tuple[State, State]]) -> None:
        try:
            with self._database.write() as session:
                if acts.done_before(session, doer) is None:
                    before, after = work(session)
                    acts.record(session, doer, what, before=before, after=after)
        except IntegrityError:
            # The same at the same moment: the other one has done it.
            with self._database.read() as session:
                assert acts.done_before(session, doer), "what was refused is not what is there"

    def templates(self, conversation: Conversation) -> list[Approved]:
        """What may be sent there when the window is closed."""
        channel = self._templated(conversation)
        return channel.approved(conversation.language) if channel else []

    def _templated(self, conversation: Conversation) -> Templated | None:
        channel: object = self._channels.get(conversation.channel)
        return channel if isinstance(channel, Templated) else None

    def _filled(self, conversation: Conversation, template: tuple[str, Mapping[str, str]]) -> tuple[str, Part]:
        channel = self._templated(conversation)
        safe = {name: card_numbers.redact(value).text for name, value in template[1].items()}
        found = channel.fill(template[0], conversation.language, safe) if channel else None
        if found is None:
            raise TemplateUnknown
        return found

    def _check_reachable(self, session: Session, conversation: Conversation, *, with_template: bool = False) -> None:
        channel = self._channels.get(conversation.channel)
        if channel is None:
            return
        contact = contacts.find(session, channel.name, channel.same_person(conversation.sender))
        # Who asked for peace and then asks something gets their answer.
        if contact and contact.opted_out_at and (contact.heard_at or contact.opted_out_at) <= contact.opted_out_at:
            raise CustomerOptedOut
        if contact and contact.unreachable:
            raise CustomerUnreachable(reason=contact.unreachable)
        if not with_template and not is_window_open(channel, contact, clock.now()):
            raise WindowClosed

    def _do(self, what: str, conversation_id: str, doer: Doer, work: Work) -> str | None:
        """Do it, unless it was done before; what it made, either way."""

        def find(session: Session) -> Conversation:
            found = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
            if found is None or not handoffs.may_see(session, found, doer.id, is_admin=doer.is_admin):
                raise ConversationNotFound
            return found

        try:
            with self._delivery.to_found(find) as (session, conversation):
                known = acts.done_before(session, doer)
                if known:
                    return known.subject_id
                before = _state(session, conversation)
                made = work(session, conversation)
                staff_see(session, conversation)
                acts.record(
                    session,
                    doer,
                    what,
                    before=before,
                    after=_state(session, conversation),
                    conversation_id=conversation.id,
                    subject_id=made,
                )
                return made
        except IntegrityError as error:
            # The same key for another conversation, at the same moment.
            raise IdempotencyConflict(key=doer.key) from error


def _state(session: Session, conversation: Conversation) -> State:
    tags = papers.tags(session, [conversation.id])[conversation.id]
    return handoffs.state(session, conversation) | {"tags": tags}


def _check_seen(session: Session, conversation: Conversation, seen_seq: int) -> None:
    """Nothing that a customer wrote goes unread because someone was just leaving."""
    last = conversations.last_of_customer(session, conversation.id)
    if last and last.seq > seen_seq:
        raise MessageUnseen(last_seq=last.seq)
