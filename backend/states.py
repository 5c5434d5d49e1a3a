"""The page that shows which step follows which, made from the tables that decide it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path

from backend.fulfillment.errors import FulfillmentStepIllegal
from backend.fulfillment.service import STEPS as FULFILLMENT_STEPS
from backend.orders.errors import IllegalStep
from backend.orders.status import STEPS as ORDER_STEPS
from backend.returns.errors import ReturnStepIllegal
from backend.returns.states import STEPS as RETURN_STEPS

PAGE = Path(__file__).parent.parent / "docs" / "order-states.md"
AXES: dict[str, tuple[str, Mapping[str, Set[str]]]] = {
    "An order": (IllegalStep.code, ORDER_STEPS),
    "A fulfillment": (FulfillmentStepIllegal.code, FULFILLMENT_STEPS),
    "A return": (ReturnStepIllegal.code, RETURN_STEPS),
}

HEAD = """# What follows what

Made from the tables in the code by `python -m backend.states`; a test sees to it that this page is current.
A step that is not drawn here is refused with 409 and a code, and changes nothing.
"""


def draw(axes: Mapping[str, tuple[str, Mapping[str, Set[str]]]]) -> str:
    """Markdown: for each title the code of the refusal, and the table as a Mermaid state diagram."""
    parts = [HEAD]
    for title, (code, steps) in axes.items():
        followed = {after for some in steps.values() for after in some}
        lines = [f"    [*] --> {status}" for status in steps if status not in followed]
        lines += [f"    {status} --> {after}" for status in steps for after in sorted(steps[status])]
        lines += [f"    {status} --> [*]" for status in steps if not steps[status]]
        diagram = "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])
        parts.append(f"## {title}\n\nRefused with `{code}`.\n\n{diagram}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(draw(AXES), encoding="utf-8")
