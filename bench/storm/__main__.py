"""`make storm`, or `python -m bench.storm`: people, providers and faults for a while; then all of it must be explained.

Prints a table, and writes artifacts/storm.json and the history. Exits with 1 when something is not explained, or when
`--planted` finds fewer bugs than were planted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.figures import Figure, table
from bench.storm.planted import BUGS, planted_found
from bench.storm.report import Report, judged
from bench.storm.run import storm
from bench.storm.stage import stage
from comanda.model import ensure_model
from comanda.progress import say
from comanda.project import ROOT

RESULTS = ROOT / "artifacts" / "storm.json"
HISTORY = ROOT / "artifacts" / "storm-history.jsonl"


def main() -> None:
    # Asked to end, it ends what it started, as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="make storm", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=7, help="the same seed draws the same people and the same faults")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--assistant", action="store_true", help="with Rasa and the actions, which are killed too")
    parser.add_argument("--planted", action="store_true", help="instead: plant each bug, and see that it is found")
    given = parser.parse_args()
    if given.planted:
        found = planted_found(say, seed=given.seed)
        say(f"planted found {len(found)} of {len(BUGS)}")
        sys.exit(0 if len(found) == len(BUGS) else 1)
    if given.assistant:
        ensure_model()
    with tempfile.TemporaryDirectory(prefix="comanda-storm-") as folder:
        say("starting Comanda …")
        with stage(
            Path(folder),
            seed=given.seed,
            database_kind=given.database,
            has_assistant=given.assistant,
            has_clock=True,
        ) as comanda:
            say(f"a storm of {given.minutes:g} min, seed {given.seed}, {given.database} …")
            happened = asyncio.run(storm(comanda, given.seed, given.minutes * 60))
            report = judged(comanda, happened)
    happened.history.write(HISTORY)
    print("\n" + table(f"Storm, seed {given.seed}, {given.database}", _figures(report)), flush=True)
    for name, findings in report.unexplained.items():
        for finding in findings[:20]:
            print(f"✗ {name}: {finding}")
    if report.audit_said and report.audit_code:
        print(report.audit_said)
    RESULTS.write_text(
        json.dumps(
            {
                "seed": given.seed,
                "database": given.database,
                "minutes": given.minutes,
                "figures": [figure.as_json() for figure in _figures(report)],
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )
    print(f"\n{RESULTS.relative_to(ROOT)}, {HISTORY.relative_to(ROOT)}")
    sys.exit(0 if report.is_explained else 1)


def _figures(report: Report) -> list[Figure]:
    outcomes = Counter(operation.outcome for operation in report.storm.history.operations)
    kinds = Counter(each.kind for each in report.storm.history.operations if each.outcome == "ok")
    named = (
        "place",
        "cancel",
        "pay",
        "record payment",
        "refund",
        "ship",
        "inspect",
        "receive",
        "count",
        "say",
        "claim",
    )
    return [
        Figure("it lasted", report.storm.lasted_s, "s"),
        Figure("quiet again after", report.storm.quiet_after_s, "s"),
        *(Figure(f"fault: {name}", count, "") for name, count in sorted(report.faults.items())),
        Figure("operations ok", outcomes["ok"], ""),
        Figure("operations refused", outcomes["fail"], ""),
        Figure("operations nobody was told of", outcomes["unknown"], ""),
        Figure("… of which have happened", report.happened_unknown, ""),
        *(Figure(f"ok: {kind}", kinds[kind], "") for kind in named),
        *(Figure(f"unexplained: {name}", len(found), "", at_most=0) for name, found in report.unexplained.items()),
        Figure("still going on at the end", report.storm.left_over, "", at_most=0),
        Figure("comanda audit, exit code", report.audit_code, "", at_most=0),
    ]


if __name__ == "__main__":
    main()
