"""Two of each process while the Redis of Rasa's locks is emptied, silent, full and gone: what is right stays right."""

from __future__ import annotations

import pytest

from bench import two_of_each
from bench.balancer import missing

pytestmark = [pytest.mark.chaos, pytest.mark.rasa, pytest.mark.timeout(900)]


# case 53
@pytest.mark.skipif(
    bool(missing()), reason=f"needs {' and '.join(missing())}: apt-get install nginx-light redis-server"
)
def test_nothing_that_befalls_the_locks_loses_a_message_or_has_it_taken_in_twice_or_out_of_turn() -> None:
    figures = {each.name: each for each in two_of_each.locks()}

    heard, twice, late = (
        int(figures[f"messages that Rasa took in{often}"].value) for often in ("", " twice", " after a later one")
    )
    lost = int(figures["messages never answered"].value + figures["all: messages without an answer of their own"].value)
    late += int(figures["all: answers out of order"].value)
    print(f"Redis emptied, silent, full, gone: {heard} messages, lost {lost}, twice {twice}, out of order {late}")
    assert [each for each in figures.values() if each.is_met is False] == []
