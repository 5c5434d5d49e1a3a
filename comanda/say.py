"""`comanda say`: one customer message through the real web channel, for scripts."""

from __future__ import annotations

import json
from typing import Any

from comanda.progress import say
from comanda.web_chat import ChatFailed, NoReply, WebChat, chat_address, remembered_visitor, told_on
from kernel.config import Settings

ANSWERED, REFUSED, UNANSWERED = 0, 1, 3


def say_once(
    settings: Settings,
    conversation: str,
    text: str,
    choice: int,
    language: str,
    timeout_s: float,
    url: str | None,
    *,
    as_json: bool,
) -> int:
    """Say `text`, or press button number `choice` of the last reply (from 1), and print the replies.

    Returns the exit code. JSON is one line, with `error` only after a failure and `note` where a button tells more:
    `{"conversation": …, "replies": [{"text": …, "choices": [{"title": …, "note": …}]}], "error": {"code", "detail"}}`.
    """
    socket_url, origin = chat_address(settings, url)
    replies: list[dict[str, Any]] = []
    failure: ChatFailed | None = None
    with remembered_visitor(settings.home, socket_url, conversation) as visitor:
        try:
            with WebChat(socket_url, origin, visitor, language) as chat:
                token, title = _button(visitor.choices, choice) if choice else (None, text)
                replies = chat.say(title, timeout_s, choice=token)
        except ChatFailed as error:
            failure = error
    if as_json:
        print(json.dumps(_result(conversation, replies, failure), ensure_ascii=True))
    else:
        _print(replies)
        if failure:
            say(f"comanda: {failure.detail}")
    if failure is None:
        return ANSWERED
    return UNANSWERED if isinstance(failure, NoReply) else REFUSED


def _button(choices: list[dict[str, str]], number: int) -> tuple[str, str]:
    if not 1 <= number <= len(choices):
        raise ChatFailed("no_such_choice", f"the last reply has {len(choices)} buttons; there is no number {number}")
    chosen = choices[number - 1]
    return chosen["token"], chosen["title"]


def _result(conversation: str, replies: list[dict[str, Any]], failure: ChatFailed | None) -> dict[str, Any]:
    result: dict[str, Any] = {"conversation": conversation, "replies": [_shown(reply) for reply in replies]}
    if failure:
        result["error"] = {"code": failure.code, "detail": failure.detail}
    return result


def _shown(reply: dict[str, Any]) -> dict[str, Any]:
    shown = ("title", "note")
    choices = [{each: choice[each] for each in shown if each in choice} for choice in reply.get("choices", [])]
    return {"text": reply["text"], "choices": choices}


def _print(replies: list[dict[str, Any]]) -> None:
    for reply in replies:
        print(reply["text"])
        for number, choice in enumerate(reply.get("choices", []), start=1):
            print(f"  {number}) {told_on(choice)}")
