"""Plurals of the names of units, in both languages."""

from __future__ import annotations


def plural(word: str, language: str) -> str:
    """Cajas, galones, boxes, pounds."""
    if word.endswith("s"):
        return word
    if language == "en":
        return word + ("es" if word.endswith(("x", "ch", "sh")) else "s")
    return word.replace("ón", "on") + "es" if word[-1] not in "aeiouáéó" else word + "s"
