"""What the worker does for the OMS: telling of events, sending mail, asking payment and e-invoicing providers."""

from __future__ import annotations

from datetime import timedelta

from backend import events
from backend.events import Event
from backend.invoicing import submissions
from backend.mail import service as mails
from backend.mail.post import PostOffice
from backend.payments.providers import Providers
from backend.webhooks import service as webhooks
from backend.webhooks.sending import Sender
from backend.workflows import expire_order, request_refund, start_payment
from backend.workflows.announce_event import announce_event
from backend.workflows.check_payment import check_payment, enqueue_overdue
from backend.workflows.compare_provider_day import WORKFLOW as COMPARE_WORKFLOW
from backend.workflows.compare_provider_day import compare_named_day, enqueue_comparisons
from backend.workflows.deliver_event import deliver_event
from backend.workflows.send_mail import send_mail
from backend.workflows.send_refund import enqueue_unsettled_refunds, send_refund
from backend.workflows.submit_invoice import submit_invoice
from kernel import clock, durable
from kernel.config import Settings
from kernel.db import Database

# What waits for a person is looked at more often than what waits for a machine.
ANNOUNCE_PACE_S, SEND_PACE_S = 0.2, 1.0
AT_MOST = 8
# Typesetting takes a core; people who wait for an answer need the others.
TYPESET_AT_MOST = 1
# What should have been tried so long ago was lost by its queue, and is started again.
OVERDUE = timedelta(minutes=5)
SWEPT_AT_ONCE = 200
# A payment that nobody spoke of for so long is asked about: webhooks may be lost.
UNHEARD = timedelta(minutes=2)


class Outboxes:
    """The OMS's durable work over one database. `register` before `durable.launch`, `serve` after it."""

    def __init__(
        self,
        database: Database,
        office: PostOffice | None,
        sender: Sender,
        providers: Providers | None = None,
        public_url: str = "",
    ) -> None:
        self._database = database
        self._office = office
        self._sender = sender
        self._providers = providers or Providers({})
        self._public_url = public_url

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Outboxes:
        url = settings.smtp_url.get_secret_value()
        office = PostOffice.at(url, settings.mail_from) if url else None
        sender, providers = Sender([settings.bot_events_url]), Providers.of(settings)
        return cls(database, office, sender, providers, settings.public_url)

    def register(self) -> None:
        durable.duty(events.WORKFLOW, self._announce)
        durable.duty(webhooks.WORKFLOW, lambda delivery: deliver_event(self._database, self._sender, delivery))
        durable.duty(submissions.WORKFLOW, lambda invoice: submit_invoice(self._database, invoice))
        durable.duty(mails.WORKFLOW, lambda mail: send_mail(self._database, self._office, mail))
        durable.duty(
            start_payment.OPEN_WORKFLOW,
            lambda payment: start_payment.open_at_provider(self._database, self._providers, payment, self._public_url),
        )
        durable.duty(
            start_payment.CHECK_WORKFLOW, lambda payment: check_payment(self._database, self._providers, payment)
        )
        durable.duty(
            expire_order.WORKFLOW, lambda order: expire_order.expire_order(self._database, self._providers, order)
        )
        durable.duty(request_refund.WORKFLOW, lambda refund: send_refund(self._database, self._providers, refund))

        durable.duty(COMPARE_WORKFLOW, lambda subject: compare_named_day(self._database, self._providers, subject))

    def serve(self) -> None:
        durable.register_queue(events.QUEUE, per_partition=1, at_most=AT_MOST, pace_s=ANNOUNCE_PACE_S)
        durable.register_queue(webhooks.QUEUE, per_partition=1, at_most=AT_MOST, pace_s=ANNOUNCE_PACE_S)
        durable.register_queue(submissions.QUEUE, per_partition=1, at_most=TYPESET_AT_MOST, pace_s=SEND_PACE_S)
        durable.register_queue(mails.QUEUE, per_partition=1, at_most=AT_MOST, pace_s=SEND_PACE_S)
        durable.register_queue(start_payment.QUEUE, per_partition=1, at_most=AT_MOST, pace_s=ANNOUNCE_PACE_S)

    def _announce(self, event_id: str) -> None:
        with self._database.write() as session:
            announce_event(session, event_id)

    def sweep(self) -> int:
        """Start again what is overdue; how many. A lost start is so repaired, and a needless one does nothing."""
        before = clock.now() - OVERDUE
        with self._database.write() as session:
            late = webhooks.overdue(session, before, SWEPT_AT_ONCE)
            for delivery in late:
                subject = session.get_one(Event, delivery.event_id).subject
                name = f"late:{delivery.due_at.timestamp()}"
                webhooks.enqueue(session, delivery.id, delivery.subscriber_id, subject, name)
            unsent = mails.overdue(session, before, SWEPT_AT_ONCE)
            for mail in unsent:
                mails.enqueue(session, mail.id, mail.recipient, f"late:{mail.due_at.timestamp()}")
            unpaid = enqueue_overdue(session, clock.now() - UNHEARD, SWEPT_AT_ONCE)
            expire_order.enqueue_unpaid(session, SWEPT_AT_ONCE)
            unpaid += enqueue_unsettled_refunds(session, clock.now() - UNHEARD, SWEPT_AT_ONCE)
            enqueue_comparisons(session, self._providers.codes)
            unsubmitted = submissions.overdue(session, before, SWEPT_AT_ONCE)
            for submission in unsubmitted:
                submissions.enqueue(session, submission.invoice_id, f"late:{submission.due_at.timestamp()}")
        return len(late) + len(unsent) + unpaid + len(unsubmitted)
