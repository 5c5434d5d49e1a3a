"""The desks of the console: what each is called, where it begins, and whose work it is."""

from __future__ import annotations

from dataclasses import dataclass

ROLE_GRANT = "role:"
ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Tab:
    """`section` is what the desk's pages name themselves by, and the word on its tab; `roles` those who work at it."""

    section: str
    path: str
    roles: frozenset[str]


def _tab(section: str, path: str, *roles: str) -> Tab:
    return Tab(section, path, frozenset(roles))


# In the order in which they stand; a desk adds its line. What its pages may do is the OMS's and the bot's to judge.
TABS = (
    _tab("conversations", "/", "agent", "sales"),
    _tab("sales", "/sales", "sales"),
    _tab("warehouse", "/warehouse", "warehouse"),
    _tab("orders", "/orders", "agent", "sales", "warehouse", "finance"),
    _tab("payments", "/payments", "finance"),
    _tab("mail", "/mail", "agent", "sales", "finance"),
    _tab("insights", "/insights", "agent", "sales", "finance"),
    _tab("catalog", "/catalog", ADMIN),
    _tab("staff", "/staff", ADMIN),
)


def tabs_of(roles: frozenset[str]) -> tuple[Tab, ...]:
    """The desks that a member works at: all of them for an admin."""
    return TABS if ADMIN in roles else tuple(tab for tab in TABS if tab.roles & roles)
