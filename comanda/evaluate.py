"""`comanda evaluate`: how well the trained model understands messages whose meaning is known, as one HTML page."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from comanda.failure import Failure
from comanda.model import ensure_model
from comanda.project import RASA_ENVIRONMENT, READING_SETTINGS, ROOT
from kernel.yaml_files import read_yaml
from nlu.jobs import JOBS, job_of

HELD_OUT = ROOT / "tests" / "nlu" / "heldout"
_WORST = 200
_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:0 0 2rem;display:block;overflow-x:auto}
th,td{padding:.25rem .6rem;border-bottom:1px solid #8884;text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.map td{padding:.15rem .3rem;text-align:center;min-width:1.6rem}.map th{font-weight:400;font-size:12px}
.map thead th{writing-mode:vertical-rl;transform:rotate(180deg)}
"""


class EvaluationFailed(Failure):
    """There is nothing to evaluate with, or the model did not answer."""


@dataclass(frozen=True)
class Judged:
    """One message, what it means and what was understood."""

    text: str
    language: str
    intent: str
    understood: str
    confidence: float

    @property
    def job(self) -> str:
        return job_of(self.intent, self.text)

    @property
    def understood_job(self) -> str:
        return job_of(self.understood, self.text)

    @property
    def is_right(self) -> bool:
        return self.job == self.understood_job


def evaluate(file: Path | None, out: Path) -> list[Judged]:
    """Judge the messages of `file`, JSON lines with `text`, `intent`, `language`, or our held-out ones; write `out`.

    Raises: EvaluationFailed, TrainingFailed.
    """
    wanted = _labelled(file) if file else _held_out()
    found = _understood([text for text, _, _ in wanted])
    judged = [
        Judged(text, language, intent, reading["intent"], reading["confidence"])
        for (text, intent, language), reading in zip(wanted, found, strict=True)
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(judged), encoding="utf-8")
    return judged


def share(judged: list[Judged]) -> float:
    """The share whose job was understood."""
    return sum(message.is_right for message in judged) / len(judged) if judged else 0.0


def page(judged: list[Judged]) -> str:
    """The whole report; needs nothing but itself."""
    languages = sorted({message.language for message in judged})
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Understanding</title><style>{_STYLE}</style>',
        '<meta name="viewport" content="width=device-width"><h1>What the assistant understands</h1>',
        f"<p>{len(judged):,} messages, {share(judged):.1%} of their jobs understood.</p>",
        "<h2>By language</h2>" + _shares([(name, [m for m in judged if m.language == name]) for name in languages]),
        "<h2>By job</h2>" + _shares(_groups(judged, "job")),
        "<h2>By intent</h2>" + _shares(_groups(judged, "intent")),
        "<h2>What is taken for what</h2>" + _map(judged),
        "<h2>Wrong, the surest first</h2>" + _worst(judged),
    ]
    return "\n".join(parts) + "\n"


def _groups(judged: list[Judged], by: str) -> list[tuple[str, list[Judged]]]:
    groups: dict[str, list[Judged]] = {}
    for message in judged:
        groups.setdefault(getattr(message, by), []).append(message)
    return sorted(groups.items(), key=lambda item: share(item[1]))


def _shares(groups: list[tuple[str, list[Judged]]]) -> str:
    rows = "".join(
        f'<tr><td>{escape(name)}<td class="n">{share(messages):.1%}<td class="n">{len(messages):,}'
        f'<td><meter min="0" max="1" value="{share(messages):.3f}"></meter>'
        for name, messages in groups
    )
    return f"<table><thead><tr><th><th>understood<th>messages<th><tbody>{rows}</table>"


def _map(judged: list[Judged]) -> str:
    pairs = Counter((message.job, message.understood_job) for message in judged)
    jobs = sorted({job for pair in pairs for job in pair})
    head = "".join(f"<th>{escape(job)}" for job in jobs)
    rows = []
    for job in jobs:
        total = sum(pairs[job, other] for other in jobs) or 1
        cells = "".join(_cell(pairs[job, other], total, right=job == other) for other in jobs)
        rows.append(f"<tr><th>{escape(job)}{cells}")
    return f'<table class="map"><thead><tr><th>{head}<tbody>{"".join(rows)}</table>'


def _cell(count: int, total: int, *, right: bool) -> str:
    colour = "40,140,80" if right else "200,60,40"
    shade = f' style="background:rgba({colour},{0.15 + 0.7 * count / total:.2f})"' if count else ""
    return f"<td{shade}>{count or ''}"


def _worst(judged: list[Judged]) -> str:
    wrong = sorted((m for m in judged if not m.is_right), key=lambda message: -message.confidence)[:_WORST]
    rows = "".join(
        f"<tr><td>{escape(m.text)}<td>{escape(m.intent)}<td>{escape(m.understood)}"
        f'<td class="n">{m.confidence:.0%}<td>{escape(m.language)}'
        for m in wrong
    )
    return f"<table><thead><tr><th>message<th>means<th>understood<th>sure<th>language<tbody>{rows}</table>"


def _held_out() -> list[tuple[str, str, str]]:
    return [
        (text, intent, path.name.split(".")[1])
        for path in sorted(HELD_OUT.glob("*.yml"))
        for intent, texts in read_yaml(path).items()
        for text in texts
    ]


def _labelled(file: Path) -> list[tuple[str, str, str]]:
    messages = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            content: dict[str, Any] = json.loads(line)
            text, intent = str(content["text"]), str(content["intent"])
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationFailed(f"{file}, line {number}: a JSON object with text and intent is needed") from error
        if intent not in JOBS:
            raise EvaluationFailed(f"{file}, line {number}: no intent is called {intent}")
        messages.append((text, intent, str(content.get("language", "es"))))
    if not messages:
        raise EvaluationFailed(f"{file} holds no message")
    return messages


def _understood(texts: list[str]) -> list[dict[str, Any]]:
    model = ensure_model()
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        lines.flush()
        command = [
            str(RASA_ENVIRONMENT / "bin" / "python"), "-m", "nlu.parse", "--model", str(model), "--json",
            "--file", lines.name,
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, env=os.environ | READING_SETTINGS, capture_output=True, text=True)
    if done.returncode != 0:
        raise EvaluationFailed(f"the model did not answer: {done.stderr.strip().splitlines()[-1:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]
