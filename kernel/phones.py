"""Phone numbers: the one form that all ways of writing a number share."""

from __future__ import annotations

import re

# The calling codes of the countries that shops are in. Source: ITU-T E.164.
CALLING_CODES = {
    "AR": "54", "BO": "591", "BR": "55", "CL": "56", "CO": "57", "CR": "506", "DO": "1", "EC": "593", "ES": "34",
    "GT": "502", "HN": "504", "MX": "52", "NI": "505", "PA": "507", "PE": "51", "PY": "595", "SV": "503", "US": "1",
    "UY": "598", "VE": "58",
}  # fmt: skip
_FEWEST, _MOST = 7, 15


def one_number(sender: str) -> str:
    """A phone number in the one form that all its forms share; what is no number (a user id) as it is.

    Mexico's mobiles are written with or without 1 after 52, Argentina's with or without 9 after 54, Brazil's with or
    without 9 before the eight digits of the line.
    """
    digits = sender.removeprefix("+")
    if not (sender.startswith("+") and digits.isdecimal()):
        return sender
    if digits.startswith("521") and len(digits) == 13:
        digits = "52" + digits[3:]
    elif digits.startswith("549") and len(digits) == 13:
        digits = "54" + digits[3:]
    elif digits.startswith("55") and len(digits) == 13 and digits[4] == "9":
        digits = digits[:4] + digits[5:]
    return f"+{digits}"


def phone_of(sender: str) -> str | None:
    """The number that a sender is, in the one form; None for one who is no number."""
    return one_number(sender) if sender.startswith("+") and sender[1:].isdecimal() else None


def meant(said: str, country: str) -> tuple[str, ...]:
    """The numbers that a person of `country` may mean by what they wrote: "300 111 2233", "+57 300…", "0057300…"."""
    digits = re.sub(r"\D", "", said)
    is_abroad = said.strip().startswith(("+", "00"))
    digits = digits.removeprefix("00") if is_abroad else digits
    if not _FEWEST <= len(digits) <= _MOST:
        return ()
    if is_abroad:
        return (one_number(f"+{digits}"),)
    home = CALLING_CODES.get(country, "")
    return tuple(dict.fromkeys((one_number(f"+{home}{digits}"), one_number(f"+{digits}"))))
