"""A voucher says what it was given, until it ends, and cannot be made, changed or used as anything else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel import clock, tokens, vouchers
from kernel.vouchers import Vouched, VoucherRefused, vouch

KEY = "a key of tests that is long enough to be one"
FILE = Vouched("file", "customer", "a" * 64, "image/jpeg")
DAY = timedelta(days=1)


def test_a_voucher_says_what_was_vouched_for() -> None:
    assert vouchers.read(vouch(FILE, KEY, DAY), KEY) == FILE


def test_a_voucher_ends() -> None:
    with clock.standing_at(clock.now() - 2 * DAY):
        old = vouch(FILE, KEY, DAY)

    with pytest.raises(VoucherRefused):
        vouchers.read(old, KEY)


@pytest.mark.parametrize("forged", ["", "nothing", vouch(FILE, "another key that is long enough to be one", DAY)])
def test_what_the_bot_did_not_sign_is_refused(forged: str) -> None:
    with pytest.raises(VoucherRefused):
        vouchers.read(forged, KEY)


def test_neither_a_token_nor_a_voucher_passes_for_the_other() -> None:
    token = tokens.mint(tokens.Principal("customer", "customer"), KEY, DAY)

    with pytest.raises(VoucherRefused):
        vouchers.read(token, KEY)
    with pytest.raises(tokens.TokenRefused):
        tokens.verify(vouch(FILE, KEY, DAY), KEY)
