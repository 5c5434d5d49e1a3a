"""Makes the two environments from nothing but Python 3.11 (run it with the system's Python: standard library only).

    python3.11 -m comanda.bootstrap app rasa

The app's environment and Rasa's share one lock file and meet only over HTTP (docs/decisions/0002-two-environments.md).
A stamp in each says which lock it was made from: a current one costs nothing, a half-made one is made again.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from comanda.failure import Failure
from comanda.progress import Steps, heartbeat, say
from comanda.project import APP_ENVIRONMENT, RASA_ENVIRONMENT, ROOT, TOOLS

PYTHON = (3, 11)
# The first uv that knows `exclude-dependencies` and conflicting groups as pyproject.toml uses them.
UV_OLDEST = (0, 9, 8)
RASA_VERSION = "3.6.21"


class SetupFailed(Failure):
    """What went wrong and what to do about it, in words for the person at the terminal."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment: what it is made from, and a program that shows that it works."""

    title: str
    path: Path
    sync: tuple[str, ...]
    proof: str

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.path / ".comanda-stamp"


ENVIRONMENTS = {
    "app": Environment("App environment", APP_ENVIRONMENT, (), "import comanda.cli"),
    "rasa": Environment(
        "Rasa environment",
        RASA_ENVIRONMENT,
        ("--only-group", "rasa"),
        # A plain `pip install rasa` on Python 3.11 quietly gives 1.10: never take the version on trust.
        f"import rasa; assert rasa.__version__ == {RASA_VERSION!r}, f'Rasa is {{rasa.__version__}}'",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="comanda.bootstrap", description="Make the environments.")
    parser.add_argument("environments", nargs="*", help=" or ".join(ENVIRONMENTS))
    parser.add_argument("--of", type=int, help="total number of steps to count to, when more follow")
    parser.add_argument("--check-lock", action="store_true", help="does uv.lock agree with pyproject.toml?")
    parser.add_argument("--sbom", type=Path, metavar="FOLDER", help="write there what each environment is made of")
    arguments = parser.parse_args()
    steps = Steps(total=arguments.of or 1 + len(arguments.environments))
    try:
        if arguments.check_lock:
            check_lock()
        elif arguments.sbom:
            write_boms(arguments.sbom)
        else:
            make_environments(arguments.environments, steps)
    except SetupFailed as error:
        sys.exit(f"\nSet-up stopped: {error}")
    except KeyboardInterrupt:
        sys.exit("\nSet-up stopped; run the same command again to go on.")


def make_environments(names: list[str], steps: Steps) -> None:
    """Make each environment that is not current; only one process does so at a time.

    Raises: SetupFailed.
    """
    if sys.version_info[:2] != PYTHON:
        raise SetupFailed(f"this is Python {sys.version.split()[0]}; Comanda needs 3.11")
    with _alone():
        with steps.step("uv") as step:
            stale = [name for name in names if not is_current(ENVIRONMENTS[name])]
            uv = find_uv() if stale else None
            step.outcome = f"found at {uv}" if uv else "not needed, everything is installed"
        for name in names:
            with steps.step(ENVIRONMENTS[name].title) as step:
                if name in stale:
                    assert uv is not None
                    install(ENVIRONMENTS[name], uv)
                    step.outcome = "installed"
                else:
                    step.outcome = "is current"


def check_lock() -> None:
    """Raises: SetupFailed when uv.lock was not made from pyproject.toml as it is."""
    if subprocess.run([find_uv(), "lock", "--check", "--quiet"], cwd=ROOT).returncode != 0:
        raise SetupFailed("uv.lock does not agree with pyproject.toml; run: uv lock")


def write_boms(folder: Path) -> None:
    """What each environment is made of, as CycloneDX 1.5: `sbom-app.cdx.json` (our tools apart), `sbom-rasa.cdx.json`.

    Raises: SetupFailed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, groups in {"app": ("--no-dev",), "rasa": ("--only-group", "rasa")}.items():
        file = folder / f"sbom-{name}.cdx.json"
        export = ["export", "--locked", "--quiet", "--preview", "--format", "cyclonedx1.5", "--output-file", str(file)]
        if subprocess.run([find_uv(), *export, *groups], cwd=ROOT, stdout=subprocess.DEVNULL).returncode != 0:
            raise SetupFailed("uv could not write what is installed; its reason is above. Is it 0.9.12 or newer?")
        say(f"{file} written")


def is_current(environment: Environment) -> bool:
    """Was this environment made whole, and from the lock file as it is now?"""
    if not environment.python.exists() or not environment.stamp.exists():
        return False
    return environment.stamp.read_text() == lock_hash()


def lock_hash() -> str:
    """What an environment is made from: the lock and the interpreter."""
    return hashlib.sha256(sys.version.encode() + (ROOT / "uv.lock").read_bytes()).hexdigest()


def install(environment: Environment, uv: str) -> None:
    """Sync with the lock, prove that it works and stamp it. What cannot be mended is made anew, once.

    Raises: SetupFailed.
    """
    environment.stamp.unlink(missing_ok=True)
    if not (_sync(environment, uv) and _works(environment)):
        say(f"      {environment.path.name} cannot be mended; making it anew")
        shutil.rmtree(environment.path, ignore_errors=True)
        if not _sync(environment, uv):
            raise SetupFailed(
                f"uv could not install {environment.path.name}; its reason is above. Is the network there?"
            )
        if not _works(environment):
            raise SetupFailed(f"{environment.path.name} was installed but does not work; its reason is above")
    environment.stamp.write_text(lock_hash())


def _sync(environment: Environment, uv: str) -> bool:
    command = [uv, "sync", "--locked", "--python", sys.executable, *environment.sync]
    # A person sees uv's own progress; a log is better off without the list of 144 packages.
    command += [] if sys.stderr.isatty() else ["--quiet"]
    # Someone else's active environment must not become the target, and no other Python be fetched.
    settings = {"UV_PROJECT_ENVIRONMENT": str(environment.path), "UV_PYTHON_DOWNLOADS": "never"}
    inherited = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    with heartbeat("installing"):
        return subprocess.run(command, cwd=ROOT, env=inherited | settings).returncode == 0


def _works(environment: Environment) -> bool:
    if not environment.python.exists():
        return False
    return subprocess.run([environment.python, "-W", "ignore", "-c", environment.proof], cwd=ROOT).returncode == 0


def find_uv() -> str:
    """A recent enough uv: the one on PATH, the one we installed before, or one installed now.

    Raises: SetupFailed.
    """
    ours = TOOLS / "bin" / "uv"
    for candidate in (shutil.which("uv"), str(ours)):
        if candidate and uv_version(candidate) >= UV_OLDEST:
            return candidate
    _install_uv(ours)
    return str(ours)


def uv_version(uv: str) -> tuple[int, ...]:
    """The version a uv gives itself, `()` if it does not run."""
    try:
        told = subprocess.run([uv, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return ()
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", told)
    return tuple(int(part) for part in found.groups()) if found else ()


def _install_uv(uv: Path) -> None:
    say(f"      installing uv into {TOOLS.relative_to(ROOT)}")
    shutil.rmtree(TOOLS / "bin", ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(TOOLS)]).returncode != 0:
        raise SetupFailed("this Python cannot make virtual environments; on Debian: apt-get install python3.11-venv")
    wanted = f"uv>={'.'.join(map(str, UV_OLDEST))}"
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted]
    if subprocess.run(pip).returncode != 0 or uv_version(str(uv)) < UV_OLDEST:
        raise SetupFailed(f"pip could not install {wanted}; its reason is above. Is the network there?")


@contextmanager
def _alone() -> Iterator[None]:
    """Two `make` at once take turns."""
    TOOLS.parent.mkdir(parents=True, exist_ok=True)
    with (TOOLS.parent / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("      another set-up is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
