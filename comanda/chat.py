"""`comanda chat`: a conversation in the terminal through the real web channel."""

from __future__ import annotations

import select
import sys
from typing import Any

from comanda.web_chat import ChatFailed, NoReply, WebChat, chat_address, remembered_visitor, told_on
from kernel.config import Settings

REPLY_TIMEOUT_S = 60.0
LISTEN_S = 0.2
HINT = {
    "es": "Escribe y pulsa Intro; /1, /2 … pulsa un botón; Ctrl-D termina.",
    "en": "Write and press Enter; /1, /2 … presses a button; Ctrl-D ends.",
}


def talk(settings: Settings, name: str, language: str, url: str | None) -> None:
    """Talk until end of input. Raises: ChatFailed when the channel is not there."""
    socket_url, origin = chat_address(settings, url)
    with (
        remembered_visitor(settings.home, socket_url, name) as visitor,
        WebChat(socket_url, origin, visitor, language) as chat,
    ):
        print(f"{chat.shop}\n{HINT.get(language, HINT['en'])}\n")
        _show(chat.listen(LISTEN_S))
        while (line := _next_line(chat)) is not None:
            if line.strip():
                _exchange(chat, line.strip())


def _next_line(chat: WebChat) -> str | None:
    """The next line typed; what the other side writes meanwhile is shown."""
    print("> ", end="", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        heard = chat.listen(LISTEN_S)
        if heard:
            print()
            _show(heard)
            print("> ", end="", flush=True)
    line = sys.stdin.readline()
    if not line:
        print()
    return line or None


def _exchange(chat: WebChat, line: str) -> None:
    token, text = _pressed(chat.visitor.choices, line)
    try:
        _show(chat.say(text, REPLY_TIMEOUT_S, choice=token))
    except NoReply:
        print("…")
    except ChatFailed as refusal:
        if refusal.code == "unreachable":
            raise
        print(f"({refusal.detail})")


def _pressed(choices: list[dict[str, str]], line: str) -> tuple[str | None, str]:
    """The button that `/N` means, or the words as they are."""
    number = line[1:] if line.startswith("/") else ""
    if number.isdecimal() and 1 <= int(number) <= len(choices):
        chosen = choices[int(number) - 1]
        return chosen["token"], chosen["title"]
    return None, line


def _show(messages: list[dict[str, Any]]) -> None:
    for message in messages:
        mark = "●" if message["author"] == "agent" else "○"
        print(f"{mark} " + message["text"].replace("\n", "\n  "))
        for number, choice in enumerate(message.get("choices", []), start=1):
            print(f"    /{number}  {told_on(choice)}")
    if messages:
        print()
