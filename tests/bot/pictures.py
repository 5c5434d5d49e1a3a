"""Files as customers, and others, send them: made here, none is kept in the repository."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 80), seed: int = 1, **options: Any) -> bytes:
    """A picture that looks like no other seed's."""
    image = Image.new("RGB", size, (250, 250, 245))
    draw = ImageDraw.Draw(image)
    for line in range(6):
        y = size[1] * line // 6
        draw.rectangle((2, y, 2 + (seed * 7 + line * 11) % size[0], y + size[1] // 12), fill=(30, 60, seed * 40 % 255))
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def with_place(seed: int = 1, *, orientation: int = 1, kind: str = "JPEG") -> bytes:
    """A photo in which the camera wrote where it was taken, by whom, and how it was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Ana Owner"
    exif.get_ifd(0x8825).update({1: "N", 2: (4.0, 36.0, 35.0), 3: "W", 4: (74.0, 4.0, 54.0)})
    comment = {"comment": "Ana Owner"} if kind == "JPEG" else {}
    return picture(kind, seed=seed, exif=exif, icc_profile=b"Ana Owner", **comment)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims to be so large, and is a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def large_png(width: int, height: int) -> bytes:
    """A PNG that really is so large, of one colour."""
    written = io.BytesIO()
    Image.new("L", (width, height)).save(written, "PNG")
    return written.getvalue()
