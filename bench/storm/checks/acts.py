"""Each act once: an acknowledged one has happened, a refused one has not, and the same key gets the same answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bench.storm.checks.evidence import Evidence, Unexplained

# Acts of the OMS, whose keys it keeps with their answers; those of the conversations are kept by the bot.
OF_THE_BOT = frozenset({"claim", "agent says", "release"})
NO_ACTS = frozenset({"say", "pay", "fault"})


def check(evidence: Evidence) -> Iterator[Unexplained]:
    """Learns, too, which of the unknown acts have happened."""
    kept = {row["key"]: row for row in evidence.rows("SELECT key, status, answer FROM oms_idempotent_act")}
    of_bot = {row["key"] for row in evidence.rows("SELECT key FROM bot_act")}
    for operation in evidence.history.operations:
        if not operation.key or operation.kind in NO_ACTS:
            continue
        is_kept = operation.key in (of_bot if operation.kind in OF_THE_BOT else kept)
        if operation.outcome == "ok" and not is_kept:
            yield Unexplained("acknowledged, but its key is not known", str(operation))
        if operation.outcome == "fail" and is_kept:
            yield Unexplained("refused, and yet it was done", str(operation), dict(operation.answer or {}))
        if operation.outcome == "unknown" and is_kept and operation.kind not in OF_THE_BOT:
            answer = kept[operation.key]["answer"]
            evidence.kept[operation.number] = json.loads(answer) if answer else {}
        # What was done to a conversation is answered with how it stands now.
        if operation.differed is not None and operation.kind not in OF_THE_BOT:
            facts = {"first": _short(operation.answer), "then": _short(operation.differed)}
            yield Unexplained("the same key got another answer", str(operation), facts)


def _short(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False)[:160]
