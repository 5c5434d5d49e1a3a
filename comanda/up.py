"""`comanda up`: everything that a running Comanda needs, in order, until someone stops it."""

from __future__ import annotations

import signal
from types import FrameType

from comanda import database, processes
from comanda.bootstrap import RASA_VERSION
from comanda.failure import Failure
from comanda.model import ensure_model
from comanda.processes import refuse_taken_ports
from comanda.progress import Steps, say
from comanda.project import RASA_ENVIRONMENT
from comanda.readiness import local_url
from comanda.soundness import refuse_unsound
from comanda.supervisor import AlreadyRunning, Supervisor
from kernel.config import Settings

# Rasa takes 26 s on two quiet cores; a machine that is busy with other things is still not a failure.
RASA_TIMEOUT_S = 180.0
TIMEOUT_S = 60.0
STEPS = 4


class CannotStart(Failure):
    """What stands in the way and what to do about it, in words for the person at the terminal."""


class Stopped(BaseException):
    """Someone asked us to end."""


def up(settings: Settings, steps_done: int = 0) -> None:
    """Start everything and look after it until Ctrl-C or SIGTERM.

    Raises: CannotStart, TrainingFailed, PortTaken, StartFailed.
    """
    steps = Steps(total=steps_done + STEPS, done=steps_done)
    if not (RASA_ENVIRONMENT / "bin" / "python").exists():
        raise CannotStart(f"Rasa {RASA_VERSION} is not installed yet; run: make up")
    _stop_on_signals()
    try:
        with Supervisor(settings.home) as supervisor:
            _start(settings, supervisor, steps)
            supervisor.run_for_ever()
    except Stopped:
        say("\nEverything is stopped.")
    except AlreadyRunning as owner:
        raise CannotStart(
            f"Comanda already runs from {settings.home} (pid {owner}); stop it with Ctrl-C there, "
            f"or give this one a home of its own: COMANDA_HOME=… PORT=… RASA_PORT=… ACTIONS_PORT=… make up"
        ) from None


def _start(settings: Settings, supervisor: Supervisor, steps: Steps) -> None:
    refuse_unsound(settings)
    # Before any work, and after a killed previous run has been ended: those ports may have been its own.
    refuse_taken_ports(settings)
    with steps.step("Model") as step:
        model = ensure_model()
        step.outcome = f"{model.name} is there"
    # Rasa takes the longest to load and needs nothing of the database: it goes first.
    supervisor.start(processes.rasa(settings, model))
    supervisor.start(processes.actions(settings))
    with steps.step("Database") as step:
        database.migrate(settings)
        if settings.is_demo:
            step.outcome = database.seed_demo_shop(settings)
    with steps.step("Shop, API and console"):
        supervisor.start(processes.web(settings))
        supervisor.start(processes.worker(settings))
        for name in ("actions", "web", "worker"):
            supervisor.wait_until_ready(name, TIMEOUT_S)
    with steps.step("Rasa"):
        supervisor.wait_until_ready("rasa", RASA_TIMEOUT_S)
    _announce(settings, steps)


def _announce(settings: Settings, steps: Steps) -> None:
    url = settings.public_url
    lines = [
        f"Comanda is ready after {steps.elapsed()}.",
        "",
        f"  The shop and its chat   {url}/",
        f"  The console             {url}/console",
        f"  The API                 {url}/api/docs",
        f"  Logs                    {settings.home / 'logs'}",
    ]
    if settings.is_demo:
        lines += [
            "",
            "  DEMO MODE: an invented shop, with this staff account of its own:",
            "    " + "  ".join(database.demo_staff_account(settings) or ()),
            "  For a shop of your own: COMANDA_MODE=production (docs/operations.md).",
        ]
    if url != local_url(settings):
        lines.append(f"  On this machine it listens at {local_url(settings)}")
    say("\n" + "\n".join([*lines, "", "Ctrl-C stops everything."]))


def _stop_on_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # While we tidy up, a second Ctrl-C must not leave a process behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
