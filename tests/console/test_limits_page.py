"""What each role does alone, as an admin tells it: over the real OMS."""

from __future__ import annotations

import pytest

from backend.catalog.shop import shop
from kernel.db import Database
from tests.console.conftest import Members

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_limits_are_told_anew_and_a_mistyped_one_changes_none(
    members: Members, seal: dict[str, str], database: Database
) -> None:
    admin, finance = members["admin"], members["finance"]
    told = {"act": "1", "refund-finance": "150.000", "refund-admin": "*", "credit_note-finance": "0"} | seal

    saved = await admin.post("/staff/limits", data=told)
    wrong = await admin.post("/staff/limits", data={"act": "2", "refund-finance": "mucho"} | seal)
    page = (await admin.get("/staff/limits")).text
    refused = await finance.post("/staff/limits", data={"act": "3", "refund-finance": "1"} | seal)
    looked = await finance.get("/staff/limits")

    assert (saved.status_code, saved.headers["location"]) == (303, "/staff/limits?done=saved")
    assert wrong.status_code == 422
    assert 'value="mucho"' in wrong.text
    assert 'aria-describedby="refund-finance-problem"' in wrong.text
    assert 'name="refund-finance" type="text" value="150000"' in page
    assert (refused.status_code, looked.status_code) == (403, 403)
    with database.read() as session:
        seller = shop(session)
    assert dict(seller.refund_limits) == {"finance": 15_000_000, "admin": None}
    assert {act: dict(limits) for act, limits in seller.staff_limits.items()} == {"credit_note": {"finance": 0}}
