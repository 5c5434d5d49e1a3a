"""A processor without AVX2 is told from one that has it, and understanding does without the second encoder there."""

from __future__ import annotations

import pytest

from comanda.model import sources_hash
from nlu import processor
from nlu.processor import has_avx2

OLD = "processor\t: 0\nmodel name\t: Intel(R) Xeon(R) E5-2670 0\nflags\t\t: fpu vme sse sse2 sse4_2 avx\n"
NEW = "processor\t: 0\nmodel name\t: Intel(R) Xeon(R) E5-2670 v3\nflags\t\t: fpu vme sse sse2 sse4_2 avx avx2 fma\n"


def test_avx2_is_found_among_the_flags_of_every_processor() -> None:
    assert has_avx2(NEW)
    assert has_avx2(NEW + NEW)
    assert not has_avx2(OLD)
    assert not has_avx2(NEW + OLD)
    assert not has_avx2("")


def test_a_model_of_one_encoder_is_never_taken_for_one_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    for runs in (True, False):
        monkeypatch.setattr("comanda.model.runs_second_encoder", lambda runs=runs: runs)
        names.add(sources_hash())

    assert len(names) == 2


def test_where_nobody_can_tell_the_second_encoder_is_believed_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor.platform, "machine", lambda: "arm64")
    processor.runs_second_encoder.cache_clear()

    assert processor.runs_second_encoder()
    processor.runs_second_encoder.cache_clear()
