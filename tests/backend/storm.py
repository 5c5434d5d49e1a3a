"""Many real processes at one database, all let loose at once, again and again.

The processes are forked from a server that has loaded the OMS already; they stay for all rounds of a storm.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Self

from sqlalchemy.orm import Session

from backend.carts.errors import ConfirmationStale
from backend.discounts.errors import DiscountUsedUp
from backend.fulfillment import service as fulfillment
from backend.fulfillment.models import Fulfillment
from backend.fulfillment.service import Pick
from backend.idempotency import once
from backend.inventory.errors import OutOfStock
from backend.orders import service as orders
from backend.workflows.accept_return import accept_return
from backend.workflows.cancel_order import cancel as stop
from backend.workflows.cancel_order import cancel_order
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.pack_order import ToPack, pack_order
from backend.workflows.pick_order import pick_order
from backend.workflows.place_order import place_order
from backend.workflows.record_payment import record_payment
from backend.workflows.reject_return import cancel_return, reject_return
from backend.workflows.request_return import Request, Wanted, request_return
from backend.workflows.resolve_return import resolve_return
from backend.workflows.resolve_shortage import resolve_shortage
from backend.workflows.ship_order import ship_order
from backend.workflows.start_picking import start_picking
from kernel.db import Database
from kernel.errors import ComandaError
from tests.forked import context

PATIENCE_S = 600


def place(database: Database, customer_id: str, confirmation: str, key: str) -> str:
    """The number of the order, placed as the API does it; or the code of the refusal."""
    return _answer(database, customer_id, key, lambda session: _number(place_order(session, customer_id, confirmation)))


def cancel(database: Database, customer_id: str, number: str, key: str) -> str:
    return _answer(database, customer_id, key, lambda session: _number(cancel_order(session, customer_id, number)))


def add_to_cart(database: Database, customer_id: str, sku: str, key: str) -> str:
    def work(session: Any) -> str:
        return str(change_cart(session, customer_id, [Change("add", sku, "1")]).version)

    return _answer(database, customer_id, key, work)


def pay(database: Database, number: str, amount_minor: int, key: str) -> str:
    """The number of a transfer that finance records for an order, as the API does it."""

    def work(session: Session) -> str:
        found = orders.find_any(session, number, lock=True)
        given = {"method": "bank_transfer", "amount_minor": amount_minor, "reference": None, "who": "staff:1"}
        return str(record_payment(session, found, key=f"act:{key}", **given).number)

    return _answer(database, "finance", key, work)


def fulfil(database: Database, step: str, number: str, key: str) -> str:
    """One step of a fulfillment, of the version it is found in: `done`, or the code of the refusal."""

    def work(session: Session) -> str:
        seen = fulfillment.find(session, number)
        _STEPS[step](session, seen)
        return "done"

    return _answer(database, "warehouse", key, work)


def many(database: Database, tasks: Sequence[tuple[Any, ...]]) -> str:
    """One task after the other; the answers, one a line."""
    return "\n".join(act(database, *arguments) for act, *arguments in tasks)


def _resolve(session: Session, seen: Fulfillment) -> None:
    found = orders.by_id(session, seen.order_id, lock=True)
    [shortage] = fulfillment.open_shortages(session, [seen.order_id])
    resolve_shortage(session, found, shortage.id, "drop", None, "staff:1")


def _cancel(session: Session, seen: Fulfillment) -> None:
    found = orders.by_id(session, seen.order_id, lock=True)
    stop(session, found, "staff:1", by="staff", reason=None)


def _picks(session: Session, seen: Fulfillment, short: int) -> list[Pick]:
    lines = fulfillment.lines_of(session, [seen.id])[seen.id]
    return [Pick(line.id, line.quantity - short, short) for line in lines if line.quantity > short]


_STEPS: dict[str, Callable[[Session, Fulfillment], object]] = {
    "start": lambda session, seen: start_picking(session, seen.number, seen.version, "staff:1"),
    "pick": lambda session, seen: pick_order(session, seen.number, seen.version, _picks(session, seen, 0), "staff:1"),
    "pick_short": lambda session, seen: pick_order(
        session, seen.number, seen.version, _picks(session, seen, 1), "staff:1"
    ),
    "pack": lambda session, seen: pack_order(session, seen.number, seen.version, [ToPack()], "staff:1"),
    "ship": lambda session, seen: ship_order(
        session, seen.number, seen.version, shipment=None, carrier="table_rate", who="staff:1"
    ),
    "resolve": _resolve,
    "cancel": _cancel,
}


def return_step(database: Database, step: str, number: str, who: str) -> str:
    """`done`, or the code of the refusal."""
    try:
        with database.write() as session:
            _RETURN_STEPS[step](session, number, who)
    except ComandaError as refusal:
        return refusal.code
    return "done"


def _ask(session: Session, number: str, who: str) -> None:
    found = orders.find_any(session, number, lock=True)
    wanted = [Wanted(line.id, line.base_quantity, "not_wanted") for line in found.lines]
    request_return(session, found, Request(wanted, "store_credit", "store"), who)


_RETURN_STEPS: dict[str, Callable[[Session, str, str], object]] = {
    "ask": _ask,
    "accept": lambda session, number, who: accept_return(session, number, who),
    "reject": lambda session, number, who: reject_return(session, number, "no", who),
    "cancel": lambda session, number, who: cancel_return(session, number, who),
    "resolve": lambda session, number, who: resolve_return(session, number, None, who),
}


def decide(database: Database, customer_id: str, number: str, shortage_id: str, key: str) -> str:
    def work(session: Session) -> str:
        found = orders.find(session, customer_id, number, lock=True)
        return _number(resolve_shortage(session, found, shortage_id, "drop", None, f"customer:{customer_id}"))

    return _answer(database, customer_id, key, work)


def _number(found: Any) -> str:
    return str(found.order.number)


def _answer(database: Database, customer_id: str, key: str, work: Callable[[Any], str]) -> str:
    try:
        return once(database, f"customer:{customer_id}", key, key, 200, work).body
    except (OutOfStock, ConfirmationStale, DiscountUsedUp) as refusal:
        return refusal.code
    except ComandaError as refusal:
        return f"unexpected: {refusal.code}"
    except Exception as error:  # noqa: BLE001  # whatever surfaces is what the storm is there to show
        return f"unexpected: {type(error).__name__}: {error}"


class Died(Exception):
    """What a process of the storm came to grief of, in its words."""


def _live(url: str, gate: Any, orders: Connection) -> None:
    # A storm asks what is right, not how fast it is: on a busy machine one of twenty may wait long for its turn.
    database = Database(url, pool_size=1, patience_s=PATIENCE_S)
    while (task := orders.recv()) is not None:
        act, arguments = task
        gate.wait(PATIENCE_S)
        try:
            orders.send(act(database, *arguments))
        except Exception:  # noqa: BLE001  # the process stays, so that the others' answers are not lost with it
            orders.send(Died(traceback.format_exc()))
    database.dispose()


class Storm:
    """`with Storm(url, 20) as storm: storm.rage([(place, customer_id, confirmation, key), …])`: one task a process."""

    def __init__(self, url: str, processes: int) -> None:
        self._gate = context.Barrier(processes)
        pipes = [context.Pipe() for _ in range(processes)]
        self._ends = [ours for ours, _theirs in pipes]
        self._processes = [context.Process(target=_live, args=(url, self._gate, theirs)) for _ours, theirs in pipes]

    def __enter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    def rage(self, tasks: Sequence[tuple[Any, ...]]) -> list[str]:
        """What each task answered; all began when the last process was ready."""
        assert len(tasks) == len(self._processes), "one task a process"
        for end, (act, *arguments) in zip(self._ends, tasks, strict=True):
            end.send((act, arguments))
        answers = []
        for end in self._ends:
            assert end.poll(PATIENCE_S), "a process of the storm is stuck"
            answers.append(end.recv())
        died = [answer for answer in answers if isinstance(answer, Died)]
        if died:
            raise died[0]
        return answers

    def __exit__(self, *_: object) -> None:
        for end in self._ends:
            end.send(None)
        for process in self._processes:
            process.join(PATIENCE_S)
            assert process.exitcode == 0, "a process of the storm died"
