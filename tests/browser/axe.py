"""Faults of accessibility that axe finds on a page, in light and in dark."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_GRAVE = ("serious", "critical")


def faults_of(page: Page) -> list[str]:
    """Serious and critical faults of what `page` shows, what is folded up included: rule, where, and what is amiss."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.evaluate(AXE_SCRIPT)
    # Nothing but the contrast depends on it.
    return _faults(page, "dark", {"runOnly": ["color-contrast"]}) + _faults(page, "light", {})


def _faults(page: Page, scheme: Literal["light", "dark"], options: dict[str, Any]) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"], **options})
    return [
        f"{page.url} ({scheme}) {fault['id']}: {node['html'][:160]} {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in _GRAVE
        for node in fault["nodes"]
    ]
