"""A short storm is explained whole; and with bugs planted in the processes each of them is found."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bench.storm.planted import BUGS, words_of_a_storm
from bench.storm.report import judged
from bench.storm.run import storm
from bench.storm.stage import shop_of, stage

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]
SEED, SECONDS = 7, 25.0
ENOUGH = {"place": 5, "ship": 1, "receive": 2, "say": 20}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("storm") / "shop"
    shop_of(home, {})
    return home


def test_a_serial_order_explains_a_storm_with_kills_a_full_disk_and_clocks_that_jump(
    template: Path, tmp_path: Path
) -> None:  # cases 48, 66, 131
    with stage(tmp_path, seed=SEED, template=template, has_clock=True) as comanda:
        happened = asyncio.run(storm(comanda, SEED, SECONDS, enough=ENOUGH))
        report = judged(comanda, happened)

    acknowledged = Counter(each.kind for each in happened.history.operations if each.outcome == "ok")
    violations = sum(map(len, report.unexplained.values()))
    print(f"violations {violations}; acknowledged {acknowledged.total()}, {dict(report.faults)}")
    assert {name: list(map(str, found)) for name, found in report.unexplained.items() if found} == {}
    assert report.audit_code == 0, report.audit_said
    assert happened.left_over == 0
    assert {kind: acknowledged[kind] >= count for kind, count in ENOUGH.items()} == dict.fromkeys(ENOUGH, True)
    assert happened.faults.total() >= 1


def test_each_of_five_planted_bugs_is_found_by_what_it_does(template: Path, tmp_path: Path) -> None:  # case 66
    seen = words_of_a_storm(BUGS, tmp_path, template, seed=SEED)

    found = {bug for bug, (_, shows) in BUGS.items() if shows in seen}
    print(f"planted found {len(found)} of {len(BUGS)}")
    assert found == set(BUGS)
