"""Finds the Chromium that browser tests and screenshots drive, and installs Debian's where it may."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

NAMES_ON_PATH = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL_TIMEOUT_S = 600
# A browser under test calls nobody but the page it is given.
QUIET_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
)


class NoChromium(RuntimeError):
    """No browser here and no way to get one without help; the message is the command to run."""


def find_chromium() -> Path:
    """A Chromium to run: one on PATH, else Debian's package when we are root, else Playwright's own.

    Raises: NoChromium.
    """
    found = _on_path() or (_install_debian_package() if _may_install() else None) or _playwrights_own()
    if found is None:
        raise NoChromium(
            "no Chromium found. Run one of:\n"
            "  sudo apt-get update && sudo apt-get install -y chromium\n"
            "  .venv/bin/playwright install chromium"
        )
    return found


def launch_options() -> dict[str, Any]:
    """What Playwright's `chromium.launch` needs to start that browser, headless and silent on the network."""
    # Chromium's sandbox refuses to work for root, which is who CI and containers run as.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": str(find_chromium()), "headless": True, "args": [*QUIET_FLAGS, *sandbox]}


def _on_path() -> Path | None:
    return next((Path(path) for name in NAMES_ON_PATH if (path := shutil.which(name))), None)


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install_debian_package() -> Path | None:
    """Install Debian's `chromium`; of several test processes one does it and the others wait."""
    lock = Path(tempfile.gettempdir()) / "comanda-chromium.lock"
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if _on_path() is None:
            print("Installing Debian's chromium (once, about a minute) …", file=sys.stderr, flush=True)
            for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
                done = subprocess.run(
                    ["apt-get", *command],
                    env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                    stdout=subprocess.DEVNULL,
                    timeout=INSTALL_TIMEOUT_S,
                    check=False,
                )
                if done.returncode != 0:
                    print(f"apt-get {command[0]} ended with status {done.returncode}", file=sys.stderr)
    return _on_path()


def _playwrights_own() -> Path | None:
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    builds = (*root.glob("chromium-*/chrome-linux*/chrome"), *root.glob("chromium_headless_shell-*/*/headless_shell"))
    return max(builds, default=None)


if __name__ == "__main__":
    try:
        print(find_chromium())
    except NoChromium as missing:
        sys.exit(f"comanda: {missing}")
