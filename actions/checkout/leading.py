"""Leading a customer on to whatever their order still lacks."""

from __future__ import annotations

from actions.turn import Turn

# Questions about something the customer wished for, which is not in the cart yet.
WISHES = frozenset({"variant", "unit", "quantity", "too_few", "short_to_add"})


def begin(turn: Turn, step: str | None = None) -> None:
    """Lead the customer on to whatever the order still lacks; `step` asks for one thing again.

    A wish that waits for an answer (which one? how many?) comes first: nothing is left out of an order unsaid.
    """
    turn.withdraw("checkout", "more")
    turn.ask("checkout", step=step)
    waiting = [question for question in turn.questions if question.kind in WISHES]
    if waiting:
        turn.questions = [question for question in turn.questions if question.kind not in WISHES] + waiting
        if not turn.questions[-1].context.get("comes_first"):
            turn.say("checkout_one_thing_first")
        for question in waiting:
            question.context["comes_first"] = True
