"""Each kind of update that Telegram knows has a turn, or is passed over in silence."""

from __future__ import annotations

from tests.bot.telegram import TYPES, example
from tests.bot.telegram_chat import Chat, chat, message, update

__all__ = ["chat"]


# What each kind of update becomes: None is silence. docs/channels.md tells it to the shop.


def _names(words: str) -> list[str]:
    return words.split()


TURN = "[mensaje sin texto]"
UPDATES: dict[str, str | None] = {
    "message": TURN,
    "callback_query": "[botón]",
    **dict.fromkeys(
        _names("""
    edited_message channel_post edited_channel_post business_connection business_message edited_business_message
    deleted_business_messages guest_message message_reaction message_reaction_count inline_query
    chosen_inline_result shipping_query pre_checkout_query purchased_paid_media poll poll_answer my_chat_member
    chat_member chat_join_request chat_boost removed_chat_boost managed_bot
""")
    ),
}
# Says how or where something was said, and not what.
ENVELOPE = _names("""
    message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot sender_tag
    guest_query_id business_connection_id forward_origin is_topic_message is_automatic_forward reply_to_message
    external_reply quote reply_to_story reply_to_checklist_task_id reply_to_poll_option_id via_bot
    guest_bot_caller_user guest_bot_caller_chat edit_date has_protected_content is_from_offline is_paid_post
    media_group_id author_signature paid_star_count entities link_preview_options suggested_post_info effect_id
    caption_entities show_caption_above_media has_media_spoiler reply_markup message_id date chat
""")
MESSAGES: dict[str, str | None] = {
    "text": "x",
    "caption": "x",
    "photo": "",
    "location": "(1.5, 1.5)",
    "venue": "x, x (1.5, 1.5)",
    "contact": "[contacto]",
    **dict.fromkeys(("voice", "audio", "video_note"), "[nota de voz]"),
    **dict.fromkeys(("document", "video", "animation"), "[archivo]"),
    **dict.fromkeys(
        _names("""
    sticker story dice game poll invoice checklist giveaway giveaway_winners paid_media rich_message live_photo
"""),
        TURN,
    ),
    **dict.fromkeys(
        _names("""
    new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title new_chat_photo
    delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created
    message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message successful_payment
    refunded_payment users_shared chat_shared gift unique_gift gift_upgrade_sent connected_website
    write_access_allowed passport_data proximity_alert_triggered boost_added chat_background_set
    checklist_tasks_done checklist_tasks_added direct_message_price_changed forum_topic_created forum_topic_edited
    forum_topic_closed forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden giveaway_created
    giveaway_completed managed_bot_created paid_message_price_changed poll_option_added poll_option_deleted
    suggested_post_approved suggested_post_approval_failed suggested_post_declined suggested_post_paid
    suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited
    web_app_data
""")
    ),
}


def test_every_kind_that_telegram_knows_has_its_result_here() -> None:
    assert UPDATES.keys() == TYPES["Update"].keys() - {"update_id"}
    assert MESSAGES.keys() == TYPES["Message"].keys() - set(ENVELOPE)


# case 13
async def test_every_kind_of_update_has_a_turn_or_its_silence(chat: Chat) -> None:
    results: dict[str, list[str]] = {}
    for kind in UPDATES:
        before = len(chat.heard())
        content = message() if kind == "message" else example(TYPES["Update"][kind][0][0])
        if kind == "callback_query":
            content["message"] = message()
        assert await chat.post(update(kind, content)) == 200, kind
        results[kind] = chat.heard()[before:]

    print(f"{len(results)} kinds of update: {sum(map(bool, results.values()))} with a turn, the rest in silence")
    assert results == {kind: [] if told is None else [told] for kind, told in UPDATES.items()}
    chat.run()
    assert chat.rows("SELECT count(*) FROM bot_turn WHERE status <> 'answered'") == [(0,)]


# case 13
async def test_every_kind_of_message_has_a_turn_or_its_silence(chat: Chat) -> None:
    results: dict[str, list[str]] = {}
    for kind in MESSAGES:
        before = len(chat.heard())
        type_ = TYPES["Message"][kind][0][0]
        # What only says that it happened is true, or is not there.
        known = {kind: True if type_ == "Boolean" else example(type_)}
        if kind == "venue":
            known["location"] = example("Location")
        assert await chat.post(update(**known)) == 200, kind
        results[kind] = chat.heard()[before:]

    print(f"{len(results)} kinds of message: {sum(map(bool, results.values()))} with a turn, the rest in silence")
    assert results == {kind: [] if told is None else [told] for kind, told in MESSAGES.items()}
