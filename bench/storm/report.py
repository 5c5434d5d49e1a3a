"""What is said of a storm when it is over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bench.storm.checks import explain
from bench.storm.checks.evidence import Evidence, Unexplained
from bench.storm.run import SKUS, Storm
from bench.storm.stage import Stage, audit
from kernel.db import Database


@dataclass
class Report:
    """`unexplained` by check; `happened_unknown` counts the acts that nobody was told of and that have happened."""

    storm: Storm
    faults: Counter[str]
    unexplained: dict[str, list[Unexplained]]
    happened_unknown: int
    audit_code: int
    audit_said: str

    @property
    def is_explained(self) -> bool:
        return not any(self.unexplained.values()) and self.audit_code == 0 and self.storm.left_over == 0


def judged(stage: Stage, storm: Storm) -> Report:
    """Look at everything, while the database still runs."""
    unexplained, happened_unknown = unexplained_of(stage, storm)
    code, said = audit(stage.settings)
    faults = storm.faults.copy()
    for server in (stage.assistant, stage.gateway, stage.line):
        if server is not None:
            faults.update(server.faults)
    return Report(storm, faults, unexplained, happened_unknown, code, said)


def unexplained_of(stage: Stage, storm: Storm) -> tuple[dict[str, list[Unexplained]], int]:
    """By check what no serial order explains; and how many acts have happened of which nobody was told."""
    database = Database(stage.settings.database_url)
    provider = stage.settings.home / "demo-provider.db"
    try:
        evidence = Evidence(
            storm.history, SKUS, database, provider, stage.gateway.taken, is_echoed=stage.assistant is not None
        )
        return explain(evidence), len(evidence.kept)
    finally:
        database.dispose()
