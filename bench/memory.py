"""How much memory each process of a Comanda that has just worked holds."""

from __future__ import annotations

from bench.figures import Figure
from bench.running import Running

# Everything together, beside whatever else a small server does.
TOTAL_MB_MOST = 1600


def measure(comanda: Running) -> list[Figure]:
    """Resident (RSS) of each; of all together the proportional share (PSS), which counts a shared page once."""
    figures, total_mb = [], 0.0
    for name, process in comanda.processes().items():
        family = [process, *process.children(recursive=True)] if name != "supervisor" else [process]
        held = [member.memory_full_info() for member in family]
        figures.append(Figure(f"{name}, resident", _mb(sum(memory.rss for memory in held)), "MB"))
        total_mb += _mb(sum(memory.pss for memory in held))
    return [*figures, Figure("all together, shared pages once (PSS)", total_mb, "MB", at_most=TOTAL_MB_MOST)]


def _mb(count: int) -> float:
    return count / 1_000_000
