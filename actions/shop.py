"""Questions about the shop itself: hours, address, delivery. Every fact is the shop's own."""

from __future__ import annotations

from actions import wording
from actions.skills import skill
from actions.turn import Turn


@skill("store_info")
async def store_info(turn: Turn) -> None:
    shop = await turn.shop()
    hours = wording.words(shop.hours, turn.language)
    turn.say("store_info", name=shop.name, hours=hours, address=shop.address, phone=shop.phone)


@skill("delivery_info")
async def delivery_info(turn: Turn) -> None:
    shop = await turn.shop()
    fee = wording.money(shop.delivery_fee, shop, turn.language)
    free = ""
    if shop.free_delivery_from is not None:
        free = turn.text("delivery_free_from", amount=wording.money(shop.free_delivery_from, shop, turn.language))
    turn.say("delivery_info", delivery=wording.words(shop.delivery, turn.language), fee=fee, free=free)
