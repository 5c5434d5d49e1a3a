"""The TLS settings that every HTTP client of ours shares."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def context() -> ssl.SSLContext:
    """Made once a process: reading the system's certificates costs more than many calls."""
    return httpx.create_ssl_context()
