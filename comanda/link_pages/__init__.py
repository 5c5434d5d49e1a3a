"""What the pages behind signed links share: who may keep them, what they may do, which language they speak."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

_FRAME = Path(__file__).parent / "templates"

# What no link looks like is not asked about: it could be a path.
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")


def templates_in(folder: Path) -> Environment:
    """Templates that extend the frame all these pages have, `base.html`."""
    loader = FileSystemLoader([folder, _FRAME])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def content_security_policy(form_action: str = "'none'") -> str:
    """Nothing inline, nothing from elsewhere, no script at all."""
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self' data:",
            "base-uri 'none'",
            f"form-action {form_action}",
            "frame-ancestors 'none'",
        )
    )


def headers(form_action: str = "'none'") -> dict[str, str]:
    return {
        "Content-Security-Policy": content_security_policy(form_action),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        # The address is the key: it is told to nobody, and listed nowhere.
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
        "Vary": "Accept-Language",
    }


def wished_language(request: Request, languages: Container[str]) -> str | None:
    """The one asked for by `?lang=`."""
    wish = request.query_params.get("lang")
    return wish if wish is not None and wish in languages else None


def language_of(request: Request, languages: Container[str]) -> str:
    """The one asked for, else English for browsers that put it before Spanish, else Spanish."""
    accepted = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return wished_language(request, languages) or next((each for each in accepted if each in languages), "es")
