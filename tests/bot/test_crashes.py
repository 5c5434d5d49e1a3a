"""kill -9 of the worker, the web process and the assistant, in the middle: every message is answered once."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections import Counter

import pytest

from tests.bot.conftest import Running
from tests.bot.neighbours import Items, Question, wait_until
from tests.bot.page import Page

pytestmark = pytest.mark.chaos

# A hundred take an hour: KILLS=100 pytest tests/bot/test_crashes.py -k again_and_again
KILLS, EACH = int(os.environ.get("KILLS", "2")), 6


def assert_each_answered_once(page: Page, texts: list[str]) -> None:
    """In order, and no answer twice; the bot's own apologies aside."""
    assert [reply for reply in page.replies if reply.startswith("echo: ")] == [f"echo: {text}" for text in texts]


# case 6
def test_what_was_acknowledged_before_the_worker_lived_is_answered_when_it_does(own_bot: Running) -> None:
    own_bot.start_web()
    page = own_bot.page()
    texts = [f"uno antes que {n}" for n in range(5)]
    for text in texts:
        page.say(text)
        page.receive("ack")

    own_bot.start_worker()

    page.until_replies(5)
    assert_each_answered_once(page, texts)


# case 6, 36
def test_a_worker_killed_in_mid_turn_answers_once_when_it_is_back(own_bot: Running) -> None:
    own_bot.start_web()
    own_bot.start_worker()
    page = own_bot.page()
    entered, leave = threading.Event(), threading.Event()

    def think(question: Question) -> Items:
        entered.set()
        leave.wait(30)
        return [{"text": f"echo: {question['message']}"}]

    own_bot.neighbours.answer = think
    page.say("uno")
    page.say("dos")
    assert entered.wait(15)
    own_bot.kill("worker")
    leave.set()
    # Rasa finishes what it began, unheard.
    wait_until(lambda: own_bot.neighbours.events.get(page.conversation_id))
    own_bot.start_worker()

    page.until_replies(2, timeout_s=30)
    page.hear(1)
    assert_each_answered_once(page, ["uno", "dos"])
    assert own_bot.neighbours.asked(page.conversation_id) == ["uno", "dos"]


# case 6
def test_workers_killed_again_and_again_lose_and_double_nothing(own_bot: Running) -> None:
    own_bot.start_web()
    pages = [own_bot.page() for _ in range(4)]
    texts = [f"mensaje {n}" for n in range(KILLS * EACH)]
    said = len(pages) * len(texts)
    own_bot.start_worker()

    def customer(page: Page) -> None:
        for text in texts:
            page.say(text)
            page.receive("ack", timeout_s=30)
            time.sleep(0.25)

    customers = [threading.Thread(target=customer, args=(page,)) for page in pages]
    for thread in customers:
        thread.start()
    for _ in range(KILLS):
        time.sleep(0.7)
        own_bot.kill("worker")
        own_bot.start_worker()
    for thread in customers:
        thread.join()

    for page in pages:
        page.until_replies(len(texts), timeout_s=60)
        page.hear(0.5)
        assert_each_answered_once(page, texts)
    answers = Counter(own_bot.rows("SELECT in_reply_to FROM bot_message WHERE in_reply_to IS NOT NULL"))
    double = sum(times > 1 for times in answers.values())
    print(f"{said} acknowledged over {KILLS} kills: lost {said - len(answers)}, double {double}")
    assert set(answers.values()) == {1}
    assert len(answers) == said


# case 6
def test_a_web_process_killed_in_mid_chat_loses_nothing(own_bot: Running) -> None:
    own_bot.start_web()
    own_bot.start_worker()
    page = own_bot.page()
    page.say("uno", client_id="m1")
    page.receive("ack")
    own_bot.kill("web")
    # The answer is stored while nobody can show it.
    wait_until(lambda: own_bot.rows("SELECT 1 FROM bot_turn WHERE status = 'answered'"))

    own_bot.start_web()
    page.open()
    page.say("uno", client_id="m1")
    assert page.receive("ack")["seq"] == 1
    page.say("dos")
    page.until_replies(2)
    assert_each_answered_once(page, ["uno", "dos"])


# case 32
def test_an_assistant_that_dies_is_apologised_for_once_and_then_answers_in_order(own_bot: Running) -> None:
    own_bot.start_web()
    own_bot.start_worker()
    page = own_bot.page()
    page.say("antes")
    page.until_replies(1)

    own_bot.neighbours.stop()
    began = time.monotonic()
    texts = ["uno", "dos", "tres"]
    for text in texts:
        page.say(text)
    page.until_replies(2)
    assert page.replies[-1].startswith("Un momento, estoy teniendo problemas.")
    assert time.monotonic() - began < 10
    page.hear(4)
    assert len(page.replies) == 2

    own_bot.neighbours.start()
    page.until_replies(5, timeout_s=20)
    assert_each_answered_once(page, ["antes", *texts])


# case 32, 36
def test_an_assistant_killed_in_mid_answer_answers_once_when_it_is_back(own_bot: Running) -> None:
    own_bot.start_web()
    own_bot.start_worker()
    page = own_bot.page()
    entered, leave = threading.Event(), threading.Event()

    def think(question: Question) -> Items:
        entered.set()
        leave.wait(30)
        raise ConnectionAbortedError

    own_bot.neighbours.answer = think
    page.say("uno")
    assert entered.wait(15)
    own_bot.neighbours.stop()
    leave.set()
    own_bot.neighbours.answer = lambda question: [{"text": f"echo: {question['message']}"}]
    own_bot.neighbours.start()

    wait_until(lambda: own_bot.rows("SELECT 1 FROM bot_turn WHERE status = 'answered'"))
    page.receive("message", text="echo: uno")
    assert_each_answered_once(page, ["uno"])


# case 126
def test_a_worker_that_is_asked_to_end_hands_its_work_to_the_next(own_bot: Running) -> None:
    own_bot.start_web()
    own_bot.start_worker()
    own_bot.neighbours.stop()
    page = own_bot.page()
    page.say("uno")
    page.until_replies(1)  # the apology: the turn waits for the assistant

    assert own_bot.terminate("worker") == 0

    own_bot.neighbours.start()
    own_bot.start_worker()
    page.until_replies(2, timeout_s=30)
    assert_each_answered_once(page, ["uno"])


# case 7
def test_a_message_that_cannot_be_stored_is_never_acknowledged(own_bot: Running) -> None:
    if not own_bot.database.is_sqlite:
        pytest.skip("only a SQLite file can be locked as a whole by another process")
    own_bot.start_web()
    page = own_bot.page()
    with own_bot.database.write() as session:
        session.connection()  # takes the write lock
        client_id = page.say("hola")
        error = page.receive("error", timeout_s=40)
    assert (error["code"], error["client_id"]) == ("unavailable", client_id)

    page.say("hola", client_id=client_id)
    assert page.receive("ack")["seq"] == 1
    assert own_bot.rows("SELECT count(*) FROM bot_message") == [(1,)]


# case 48
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_whose_disk_was_full_goes_on_by_itself(own_bot: Running) -> None:
    own_bot.start_web()
    own_bot.start_worker()
    page = own_bot.page()
    entered, leave = threading.Event(), threading.Event()

    def think(question: Question) -> Items:
        entered.set()
        leave.wait(30)
        return [{"text": f"echo: {question['message']}"}]

    own_bot.neighbours.answer = think
    page.say("uno")
    page.say("dos")
    assert entered.wait(15)
    pid = own_bot.processes["worker"].pid
    room = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    # No file of its may grow, as on a disk that is full: neither the answer nor how its turn went can be written.
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, room[1]))
    leave.set()
    time.sleep(3)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, room)

    page.until_replies(2, timeout_s=60)
    assert_each_answered_once(page, ["uno", "dos"])
    assert own_bot.processes["worker"].pid == pid
    assert own_bot.processes["worker"].poll() is None
