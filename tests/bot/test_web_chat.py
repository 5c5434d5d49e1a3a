"""A chat over the web channel, from the socket to the answer and back."""

from __future__ import annotations

from tests.bot.conftest import Running


def test_a_message_is_acknowledged_and_answered(bot: Running) -> None:
    page = bot.page()
    client_id = page.say("3 cajas de leche")

    ack = page.receive("ack")
    assert (ack["client_id"], ack["seq"]) == (client_id, 1)
    assert page.until_replies(1) == ["echo: 3 cajas de leche"]
    assert [(m["seq"], m["author"]) for m in page.messages] == [(1, "customer"), (2, "assistant")]
