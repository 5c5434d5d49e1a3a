"""Polling: a provider that cannot reach the shop is asked what has come, by one process at a time.

What was asked for is the provider's to forget only when the next question confirms it, so that nothing is lost when we
die in between; what then comes twice is known by its id. Which number comes next is the provider's business: none is
kept here, because numbers may begin anew, below any that we knew.
"""

from __future__ import annotations

import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from bot.channels.arrivals import Arrivals
from bot.channels.base import Asked, Channel, Webhook
from bot.channels.pushed import Channels
from bot.delivery import Delivery
from kernel.db import Database
from kernel.errors import ComandaError, Unavailable
from kernel.logging import get_logger
from kernel.sole import Sole

log = get_logger(__name__)

# Between tries while the provider or the database is away: ever longer.
WAITS_S = (1.0, 2.0, 5.0, 10.0, 30.0)
NEXT_IN_LINE_S = 5.0
# An update that surprises us so often is left out, or it would stop all others.
SURPRISES_MOST = 5


def pollers(database: Database, delivery: Delivery, channels: Channels) -> list[Poller]:
    """One for each channel whose provider may have to be asked."""
    arrivals = Arrivals(database, delivery)
    return [Poller(database, arrivals, channel) for channel in channels.values() if isinstance(channel, Asked)]


class Poller:
    """`start` begins a thread; it ends with its process, or by itself once the provider posts what comes."""

    def __init__(self, database: Database, arrivals: Arrivals, channel: Channel) -> None:
        assert isinstance(channel, Asked)
        self._arrivals = arrivals
        self._channel = channel
        self._asked: Asked = channel
        self._right = Sole(database, f"poll.{channel.name}")
        self._after: int | None = None
        self._surprises = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"poll {self._channel.name}", daemon=True).start()

    def _run(self) -> None:
        failures, is_agreed = 0, False
        while True:
            try:
                if not self._right.take():
                    time.sleep(NEXT_IN_LINE_S)
                    continue
                if not is_agreed:
                    if self._asked.begin():
                        break
                    is_agreed = True
                self.ask()
                failures = 0
                continue
            except (Unavailable, SQLAlchemyError) as error:
                told = error.detail if isinstance(error, Unavailable) else type(error).__name__
                log.warning("poll_failed", channel=self._channel.name, error=told)
            except Exception:  # the edge: what has come waits, but never for ever
                log.exception("poll_surprised", channel=self._channel.name)
            time.sleep(WAITS_S[min(failures, len(WAITS_S) - 1)])
            failures += 1
        self._right.release()

    def ask(self) -> int:
        """Ask once, and store what has come; how much that was."""
        updates = self._asked.ask(self._after)
        for number, webhook in updates:
            self._take(webhook)
            self._after = number
        if not updates:
            # All is confirmed: whatever number comes next is new.
            self._after = None
        return len(updates)

    def _take(self, webhook: Webhook) -> None:
        try:
            arrival = self._arrivals.take(self._channel, webhook)
        except (SQLAlchemyError, Unavailable):
            raise
        except ComandaError as refusal:
            log.warning("update_refused", channel=self._channel.name, code=refusal.code)
            return
        except Exception:  # an edge, too: one update may be left out, but never all that come after it
            self._surprises += 1
            if self._surprises < SURPRISES_MOST:
                raise
            log.exception("update_left_out", channel=self._channel.name)
            self._surprises = 0
            return
        self._surprises = 0
        if arrival:
            self._channel.acknowledge(arrival)
