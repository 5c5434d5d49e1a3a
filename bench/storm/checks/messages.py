"""Messages: what was acknowledged is kept once and in order, is answered once and by what was said, and leaves once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from bench.storm.checks.evidence import Evidence, Row, Unexplained, json_of
from bench.storm.history import Operation
from bench.storm.stand_ins import ECHO

_SENT = frozenset({"sent", "delivered", "read"})


def check(evidence: Evidence) -> Iterator[Unexplained]:
    messages = evidence.rows("SELECT id, conversation_id, seq, author, text, in_reply_to FROM bot_message ORDER BY seq")
    said: dict[str, list[Row]] = defaultdict(list)
    for row in messages:
        if row["author"] == "customer":
            said[row["text"]].append(row)
    yield from _kept(evidence, said)
    yield from _in_order(evidence, said)
    if evidence.is_echoed:
        yield from _answered(evidence, messages)
        yield from _one_speaker(evidence, messages)
    yield from _ended(evidence, messages)
    yield from _left(evidence, messages)


def _kept(evidence: Evidence, said: dict[str, list[Row]]) -> Iterator[Unexplained]:
    told = {operation.facts["text"]: operation for operation in evidence.history.of("say")}
    for words, operation in told.items():
        copies = len(said.get(words, ()))
        if operation.outcome == "ok" and copies == 0:
            yield Unexplained("acknowledged, and lost", str(operation), {"text": words})
        if copies > 1:
            yield Unexplained("kept twice", str(operation), {"copies": copies})
    for words in said.keys() - told.keys():
        yield Unexplained("nobody said this", words)


def _in_order(evidence: Evidence, said: dict[str, list[Row]]) -> Iterator[Unexplained]:
    """What was said after another was acknowledged comes after it; and the numbers have no gap."""
    of_one: dict[str, list[Operation]] = defaultdict(list)
    for operation in evidence.history.of("say", outcome="ok"):
        if said.get(operation.facts["text"]):
            of_one[operation.who].append(operation)
    for who, operations in of_one.items():
        for earlier, later in pairwise(operations):
            first, second = (said[each.facts["text"]][0] for each in (earlier, later))
            is_after = earlier.ended_s is not None and earlier.ended_s < later.began_s
            if is_after and first["conversation_id"] == second["conversation_id"] and first["seq"] > second["seq"]:
                yield Unexplained("kept in another order", who, {"first": earlier.facts["text"]})
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in evidence.rows("SELECT conversation_id, seq FROM bot_message ORDER BY conversation_id, seq"):
        numbers[row["conversation_id"]].append(row["seq"])
    for conversation, found in numbers.items():
        if found != list(range(1, len(found) + 1)):
            yield Unexplained("its messages have a gap", conversation)


def _answered(evidence: Evidence, messages: list[Row]) -> Iterator[Unexplained]:
    echoes: dict[str, list[Row]] = defaultdict(list)
    for row in messages:
        if row["author"] == "assistant" and row["text"].startswith(ECHO):
            echoes[row["in_reply_to"]].append(row)
    text_of = {row["id"]: row["text"] for row in messages}
    lanes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    seq_of = {row["id"]: row["seq"] for row in messages}
    for turn in evidence.rows("SELECT message_id, conversation_id, status FROM bot_turn"):
        said, answers = text_of[turn["message_id"]], echoes.get(turn["message_id"], [])
        if turn["status"] == "answered" and len(answers) != 1:
            yield Unexplained("not answered once by its turn", said, {"answers": len(answers)})
        elif turn["status"] == "left_to_staff" and answers:
            yield Unexplained("left to a person, and answered", said, {"answers": len(answers)})
        for answer in answers:
            lanes[turn["conversation_id"]].append((seq_of[turn["message_id"]], answer["seq"]))
            if answer["text"] != f"{ECHO}{said}":
                yield Unexplained("answered by what answers another", said, {"answer": answer["text"]})
    for conversation, pairs in lanes.items():
        pairs.sort()
        if [answer for _, answer in pairs] != sorted(answer for _, answer in pairs):
            yield Unexplained("answered in another order", conversation)


def _ended(evidence: Evidence, messages: list[Row]) -> Iterator[Unexplained]:
    """Every message has a turn, which has ended; and one that was answered has something that answers it."""
    status = {row["message_id"]: row["status"] for row in evidence.rows("SELECT message_id, status FROM bot_turn")}
    answered = {row["in_reply_to"] for row in messages if row["author"] == "assistant"}
    for row in messages:
        if row["author"] != "customer":
            continue
        ended = status.get(row["id"])
        if ended is None:
            yield Unexplained("kept, and nobody is to answer it", row["text"])
        elif ended == "received":
            yield Unexplained("never answered", row["text"])
        elif ended == "answered" and row["id"] not in answered:
            yield Unexplained("said to be answered, and nothing answers it", row["text"])


def _one_speaker(evidence: Evidence, messages: list[Row]) -> Iterator[Unexplained]:
    """Between a person's taking over and giving back the assistant says nothing."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    since: dict[str, int] = {}
    query = "SELECT conversation_id, what, before, after FROM bot_act WHERE what IN ('claim', 'release') ORDER BY id"
    acts = [row | {"before": json_of(row["before"]), "after": json_of(row["after"])} for row in evidence.rows(query)]
    # By the conversation's own count, not by a clock that may have jumped.
    for row in sorted(acts, key=lambda row: int(row["after"]["version"])):
        if row["what"] == "claim":
            since[row["conversation_id"]] = row["after"]["last_seq"]
        elif row["conversation_id"] in since:
            spans[row["conversation_id"]].append((since.pop(row["conversation_id"]), row["before"]["last_seq"]))
    for row in messages:
        is_echo = row["author"] == "assistant" and row["text"].startswith(ECHO)
        for first, last in spans[row["conversation_id"]] if is_echo else ():
            if first < row["seq"] <= last:
                yield Unexplained("the assistant spoke while a person had it", row["text"], {"seq": row["seq"]})


def _left(evidence: Evidence, messages: list[Row]) -> Iterator[Unexplained]:
    """What is to be sent was taken by Twilio once; where it is uncertain whether it was, at most once."""
    text_of = {row["id"]: row["text"] for row in messages}
    copies = Counter({path.rpartition("/")[2]: count for path, count in evidence.taken.items()})
    queued = Counter[str]()
    for row in evidence.rows("SELECT id, message_id, status, channel FROM bot_outgoing"):
        queued[row["message_id"]] += 1
        said, count = text_of[row["message_id"]], copies[row["id"]]
        if count > 1:
            yield Unexplained("sent twice", said, {"copies": count})
        elif row["status"] in _SENT and count == 0:
            yield Unexplained("said to be sent, and Twilio has nothing", said, {"status": row["status"]})
        elif row["status"] in ("failed", "queued", "sending", "skipped"):
            yield Unexplained("never left", said, {"status": row["status"]})
    pushed = {row["id"] for row in evidence.rows("SELECT id FROM bot_conversation WHERE channel = 'whatsapp'")}
    for row in messages:
        if row["conversation_id"] in pushed and row["author"] != "customer" and not queued[row["id"]]:
            yield Unexplained("said, and never to be sent", row["text"])
