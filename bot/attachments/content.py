"""What a file is, by its content alone; the one file that knows Pillow."""

from __future__ import annotations

import struct
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from bot.attachments.errors import AttachmentEmpty, AttachmentUnreadable, AttachmentUnsupported

PDF = "application/pdf"
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", PDF: "pdf"}
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
# What phones make. A JPEG is decoded at a fraction of its size, the others whole: so they may be smaller.
PIXELS_MOST = {"image/jpeg": 50_000_000, "image/png": 24_000_000, "image/webp": 24_000_000}
# Enough to read the small print of a receipt, whatever its shape.
PIXELS_KEPT = 6_000_000
_QUALITY = 88
# A PDF ends with its mark; what a scanner appends after it is short.
_PDF_END_WITHIN = 2048
# One picture at a time is decoded: what that takes of memory is bounded, however many customers send one.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Content:
    type: str
    width: int | None = None
    height: int | None = None


def make_safe(received: Path, kept: Path) -> Content:
    """Write what is worth keeping of a received file to `kept`, and say what it is.

    A picture is decoded and written anew, turned as its camera said: what was hidden in it or after it (place, owner,
    another file) stays behind. A PDF is kept as it came.
    Raises: AttachmentEmpty, AttachmentUnsupported, AttachmentUnreadable; what is at `kept` then is no one's.
    """
    type_ = _type_of(received)
    if type_ == PDF:
        if not _has_pdf_end(received):
            raise AttachmentUnreadable("the PDF has no end")
        kept.write_bytes(received.read_bytes())
        return Content(PDF)
    with _one_at_a_time:
        return _write_anew(received, kept, type_)


def _type_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise AttachmentEmpty
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start.startswith((b"%PDF-1.", b"%PDF-2.")):
        return PDF
    raise AttachmentUnsupported


def _has_pdf_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _PDF_END_WITHIN, 0))
        return b"%%EOF" in file.read()


def _write_anew(received: Path, kept: Path, type_: str) -> Content:
    try:
        with warnings.catch_warnings():
            # Our own limit is stricter than the one that Pillow warns at.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(received, formats=[_FORMATS[type_]]) as opened:
                picture = _decode(opened, type_)
        options = {"optimize": True} if type_ == "image/png" else {"quality": _QUALITY}
        picture.save(kept, _FORMATS[type_], **options)
    # What Pillow's decoders raise for content that is not what it claims to be.
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, OverflowError, IndexError, KeyError,
            ZeroDivisionError, struct.error, Image.DecompressionBombError) as error:  # fmt: skip
        if isinstance(error, OSError) and error.errno is not None:
            # The disk, and no fault of the picture.
            raise
        raise AttachmentUnreadable(type(error).__name__) from error
    return Content(type_, picture.width, picture.height)


def _decode(opened: Image.Image, type_: str) -> Image.Image:
    """The picture's pixels and nothing else of it."""
    if opened.width * opened.height > PIXELS_MOST[type_]:
        raise AttachmentUnreadable("too many pixels")
    size = _kept_size(opened.width, opened.height)
    opened.draft("RGB", size)
    opened.load()
    turned = ImageOps.exif_transpose(opened)
    has_alpha = "A" in turned.getbands() or "transparency" in turned.info
    plain = turned.convert("RGBA" if has_alpha and type_ != "image/jpeg" else "RGB")
    kept_size = _kept_size(plain.width, plain.height)
    if kept_size != plain.size:
        plain = plain.resize(kept_size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    # Profiles, comments and the like would be written along.
    plain.info.clear()
    return plain


def _kept_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, (PIXELS_KEPT / (width * height)) ** 0.5)
    return max(1, int(width * scale)), max(1, int(height * scale))
