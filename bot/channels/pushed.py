"""The channels that are pushed to, of those that a shop has credentials for."""

from __future__ import annotations

from bot.channels.base import Channel
from bot.channels.whatsapp import WhatsApp
from kernel.config import Settings

Channels = dict[str, Channel]
# All that there are: what waits for one that a shop closes is told as not sent.
PUSHED = ("whatsapp", "telegram")


def open_channels(settings: Settings) -> Channels:
    """Raises: ValueError for settings that cannot work, with what is wrong."""
    found: list[Channel | None] = [WhatsApp.of(settings)]
    if settings.telegram_bot_token.get_secret_value():
        from bot.channels.telegram import Telegram  # its library takes a while, and most shops have no bot

        found.append(Telegram.of(settings))
    return {channel.name: channel for channel in found if channel}
