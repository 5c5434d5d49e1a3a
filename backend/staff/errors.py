"""What is refused at the staff's door."""

from __future__ import annotations

from kernel.errors import TooMany, Unauthenticated


class SignInRefused(Unauthenticated):
    """One answer for a wrong password, an unknown account and one that was closed."""

    code, title = "sign_in_refused", "E-mail or password is wrong"


class TooManySignIns(TooMany):
    """`params`: `retry_after_s`, seconds until the next attempt counts."""

    code, title = "too_many_sign_ins", "Too many failed attempts: wait a little"
