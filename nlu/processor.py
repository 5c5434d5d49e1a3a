"""What the processor can do that the second sentence encoder needs."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

_FLAGS = Path("/proc/cpuinfo")


@cache
def runs_second_encoder() -> bool:
    """Whether multilingual E5 runs here: on x86 it needs AVX2; where nobody can tell, it is believed to."""
    if platform.machine() not in {"x86_64", "AMD64"} or not _FLAGS.exists():
        return True
    return has_avx2(_FLAGS.read_text(encoding="utf-8", errors="replace"))


def has_avx2(cpuinfo: str) -> bool:
    """Whether `cpuinfo`, written as Linux does in /proc/cpuinfo, names AVX2 among the flags of its processors."""
    flags = [line.partition(":")[2].split() for line in cpuinfo.splitlines() if line.startswith("flags")]
    return bool(flags) and all("avx2" in each for each in flags)
