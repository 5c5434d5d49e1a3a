"""What is refused at the staff's door."""

from __future__ import annotations

from kernel.errors import NotFound, TooMany, Unauthenticated


class SignInRefused(Unauthenticated):
    """One answer for a wrong password, an unknown account and one that was closed."""

    code, title = "sign_in_refused", "E-mail or password is wrong"


class TooManySignIns(TooMany):
    """`params`: `retry_after_s`, seconds until the next attempt counts."""

    code, title = "too_many_sign_ins", "Too many failed attempts: wait a little"


class SessionEnded(Unauthenticated):
    """One answer for a session that was signed out of, ended by someone, or timed out."""

    code, title = "session_ended", "The session has ended: sign in again"


class StaffSessionNotFound(NotFound):
    code, title = "staff_session_not_found", "No such session"
