"""Everything the assistant may say exists in both languages, with the same facts in it."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
import yaml

import actions
from actions.questions import KINDS
from actions.texts import catalogue, render
from bot.notices.plan import FEEDBACK
from bot.notices.words import BOUNCED, SHORTAGE
from tests.actions.every_error import every_error_code
from tests.actions.every_skill import SKILLS

FOLDER = Path(actions.__path__[0])
# Keys that the code puts together from a fact of the OMS: every value that fact can have.
COMPOSED = {
    "quote_accepted": ("", "_held"),
    "variant_": ("several", "none", "out"),
    "product_": ("price", "stock", "info"),
    "stock_": ("in_stock", "few", "out"),
    "order_status_": ("draft", "placed", "on_hold", "confirmed", "cancelled", "closed"),
    "short_": ("wait", "substitute", "reduce", "drop"),
    "short_done_": ("wait", "substitute", "reduce", "drop"),
    "order_progress_": (
        "in_progress",
        "packed",
        "partially_shipped",
        "shipped",
        "partially_delivered",
        "delivered",
    ),
    "parcel_": (
        "packed",
        "shipped",
        "in_transit",
        "out_for_delivery",
        "exception",
        "delivered",
        "returned_to_origin",
    ),
    "discount_": ("applied", "better"),
    "identity_channel_": ("web", "site", "whatsapp", "telegram"),
    "identity_code_sent_": ("whatsapp", "email"),
    "discount_refused_": ("unknown", "not_yet", "ended", "used_up", "below_minimum", "on_nothing"),
    "order_placed": ("", "_held", "_unpaid", "_pickup", "_held_pickup", "_unpaid_pickup"),
    "order_which_": ("track", "cancel", "change", "proof", "return"),
    "return_ask_": ("line", "quantity", "reason", "photo", "wish", "instead", "way", "point", "slot", "another"),
    "return_wish_": ("refund", "store_credit", "replacement", "exchange"),
    "return_also_": ("refund", "store_credit", "replacement", "exchange", "pickup", "drop_off", "store"),
    "claim_": ("missing", "wrong", "faulty", "unknown"),
    "claim_also_": ("missing", "wrong", "faulty", "unknown"),
    "return_way_": ("pickup", "drop_off", "store", "none"),
    "return_accepted_": ("pickup", "drop_off", "store"),
    "return_refused_": ("not_delivered", "already_returned", "final_sale", "outside_window"),
    "return_status_": (
        "requested",
        "accepted",
        "rejected",
        "in_transit",
        "partly_received",
        "received",
        "inspected",
        "resolved",
        "cancelled",
    ),
    "order_change_": ("more", "less", "same"),
    "order_repeat_": ("discontinued", "unit_discontinued", "out_of_stock"),
    "shortage_done_": ("wait", "substitute", "drop"),
    "parcel_done_": ("replacement", "refund", "store_credit", "no_more"),
    "cart_line_": ("set", "remove"),
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_every_text_says_the_same_facts_in_both_languages(key: str) -> None:
    text = catalogue()[key]

    assert text.keys() == {"es", "en"}
    assert text["es"].strip() != text["en"].strip() or key in {"button_no"}
    assert placeholders(text["es"]) == placeholders(text["en"])


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_no_text_is_cut_short_by_the_comment_sign_of_yaml(key: str) -> None:
    for text in catalogue()[key].values():
        assert text.count("«") == text.count("»")
        assert text.count("“") == text.count("”")
        assert text.count("(") == text.count(")")


def test_every_text_that_the_code_names_exists_and_none_is_left_over() -> None:
    named = _named_in_code() | {f"{prefix}{value}" for prefix, values in COMPOSED.items() for value in values}
    named |= {f"error_{code}" for code in every_error_code()}

    assert sorted(named - catalogue().keys()) == []
    assert sorted(catalogue().keys() - named) == []


# rule: each refusal has a code and a reply in both languages
@pytest.mark.parametrize("code", sorted(every_error_code()))
def test_every_refusal_of_the_oms_has_a_reply(code: str) -> None:
    assert catalogue()[f"error_{code}"].keys() == {"es", "en"}


def test_a_value_is_never_read_as_a_template() -> None:
    # case 99
    assert "{total.__class__}" in render("cart_not_there", "es", text="{total.__class__}")


def test_every_intent_of_the_domain_has_one_rule_one_action_and_one_skill() -> None:
    root = FOLDER.parent
    domain = yaml.safe_load((root / "domain.yml").read_text())
    rules = [
        [next(iter(step.values())) for step in rule["steps"]]
        for path in sorted((root / "data" / "rules").glob("*.yml"))
        for rule in yaml.safe_load(path.read_text())["rules"]
    ]
    intents = domain["intents"]

    assert sorted(rules) == sorted([intent, f"action_{intent}"] for intent in intents)
    assert sorted(domain["actions"]) == sorted(f"action_{intent}" for intent in intents)
    assert sorted(SKILLS) == sorted(intents)


def test_every_kind_of_question_that_is_asked_exists() -> None:
    asked = set()
    for path in FOLDER.rglob("*.py"):
        asked |= set(re.findall(r'\.ask\(\s*"(\w+)"', path.read_text()))

    assert asked <= KINDS.keys()
    # These the bot asks, under a notice (bot/notices/words.py).
    assert KINDS.keys() - asked == {BOUNCED, FEEDBACK, SHORTAGE}


def _named_in_code() -> set[str]:
    """Every literal that a text is called by, and every other literal that is the key of one."""
    keys = set()
    for path in FOLDER.rglob("*.py"):
        source = path.read_text()
        keys |= set(re.findall(r'\b(?:say|text|button|_not_yet)\(\s*(?:turn, )?"(\w+)"', source))
        literals = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
        keys |= {value for value in literals if isinstance(value, str) and value in catalogue()}
    return keys
