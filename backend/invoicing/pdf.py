"""A document as a PDF: typeset from plain words and figures, no system package, no font of the machine."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import segno
import typst

_TEMPLATE = Path(__file__).with_name("invoice.typ")


def typeset(page: dict[str, Any], issued_at: datetime, template: Path = _TEMPLATE) -> bytes:
    """The PDF of a `page`, whose parts the template names; its `code` becomes a QR. The same page, the same bytes."""
    data = json.dumps(page | {"qr": qr(page["code"]).svg_inline(border=0, dark="#2b211d")}, ensure_ascii=False)
    return typst.compile(
        template.read_bytes(),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"data": data},
        timestamp=int(issued_at.timestamp()),
    )


def qr(code: str) -> segno.QRCode:
    """Never of the micro kind that a short code would get by itself: the cameras of telephones do not read it."""
    return segno.make_qr(code, error="m")


@cache
def _fonts() -> typst.Fonts:
    """Ours and those of the typesetter, read once: a machine's own would make the same page look otherwise."""
    folder = Path(str(files("font_source_sans_pro"))) / "files"
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])
