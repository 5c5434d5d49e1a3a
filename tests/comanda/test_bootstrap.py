"""What `make` does first. The long way, from nothing, is what CI's clean clone shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from comanda import bootstrap
from comanda.bootstrap import Environment, SetupFailed, install, is_current, lock_hash, uv_version
from comanda.project import ROOT


def environment(path: Path, proof: str = "pass") -> Environment:
    return Environment("An environment", path, (), proof)


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def making_uv(tmp_path: Path) -> str:
    """Stands in for uv where installing 1.5 GB is not the point: makes an environment with nothing in it."""
    return program(
        tmp_path / "uv",
        f'mkdir -p "$UV_PROJECT_ENVIRONMENT/bin" && ln -sf {sys.executable} "$UV_PROJECT_ENVIRONMENT/bin/python"',
    )


def test_an_environment_made_from_this_lock_is_current_and_costs_nothing(tmp_path: Path) -> None:
    made = environment(tmp_path / "env")
    install(made, making_uv(tmp_path))

    assert is_current(made)


def test_a_half_installed_environment_is_not_current(tmp_path: Path) -> None:
    made = environment(tmp_path / "env")
    install(made, making_uv(tmp_path))

    made.stamp.unlink()

    assert not is_current(made)


def test_an_environment_without_its_python_is_not_current(tmp_path: Path) -> None:
    made = environment(tmp_path / "env")
    install(made, making_uv(tmp_path))

    made.python.unlink()

    assert not is_current(made)


def test_an_environment_of_another_lock_is_not_current(tmp_path: Path) -> None:
    made = environment(tmp_path / "env")
    install(made, making_uv(tmp_path))

    made.stamp.write_text("another lock")

    assert not is_current(made)


def test_an_environment_that_does_not_work_is_made_anew_and_then_refused_without_a_stamp(tmp_path: Path) -> None:
    broken = environment(tmp_path / "env", proof="raise SystemExit(1)")
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "rubbish").touch()

    with pytest.raises(SetupFailed, match="env was installed but does not work"):
        install(broken, making_uv(tmp_path))

    assert not (tmp_path / "env" / "rubbish").exists()
    assert not broken.stamp.exists()


def test_a_failing_uv_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SetupFailed, match="uv could not install env"):
        install(environment(tmp_path / "env"), program(tmp_path / "uv", "exit 2"))


@pytest.mark.parametrize(
    ("script", "version"),
    [("echo uv 0.13.9 '(x86_64)'", (0, 13, 9)), ("echo uv 0.4.30", (0, 4, 30)), ("exit 1", ()), ("echo what?", ())],
)
def test_the_version_of_a_uv_is_read_from_what_it_says(tmp_path: Path, script: str, version: tuple[int, ...]) -> None:
    assert uv_version(program(tmp_path / "uv", script)) == version


def test_a_uv_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "uv", "echo uv 0.4.30")
    (tmp_path / "tools" / "bin").mkdir(parents=True)
    ours = program(tmp_path / "tools" / "bin" / "uv", "echo uv 0.13.9")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path / "tools")

    assert bootstrap.find_uv() == ours


def test_the_lock_hash_tells_locks_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = lock_hash()
    (tmp_path / "uv.lock").write_text("another")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)

    assert lock_hash() != real


def test_set_up_needs_nothing_but_the_standard_library() -> None:
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import comanda.bootstrap"],
        capture_output=True,
        text=True,
    )

    assert (told.returncode, told.stderr) == (0, "")
