"""The worker process: runs turns, notices, webhooks and mail, durably. `python -m comanda.worker`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from datetime import timedelta

import bot.migrations
from backend.worker import Outboxes
from backend.workflows import resolve_shortage
from backend.workflows.count_bought_together import count_bought_together
from backend.workflows.drop_unsent_returns import drop_unsent_returns
from backend.workflows.find_stuck_orders import note_stuck_orders
from backend.workflows.keep_promises import keep_overdue_promises
from backend.workflows.keep_stock import keep_stock
from backend.workflows.remind_customers import remind_customers
from bot import hints
from bot.answering.assistant import Assistant
from bot.answering.consent import Consents
from bot.answering.customers import Customers
from bot.answering.language_model import open_language_model
from bot.answering.rephrasing import Rephraser
from bot.answering.turns import TurnHandler
from bot.attachments.intake import Intake
from bot.channels.polling import pollers
from bot.channels.pushed import Channels, open_channels
from bot.delivery import Delivery
from bot.desk.handing_back import HandBackHandler
from bot.desk.lapsing import return_lapsed
from bot.handoff import hours, policy
from bot.handoff.hours import OpeningHours
from bot.listening.fetching import FetchHandler
from bot.listening.hearing import HearHandler
from bot.listening.inbound import QUEUE
from bot.listening.speech import open_speech
from bot.outbox.costs import Caps
from bot.telling.looking import LookHandler
from bot.telling.notifying import NoticeHandler
from bot.telling.sending import SendHandler
from comanda import telemetry
from comanda.database import subscribe_bot
from comanda.gauges import Gauges
from comanda.privacy.desk import DataDesk
from comanda.readiness import local_url, worker_sign
from comanda.retention import forget_old
from comanda.soundness import stop_if_unsound
from kernel import clock, durable, garbage, logging, pseudonyms
from kernel.config import Settings, get_settings
from kernel.db import Database

# A stable name: what a worker leaves unfinished is taken up by the next one that has its name.
EXECUTOR = os.environ.get("COMANDA_EXECUTOR", "worker-1")
SIGN_OF_LIFE_S = 2.0
GRACE_S = 8
FLUSH_MS = 1_000
# What the queue remembers of work that is done: long enough to look into a complaint. Messages stay for good.
MEMORY = timedelta(days=7)
FORGET_EVERY_S = 600.0
COUNT_EVERY_S = 3600.0
KEEP_STOCK_EVERY_S = 30.0
SWEEP_EVERY_S = 60.0
LAPSE_EVERY_S = 10.0
TAKE_UP_EVERY_S = 5.0


def main() -> None:
    settings = get_settings()
    logging.configure("worker", settings.log_level)
    spans = telemetry.configure("worker", settings)
    stop_if_unsound(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    bot.migrations.upgrade(settings.database_url)
    database = Database(settings.database_url)
    pseudonyms.carry(database, settings.signing_key())
    policy.carry(database, policy.read(settings.handoff_policy))
    hours.carry(database, OpeningHours(settings.backend_url, settings.signing_key()))
    subscribe_bot(settings, database)
    outboxes = Outboxes.of(settings, database)
    intake = Intake(settings, database)
    channels = open_channels(settings)
    delivery = Delivery(database, hints.for_worker(database, local_url(settings), settings.signing_key()), channels)
    turns, notices, sending, fetching, hearing, back = _handlers(settings, database, intake, channels, delivery)
    looking = LookHandler(database, delivery, channels, settings.signing_key())
    data = DataDesk(settings, database)
    for part in (turns, notices, sending, looking, fetching, hearing, back, outboxes, data):
        part.register()
    durable.launch(database, executor_id=EXECUTOR)
    durable.register_queue(QUEUE, per_partition=1)
    notices.serve()
    sending.serve()
    looking.serve()
    outboxes.serve()
    data.serve()
    for poller in pollers(database, delivery, channels):
        poller.start()
    if settings.metrics_port:
        Gauges(database, settings.home).register()
    garbage.spare_what_stays()
    logging.get_logger(__name__).info("worker_ready", executor=EXECUTOR)
    sign = worker_sign(settings)
    sign.parent.mkdir(parents=True, exist_ok=True)
    forget_at = time.monotonic() + FORGET_EVERY_S
    count_at = time.monotonic() + COUNT_EVERY_S
    sweep_at = time.monotonic() + SWEEP_EVERY_S
    keep_at = time.monotonic() + KEEP_STOCK_EVERY_S
    lapse_at = time.monotonic() + LAPSE_EVERY_S
    take_up_at, suspects = time.monotonic() + TAKE_UP_EVERY_S, frozenset[str]()
    while not stop.is_set():
        sign.touch()
        if time.monotonic() >= take_up_at:
            take_up_at = time.monotonic() + TAKE_UP_EVERY_S
            suspects = durable.take_up_dropped(suspects)
        if time.monotonic() >= lapse_at:
            lapse_at = time.monotonic() + LAPSE_EVERY_S
            return_lapsed(database, delivery)
        if time.monotonic() >= count_at:
            count_at = time.monotonic() + COUNT_EVERY_S
            with database.write() as session:
                resolve_shortage.drop_unanswered(session)
            with database.write() as session:
                count_bought_together(session)
        if time.monotonic() >= keep_at:
            keep_at = time.monotonic() + KEEP_STOCK_EVERY_S
            keep_stock(database)
        if time.monotonic() >= forget_at:
            forget_at = time.monotonic() + FORGET_EVERY_S
            durable.forget_finished(clock.now() - MEMORY)
            forgotten = forget_old(settings, database)
            logging.get_logger(__name__).info("forgotten", **asdict(forgotten))
            with database.write() as session:
                keep_overdue_promises(session)
            drop_unsent_returns(database)
            with database.write() as session:
                note_stuck_orders(session)
            intake.drop_unsent()
            data.drop_old_copies()
            with database.write() as session:
                remind_customers(session)
        if time.monotonic() >= sweep_at:
            sweep_at = time.monotonic() + SWEEP_EVERY_S
            late = outboxes.sweep() + notices.sweep() + sending.sweep() + data.sweep()
            if late:
                logging.get_logger(__name__).warning("outboxes_late", count=late)
        stop.wait(SIGN_OF_LIFE_S)
    sign.unlink(missing_ok=True)
    durable.shutdown(GRACE_S)
    spans.force_flush(FLUSH_MS)
    sys.stderr.flush()
    # Turns that wait out an outage sleep in threads which Python would wait for; the next worker wakes them.
    os._exit(0)


def _handlers(
    settings: Settings, database: Database, intake: Intake, channels: Channels, delivery: Delivery
) -> tuple[TurnHandler, NoticeHandler, SendHandler, FetchHandler, HearHandler, HandBackHandler]:
    """What the worker does for the bot; all of it speaks to the same neighbours."""
    key = settings.signing_key()
    assistant, customers = Assistant(settings.rasa_url), Customers(settings.backend_url, key)
    consents = Consents(settings.backend_url, key, settings.public_url)
    model = open_language_model(settings)
    return (
        TurnHandler(
            delivery,
            assistant,
            customers,
            channels=channels,
            consents=consents,
            turns_a_minute=settings.turns_a_minute,
            rephraser=Rephraser(model, assistant) if model else None,
        ),
        NoticeHandler(database, delivery, assistant, customers, settings.identity_fresh),
        SendHandler(database, channels, key, Caps.of(settings)),
        FetchHandler(delivery, intake, channels),
        HearHandler(delivery, channels, open_speech(settings)),
        HandBackHandler(database, delivery, assistant, customers),
    )


if __name__ == "__main__":
    main()
