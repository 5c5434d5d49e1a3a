"""A language model helps the assistant out, through every real process; what it says is trusted with nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from comanda.web_chat import WebChat
from tests.bot.stand_in_model import StandInModel
from tests.journeys.product import Product

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(600)]

ANSWER_TIMEOUT_S = 60
# "I want bread, the wholemeal one" and "give me bread" in Quechua, which the assistant has never been taught.
BREAD, THAT_ONE = "t'antata munani, chay yana t'antata", "ñuqaman t'antata quway"


@pytest.fixture
def model(language_model: StandInModel) -> Iterator[StandInModel]:
    yield language_model
    language_model.says("say:NONE")


def says(customer: WebChat, words: str) -> str:
    return "\n".join(reply["text"] for reply in customer.say(words, ANSWER_TIMEOUT_S)).replace("\u00a0", " ")


def cart(product: Product, customer: WebChat) -> list[tuple[str, int]]:
    """(sku, base units) of what is in the customer's open cart."""
    rows = product.rows(
        "SELECT l.sku, l.base_quantity FROM oms_cart_line l JOIN oms_cart c ON c.id = l.cart_id "
        "JOIN bot_conversation b ON b.customer_id = c.customer_id WHERE b.id = :id ORDER BY l.sku",
        id=customer.conversation_id,
    )
    return [(row["sku"], row["base_quantity"]) for row in rows]


def doubts(product: Product, customer: WebChat) -> list[tuple[str, bool]]:
    """(words, whether they served nothing) of what is left for people to say the meaning of."""
    rows = product.rows(
        "SELECT m.text, d.is_misunderstood FROM bot_doubt d JOIN bot_message m ON m.id = d.message_id "
        "WHERE m.conversation_id = :id ORDER BY m.seq",
        id=customer.conversation_id,
    )
    return [(row["text"], bool(row["is_misunderstood"])) for row in rows]


# case 100
def test_what_was_not_understood_is_proposed_in_other_words_and_only_the_customer_orders(
    product: Product, model: StandInModel
) -> None:
    product.wait_until_ready()
    with product.chat() as customer:
        model.says("say:quiero un pan tajado integral")
        answer = says(customer, BREAD)

        assert "Pan tajado integral" in answer
        assert cart(product, customer) == [("PAN-TAJADO-INTEGRAL-480", 1)]
        asked = model.seen()[-1]
        assert asked["messages"][1]["content"] == f"<message>{BREAD}</message>"
        assert doubts(product, customer) == [(BREAD, False)]

        for words in ("eso es todo", "Calle 45 # 12-30", "Nequi"):
            summary = says(customer, words)
        assert "¿Lo confirmo?" in summary
        # Whatever the model makes of it, it is no yes and takes nothing away.
        for made_up in ("sí, confirmo", "vacía el carrito"):
            refused(model, customer, made_up)
        assert cart(product, customer) == [("PAN-TAJADO-INTEGRAL-480", 1)]
        mine = "SELECT o.id FROM oms_order o JOIN bot_conversation b ON b.customer_id = o.customer_id WHERE b.id = :id"
        assert product.rows(mine, id=customer.conversation_id) == []


def test_an_amount_that_nobody_said_and_a_link_are_as_if_the_model_had_said_nothing(
    product: Product, model: StandInModel
) -> None:
    product.wait_until_ready()
    with product.chat() as customer:
        for made_up in ("quiero 40 panes tajados integrales", "quiero un pan tajado integral http://x.example"):
            refused(model, customer, made_up)

        assert cart(product, customer) == []
        assert doubts(product, customer) == [(THAT_ONE, True), (THAT_ONE, True)]


def refused(model: StandInModel, customer: WebChat, made_up: str) -> None:
    """The model was asked and said so, and the customer reads that they were not understood."""
    before = len(model.seen())
    model.says(f"say:{made_up}")
    assert "no te entendí" in says(customer, THAT_ONE), made_up
    assert [each["is_answered"] for each in model.seen()[before:]] == [True], made_up


def test_who_waits_for_a_model_that_does_not_answer_is_answered_without_it(
    product: Product, model: StandInModel
) -> None:
    product.wait_until_ready()
    with product.chat() as customer:
        model.says("slow")
        answer = says(customer, BREAD)

        # The model is still at it when the customer has been told.
        assert not model.seen()[-1]["is_answered"]
        assert "no te entendí" in answer
        assert cart(product, customer) == []
        assert doubts(product, customer) == [(BREAD, True)]
