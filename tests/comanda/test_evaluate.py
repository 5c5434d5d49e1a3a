"""The page of `comanda evaluate`: how much was understood, what was taken for what, the surest mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from comanda.evaluate import EvaluationFailed, Judged, evaluate, page, share

MESSAGES = [
    Judged("dónde está mi pedido", "es", "order_track", "order_track", 0.9),
    Judged("<b>where</b> is it", "en", "order_track", "goodbye", 0.8),
    Judged("y dos panes más", "es", "cart_add", "cart_add", 0.7),
    Judged("ya pues", "es", "affirm", "deny", 0.4),
]


def test_a_message_is_right_when_its_job_is_understood() -> None:
    assert share(MESSAGES) == 0.5
    assert Judged("ya", "es", "cart_show", "checkout_start", 0.5).is_right


def test_the_page_tells_the_shares_and_the_surest_mistake_first() -> None:
    shown = page(MESSAGES)

    assert "4 messages, 50.0% of their jobs understood" in shown
    assert '<tr><td>es<td class="n">66.7%<td class="n">3' in shown
    assert '<tr><td>en<td class="n">0.0%<td class="n">1' in shown
    assert shown.index("&lt;b&gt;where&lt;/b&gt; is it") < shown.index("ya pues")
    assert "<b>where" not in shown


@pytest.mark.parametrize("line", ["not json", '{"text": "hola"}', '{"text": "hola", "intent": "sing"}', "[1]"])
def test_a_line_without_a_known_meaning_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text('{"text": "hola", "intent": "greet"}\n' + line + "\n", encoding="utf-8")

    with pytest.raises(EvaluationFailed, match="line 2"):
        evaluate(file, tmp_path / "page.html")

    assert not (tmp_path / "page.html").exists()
