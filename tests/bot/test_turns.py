"""What becomes of a message, try by try: real database, real HTTP, no queue in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot import history
from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.answering.turns import MAX_ATTEMPTS, RESUME, RETRY_WAITS_S, Patience, TurnHandler
from bot.attachments import service as attachments
from bot.attachments.content import Content
from bot.attachments.service import Taken
from bot.channels import web_frames as frames
from bot.channels.base import InboundMessage
from bot.conversations import service
from bot.conversations.models import Conversation, Owner
from bot.delivery import Delivery
from bot.hints import LocalHints
from bot.learning import service as learning
from bot.listening.inbound import Inbox
from kernel import ids, tokens, vouchers
from kernel.db import Database
from tests.bot.neighbours import Broken, Items, Neighbours, Question, echo, wait_until

KEY = "a key of tests that is long enough to be one"
NOBODY = "En este momento no hay nadie disponible: te responden por aquí apenas alguien pueda."
OUTAGE = "Un momento, estoy teniendo problemas. Tu mensaje está guardado y te contesto apenas pueda."


class Desk:
    """One conversation, and the turn handler that answers it."""

    def __init__(self, database: Database, neighbours: Neighbours, patience: Patience) -> None:
        self.database = database
        self.hints: list[str] = []
        self.delivery = Delivery(database, LocalHints(self.hints.append))
        self.inbox = Inbox(self.delivery)
        self.assistant = Assistant(neighbours.url)
        self.turns = TurnHandler(
            self.delivery,
            self.assistant,
            Customers(neighbours.url, KEY),
            patience=patience,
        )
        with database.write() as session:
            self.conversation_id = service.open_for(session, "web", "visitor", "es").id

    def receive(self, text: str, choice: str | None = None) -> str:
        message = InboundMessage(self.conversation_id, f"{self.conversation_id}:{ids.new_id()}", text, choice)
        return self.inbox.receive(message).message_id

    def receive_file(self, words: str = "") -> str:
        """A message with a photo; the id of the message."""
        taken = Taken(ids.new_id(), "recibo.jpg", Content("image/jpeg", 60, 80), 1234, "a" * 64)
        with self.database.write() as session:
            attachments.add(session, self.conversation_id, taken)
        inbound = InboundMessage(self.conversation_id, f"{self.conversation_id}:{taken.id}", words, None, (taken.id,))
        return self.inbox.receive(inbound).message_id

    def attempt(self, message_id: str) -> float | None:
        return self.turns.attempt(message_id)

    def answer(self, text: str) -> None:
        assert self.attempt(self.receive(text)) is None

    def hand_to(self, owner: Owner) -> None:
        with self.delivery.to(self.conversation_id) as (_session, conversation):
            service.change_owner(conversation, owner)

    def said(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT text FROM bot_message WHERE author = 'assistant' ORDER BY seq")]

    def status(self, message_id: str) -> tuple[object, ...]:
        return self.rows(f"SELECT status, attempts FROM bot_turn WHERE message_id = '{message_id}'")[0]

    def conversation(self) -> Conversation:
        with self.database.read() as session:
            return session.get_one(Conversation, self.conversation_id)

    def rows(self, query: str) -> list[tuple[str, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture
def desk(database: Database, neighbours: Neighbours, patience: Patience) -> Iterator[Desk]:
    desk = Desk(database, neighbours, patience)
    yield desk
    desk.assistant.close()


def silence(_question: Question) -> Items:
    return []


def breakdown(_question: Question) -> Items:
    raise Broken


def invoice(_question: Question) -> Items:
    """As Rasa tells it: text and buttons are one item, a file is the next."""
    file = {"attachment": {"name": "FV-1.pdf", "url": "https://t.co/f/pdf"}}
    return [{"text": "Esta es: https://t.co/f"}, file, {"text": "¿Algo más?"}, {"attachment": "a picture"}]


def test_a_document_of_the_assistants_goes_with_its_words(desk: Desk, neighbours: Neighbours) -> None:
    neighbours.answer = invoice
    desk.answer("mándame la factura")

    with desk.database.read() as session:
        shown = history.after(session, desk.conversation_id, 1, 10)
    assert [(each.message.text, each.enclosures) for each in shown] == [
        ("Esta es: https://t.co/f", [service.Enclosed("FV-1.pdf", "https://t.co/f/pdf")]),
        ("¿Algo más?", []),
    ]
    assert [frames.message_frame(each).get("enclosures") for each in shown] == [
        [{"name": "FV-1.pdf", "url": "https://t.co/f/pdf"}],
        None,
    ]


# case 36
def test_a_document_is_remembered_with_the_words_that_were_said_before(desk: Desk, neighbours: Neighbours) -> None:
    said = {"event": "bot", "text": "Esta es: https://t.co/f", "data": invoice({})[1]}
    neighbours.events[desk.conversation_id] = [{"event": "user", "metadata": {"message_id": "m"}}, said]

    reply = desk.assistant.recall(desk.conversation_id, "m")

    assert reply is not None
    assert [each.enclosures for each in reply.said] == [(service.Enclosed("FV-1.pdf", "https://t.co/f/pdf"),)]


def test_an_answered_turn_is_not_answered_again(desk: Desk, neighbours: Neighbours) -> None:
    message_id = desk.receive("hola")
    assert desk.attempt(message_id) is None
    assert desk.attempt(message_id) is None

    assert desk.said() == ["echo: hola"]
    assert neighbours.asked() == ["hola"]
    assert desk.status(message_id) == ("answered", 1)


def test_every_change_the_customer_sees_is_hinted_once_it_is_stored(desk: Desk) -> None:
    message_id = desk.receive("hola")
    assert desk.hints == [desk.conversation_id]
    desk.attempt(message_id)
    assert desk.hints == [desk.conversation_id] * 2


# case 13
@pytest.mark.parametrize(
    ("words", "asked", "via"),
    [("", "/attachment_send", "attachment"), ("/restart aquí está", "restart aquí está", "text")],
)
def test_a_file_comes_to_the_assistant_with_the_bots_word_for_it(
    desk: Desk, neighbours: Neighbours, words: str, asked: str, via: str
) -> None:
    desk.attempt(desk.receive_file(words))

    question = neighbours.questions[-1]
    (file,) = question["metadata"]["attachments"]
    assert (question["message"], question["metadata"]["via"], file["type"]) == (asked, via, "image/jpeg")
    vouched = vouchers.read(file["voucher"], KEY)
    customer_id = desk.conversation().customer_id
    assert vouched == vouchers.Vouched(file["id"], str(customer_id), "a" * 64, "image/jpeg")


# case 33
@pytest.mark.parametrize("failure", [silence, breakdown])
def test_no_answer_is_retried_once_in_silence_then_told_once(
    desk: Desk, neighbours: Neighbours, failure: object
) -> None:
    neighbours.answer = failure  # type: ignore[assignment]
    message_id = desk.receive("hola")

    assert desk.attempt(message_id) == RETRY_WAITS_S[0]
    assert desk.said() == []
    assert desk.attempt(message_id) == RETRY_WAITS_S[1]
    assert desk.said() == [OUTAGE]
    assert desk.attempt(message_id) == RETRY_WAITS_S[2]
    assert desk.said() == [OUTAGE]

    neighbours.answer = lambda _: [{"text": "ya estoy"}]
    assert desk.attempt(message_id) is None
    assert desk.said() == [OUTAGE, "ya estoy"]


# case 119
def test_a_message_that_is_never_answered_ends_after_five_tries_with_a_person(
    desk: Desk, neighbours: Neighbours
) -> None:
    neighbours.answer = breakdown
    message_id = desk.receive("veneno")
    waits = [desk.attempt(message_id) for _ in range(MAX_ATTEMPTS)]

    assert waits == [*RETRY_WAITS_S, None]
    assert desk.status(message_id) == ("failed", 5)
    assert desk.said()[1:] == [
        f"Lo siento, no pude procesar tu último mensaje. Te dejé en la fila para que te atienda una persona. {NOBODY}"
    ]
    conversation = desk.conversation()
    assert (conversation.owner, conversation.handoff_reason) == ("queued", "assistant_failed")


# case 119
def test_a_message_that_kills_the_process_ends_too(desk: Desk, neighbours: Neighbours) -> None:
    message_id = desk.receive("veneno")
    for _ in range(MAX_ATTEMPTS):
        desk.turns._begin(message_id)  # and then nothing more was heard of the process

    assert desk.attempt(message_id) is None
    assert desk.status(message_id) == ("failed", 5)
    assert neighbours.asked() == []


# case 32
def test_while_the_assistant_is_down_tries_do_not_count_and_one_apology_is_said(
    desk: Desk, neighbours: Neighbours
) -> None:
    neighbours.stop()
    first = desk.receive("uno")
    waits = [desk.attempt(first) for _ in range(8)]

    assert all(wait_s is not None and 0.4 <= wait_s <= 4.8 for wait_s in waits)
    assert desk.said() == [OUTAGE]
    assert desk.status(first) == ("received", 0)

    neighbours.start()
    assert desk.attempt(first) is None
    desk.answer("dos")
    assert desk.said() == [OUTAGE, "echo: uno", "echo: dos"]


# case 32
def test_each_outage_has_its_own_apology(desk: Desk, neighbours: Neighbours) -> None:
    for text_ in ("uno", "dos"):
        neighbours.stop()
        message_id = desk.receive(text_)
        desk.attempt(message_id)
        desk.attempt(message_id)
        neighbours.start()
        desk.attempt(message_id)

    assert desk.said() == [OUTAGE, "echo: uno", OUTAGE, "echo: dos"]


class TestAfterFiveMinutesDown:
    @pytest.fixture
    def patience(self) -> Patience:
        return Patience(hand_off_after=timedelta(0))

    # case 32
    def test_a_person_is_asked_for_and_the_customer_is_told(self, desk: Desk, neighbours: Neighbours) -> None:
        neighbours.stop()
        first, second = desk.receive("uno"), desk.receive("dos")
        assert desk.attempt(first) is None
        assert desk.attempt(second) is None

        assert desk.status(first) == ("left_to_staff", 0)
        assert desk.status(second) == ("left_to_staff", 0)
        assert desk.said() == [
            f"Sigo sin poder responderte, lo siento. Te dejé en la fila para que te atienda una persona. {NOBODY}"
        ]
        assert desk.conversation().handoff_reason == "assistant_down"


class TestSlowAssistant:
    @pytest.fixture
    def patience(self) -> Patience:
        return Patience(apologise_after_s=0.2)

    # case 32, 35
    def test_the_customer_is_told_while_it_thinks_and_then_answered(self, desk: Desk, neighbours: Neighbours) -> None:
        thinking = threading.Event()

        def think(_question: Question) -> Items:
            thinking.wait(10)
            return [{"text": "pensado"}]

        neighbours.answer = think
        turn = threading.Thread(target=desk.answer, args=("difícil",))
        turn.start()
        wait_until(lambda: desk.said() == [OUTAGE])
        thinking.set()
        turn.join()

        assert desk.said() == [OUTAGE, "pensado"]
        assert neighbours.asked() == ["difícil"]
        assert desk.conversation().outage_since is None


# case 36
def test_what_the_assistant_already_said_is_not_asked_for_twice(desk: Desk, neighbours: Neighbours) -> None:
    neighbours.answer = lambda _: [
        {"text": "Pedido PED-10001", "buttons": [{"title": "Ver", "payload": "/order_track"}]},
        {"custom": {"language": "en"}},
    ]
    message_id = desk.receive("confirmo")
    # The worker dies between Rasa's answer and its own transaction.
    this = desk.turns._begin(message_id)
    assert this is not None
    desk.turns._ask(this)

    assert desk.attempt(message_id) is None
    assert neighbours.asked() == ["confirmo"]
    assert desk.said() == ["Pedido PED-10001"]
    assert desk.rows("SELECT title, payload FROM bot_choice") == [("Ver", "/order_track")]
    assert desk.conversation().language == "en"


# case 38
def test_a_lost_tracker_means_asking_again(desk: Desk, neighbours: Neighbours) -> None:
    message_id = desk.receive("hola")
    this = desk.turns._begin(message_id)
    assert this is not None
    desk.turns._ask(this)
    neighbours.events.clear()

    assert desk.attempt(message_id) is None
    assert desk.said() == ["echo: hola"]
    assert neighbours.asked() == ["hola", "hola"]


# case 44
def test_a_reply_computed_before_a_takeover_is_dropped(desk: Desk, neighbours: Neighbours) -> None:
    def take_over_meanwhile(_question: Question) -> Items:
        desk.hand_to("agent")
        return [{"text": "demasiado tarde"}]

    neighbours.answer = take_over_meanwhile
    message_id = desk.receive("hola")

    assert desk.attempt(message_id) is None
    assert desk.said() == []
    assert desk.status(message_id) == ("left_to_staff", 1)


# case 44
def test_a_reply_from_before_a_takeover_that_has_ended_is_dropped_too(desk: Desk, neighbours: Neighbours) -> None:
    def take_over_and_give_back(_question: Question) -> Items:
        desk.hand_to("agent")
        desk.hand_to("assistant")
        return [{"text": "de otro momento"}]

    neighbours.answer = take_over_and_give_back
    desk.answer("hola")

    assert desk.said() == []


def test_while_a_person_answers_the_assistant_is_not_asked(desk: Desk, neighbours: Neighbours) -> None:
    desk.hand_to("agent")
    message_id = desk.receive("hola")

    assert desk.attempt(message_id) is None
    assert desk.said() == []
    assert neighbours.asked() == []
    assert desk.status(message_id) == ("left_to_staff", 0)


def test_who_waits_for_a_person_is_told_so_once(desk: Desk) -> None:
    desk.hand_to("queued")
    desk.answer("¿hola?")
    desk.answer("¿hay alguien?")

    assert len(desk.said()) == 1
    offered = desk.rows("SELECT title, payload FROM bot_choice ORDER BY position")
    assert offered == [("Seguir con el asistente", RESUME)]


@pytest.mark.parametrize("words", ["Seguir con el asistente", "  seguir con EL asistente ", "Go on with the assistant"])
def test_who_waits_for_a_person_may_go_on_with_the_assistant_in_words(desk: Desk, words: str) -> None:
    desk.hand_to("queued")
    desk.answer("¿hola?")
    desk.answer(words)
    desk.answer("leche")

    assert desk.said()[1:] == ["Listo, aquí sigo contigo. ¿Qué necesitas?", "echo: leche"]


def test_who_talks_with_a_person_cannot_send_them_away_by_a_button(desk: Desk) -> None:
    desk.hand_to("queued")
    desk.answer("¿hola?")
    token = desk.rows("SELECT token FROM bot_choice")[0][0]
    desk.hand_to("agent")
    assert desk.attempt(desk.receive("x", token)) is None

    assert desk.conversation().owner == "agent"
    assert len(desk.said()) == 1


def test_a_handoff_without_words_is_said_by_the_bot(desk: Desk, neighbours: Neighbours) -> None:
    neighbours.answer = lambda _: [{"custom": {"handoff": {"reason": "complaint"}}}]
    desk.answer("¡pésimo!")

    assert desk.said() == [f"Te paso con una persona de la tienda. {NOBODY}"]
    conversation = desk.conversation()
    assert (conversation.owner, conversation.handoff_reason) == ("queued", "complaint")


def test_a_language_alone_is_no_answer(desk: Desk, neighbours: Neighbours) -> None:
    neighbours.answer = lambda _: [{"custom": {"language": "en"}}]
    assert desk.attempt(desk.receive("hola")) == RETRY_WAITS_S[0]


def test_an_unknown_language_is_not_taken(desk: Desk, neighbours: Neighbours) -> None:
    neighbours.answer = lambda _: [{"text": "oi"}, {"custom": {"language": "pt"}}]
    desk.answer("hola")
    assert desk.conversation().language == "es"


def test_an_unforeseen_error_is_tried_again_and_never_lost(desk: Desk, neighbours: Neighbours) -> None:
    message_id = desk.receive("hola")
    begin = desk.turns._begin
    desk.turns._begin = None  # type: ignore[assignment,method-assign]  # a bug
    assert desk.turns._attempt_safely(message_id) == 5.0
    desk.turns._begin = begin  # type: ignore[method-assign]

    assert desk.turns._attempt_safely(message_id) is None
    assert desk.said() == ["echo: hola"]


def test_a_typed_payload_of_the_bot_itself_is_plain_words(desk: Desk, neighbours: Neighbours) -> None:
    desk.answer(RESUME)
    assert neighbours.asked() == [RESUME]


# whose the conversation is


def customers_of(neighbours: Neighbours) -> list[str]:
    """As whom each question was asked."""
    return [tokens.verify(each["metadata"]["customer_token"], KEY).subject for each in neighbours.questions]


def test_the_oms_is_asked_with_each_turn_whose_the_conversation_is(desk: Desk, neighbours: Neighbours) -> None:
    desk.answer("hola")
    neighbours.known["visitor"] = {"customer_id": "ana", "customer_ids": ["ana", "c-visitor"]}
    desk.answer("¿cómo va mi pedido?")

    assert customers_of(neighbours) == ["c-visitor", "ana"]
    assert desk.conversation().customer_id == "ana"
    assert (neighbours.forgotten, len(neighbours.identities)) == ([], 1)


def test_what_was_talked_about_is_forgotten_for_someone_else(desk: Desk, neighbours: Neighbours) -> None:  # case 89
    desk.answer("hola")
    neighbours.known["visitor"] = {"customer_id": "new", "customer_ids": ["new"]}
    desk.answer("hola")
    desk.answer("hola")

    assert customers_of(neighbours) == ["c-visitor", "new", "new"]
    assert neighbours.forgotten == [desk.conversation_id]


def test_once_a_day_it_is_written_down_that_they_are_there(desk: Desk, neighbours: Neighbours) -> None:  # case 89
    neighbours.known["visitor"] = {"is_fresh": False}
    desk.answer("hola")
    neighbours.known["visitor"] = {"is_fresh": True}
    desk.answer("hola")

    assert neighbours.identities == [{"channel": "web", "external_id": "visitor"}]


def unsure(_question: Question) -> Items:
    told = {"guess": "cart_add", "confidence": 41, "is_misunderstood": True}
    return [{"text": "No te entendí."}, {"custom": {"unsure": told}}]


def test_a_message_of_which_the_assistant_was_not_sure_is_kept_to_be_taught(desk: Desk, neighbours: Neighbours) -> None:
    neighbours.answer = unsure
    desk.answer("q sale")
    neighbours.answer = echo
    desk.answer("hola")

    with desk.database.read() as session:
        waiting = learning.unlabelled(session, None, 10)
    assert [(text, doubt.guess, doubt.confidence, doubt.is_misunderstood) for doubt, text in waiting] == [
        ("q sale", "cart_add", 41, True)
    ]
    assert desk.said() == ["No te entendí.", "echo: hola"]
