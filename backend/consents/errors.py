"""What may be refused about consents."""

from __future__ import annotations

from kernel.errors import Conflict


class PolicyChanged(Conflict):
    """Someone accepts a version that is no longer the one in force."""

    code, title = "policy_changed", "The privacy policy has changed since"
