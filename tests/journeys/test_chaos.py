"""`kill -9` of any process in the middle of a turn: nothing is lost, nothing is done or claimed twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from bot.replies import say
from comanda.web_chat import WebChat
from tests.journeys.product import PROCESSES, Product, wait_until

pytestmark = [pytest.mark.rasa, pytest.mark.chaos, pytest.mark.timeout(900)]

# Rasa takes half a minute to load on a quiet machine; its customers wait that long at most, and a slow one twice.
ANSWER_TIMEOUT_S = 150
APOLOGY = say("outage", "es")
# What only an order's receipt may make us say.
PLACED = "quedó confirmado"


@pytest.fixture(autouse=True)
def everything_is_ready(product: Product) -> None:
    product.wait_until_ready()


@pytest.fixture
def customer(product: Product) -> Iterator[WebChat]:
    with product.chat() as customer:
        yield customer


def test_each_process_comes_back_with_another_pid_and_the_product_is_ready_again(product: Product) -> None:
    before = {name: product.pid(name) for name in PROCESSES}

    for name in PROCESSES:
        product.kill(name)
    wait_until(lambda: not product.is_ready(), 15, "the kill to show")
    product.wait_until_ready()

    after = {name: product.pid(name) for name in PROCESSES}
    assert all(after[name] != before[name] for name in PROCESSES)


# cases 6, 32, 34, 36
@pytest.mark.parametrize(
    ("process", "delay_s"),
    [
        *(("actions", delay_s) for delay_s in (0.0, 0.08, 0.16, 0.24)),
        *(("worker", delay_s) for delay_s in (0.0, 0.08, 0.16, 0.24)),
        *(("web", delay_s) for delay_s in (0.0, 0.08, 0.16, 0.24)),
        *(("rasa", delay_s) for delay_s in (0.05, 0.15)),
    ],
)
def test_a_confirmation_cut_off_by_a_kill_places_one_order_and_says_so_once(
    product: Product, customer: WebChat, process: str, delay_s: float
) -> None:
    summary = to_the_summary(customer)
    killer = threading.Timer(delay_s, product.kill, [process])
    killer.start()

    customer.say(summary["title"], ANSWER_TIMEOUT_S, choice=summary["token"])

    killer.join()
    try_again_if_told_so(product, customer)
    (order,) = orders_of(product, customer)
    assert order["status"] == "confirmed"
    claims = [message["text"] for message in messages_of(product, customer) if PLACED in message["text"]]
    assert len(claims) == 1
    assert order["number"] in claims[0]
    assert_answered_once(product, customer)


# case 32
def test_messages_written_while_rasa_is_away_are_answered_in_order_after_it_is_back(
    product: Product, customer: WebChat
) -> None:
    customer.say("hola", ANSWER_TIMEOUT_S)
    product.kill("rasa")

    for words in ("¿cuánto cuesta la leche deslactosada?", "¿cuánto cuesta la leche descremada?", "ver mi carrito"):
        customer.post(words, ANSWER_TIMEOUT_S)
    wait_until(lambda: all_turns_ended(product, customer), ANSWER_TIMEOUT_S, "every message to be answered")

    replies = [message for message in messages_of(product, customer) if message["author"] == "assistant"]
    assert Counter(reply["text"] for reply in replies)[APOLOGY] == 1
    answers = [reply["text"] for reply in replies if reply["text"] != APOLOGY]
    assert ["deslactosada" in answers[-3], "descremada" in answers[-2], "carrito" in answers[-1]] == [True, True, True]
    assert_answered_once(product, customer)


# case 38
def test_an_open_question_is_still_open_when_rasa_comes_back(product: Product, customer: WebChat) -> None:
    for words, expected, is_killed_first in (
        ("quiero un pan tajado", "¿Cuál prefieres?", False),
        ("el integral", "Subtotal", True),
        ("eso es todo", "dirección", False),
        ("Calle 45 # 12-30, apto 401", "pagar", True),
        ("Nequi", "¿Lo confirmo?", False),
        ("sí, confirmo", PLACED, True),
    ):
        if is_killed_first:
            product.kill("rasa")
            wait_until(lambda: not product.is_ready(), 15, "the kill to show")
            product.wait_until_ready()
        replies = customer.say(words, ANSWER_TIMEOUT_S)
        assert expected in "\n".join(reply["text"] for reply in replies)

    assert len(orders_of(product, customer)) == 1


def test_two_kills_in_a_row_leave_the_books_in_order(product: Product, customer: WebChat) -> None:
    summary = to_the_summary(customer)
    for name in ("worker", "web"):
        threading.Timer(0.05, product.kill, [name]).start()

    customer.say(summary["title"], ANSWER_TIMEOUT_S, choice=summary["token"])
    try_again_if_told_so(product, customer)
    assert len(orders_of(product, customer)) == 1
    assert_answered_once(product, customer)


def to_the_summary(customer: WebChat) -> dict[str, str]:
    """A cart up to the question whether to place it; returns the button that says yes."""
    for words in ("quiero 2 libras de papa pastusa", "eso es todo", "Calle 45 # 12-30, apto 401", "Nequi"):
        replies = customer.say(words, ANSWER_TIMEOUT_S)
    assert "¿Lo confirmo?" in replies[-1]["text"], replies
    return next(choice for choice in replies[-1]["choices"] if choice["title"] == "Confirmar pedido")


def try_again_if_told_so(product: Product, customer: WebChat) -> None:
    """The OMS may have been away: then the customer was told that nothing is sure, and tries again."""
    last = last_reply_of(product, customer)
    if PLACED not in last:
        assert "no puedo asegurar" in last
        product.wait_until_ready()
        retry = next(choice for choice in customer.visitor.choices if choice["title"] == "Intentar de nuevo")
        customer.say(retry["title"], ANSWER_TIMEOUT_S, choice=retry["token"])
    assert PLACED in last_reply_of(product, customer)


def last_reply_of(product: Product, customer: WebChat) -> str:
    """What the customer reads last, when every turn has ended."""
    wait_until(lambda: all_turns_ended(product, customer), ANSWER_TIMEOUT_S, "every message to be answered")
    last = messages_of(product, customer)[-1]

    def has_read_it() -> bool:
        customer.listen(0.1)
        return customer.visitor.last_seq >= last["seq"]

    wait_until(has_read_it, 30, "the last message")
    return str(last["text"])


def messages_of(product: Product, customer: WebChat) -> list[dict[str, Any]]:
    return product.rows(
        "SELECT * FROM bot_message WHERE conversation_id = :id ORDER BY seq", id=customer.conversation_id
    )


def turns_of(product: Product, customer: WebChat) -> list[dict[str, Any]]:
    return product.rows("SELECT * FROM bot_turn WHERE conversation_id = :id", id=customer.conversation_id)


def orders_of(product: Product, customer: WebChat) -> list[dict[str, Any]]:
    return product.rows(
        "SELECT o.* FROM oms_order o JOIN bot_conversation c ON c.customer_id = o.customer_id WHERE c.id = :id",
        id=customer.conversation_id,
    )


def all_turns_ended(product: Product, customer: WebChat) -> bool:
    return all(turn["status"] != "received" for turn in turns_of(product, customer))


def assert_answered_once(product: Product, customer: WebChat) -> None:
    """Every message of the customer has its answer, each reply stands once, and nobody had to be called."""
    messages = messages_of(product, customer)
    asked = [message["id"] for message in messages if message["author"] == "customer"]
    assert {turn["message_id"]: turn["status"] for turn in turns_of(product, customer)} == dict.fromkeys(
        asked, "answered"
    )
    said = Counter(
        (message["in_reply_to"], message["text"]) for message in messages if message["author"] == "assistant"
    )
    assert {reply: times for reply, times in said.items() if times > 1} == {}
    answered = {message["in_reply_to"] for message in messages if message["text"] != APOLOGY}
    assert set(asked) <= answered
    assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))
