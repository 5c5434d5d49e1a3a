"""What a database error may say."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.db import Database


# case 108
def test_an_error_does_not_repeat_what_a_customer_wrote(database: Database) -> None:
    with pytest.raises(DBAPIError) as error, database.write() as session:
        session.execute(text("INSERT INTO no_such_table VALUES (:words)"), {"words": "me llamo Canario"})
    assert "Canario" not in str(error.value)
