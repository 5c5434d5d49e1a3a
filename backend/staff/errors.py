"""What is refused at the staff's door."""

from __future__ import annotations

from kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated, Unavailable


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


class StaffMemberNotFound(NotFound):
    code, title = "staff_member_not_found", "No such member"


class EmailTaken(Conflict):
    """`params`: the `email` that someone has already, active or not."""

    code, title = "staff_email_taken", "Someone has that e-mail address already"


class OwnAccount(Forbidden):
    code, title = "own_account", "Another admin changes your role, limits and account"


class LastAdmin(Conflict):
    code, title = "last_admin", "Without this member nobody could administer the shop"


class PasswordWrong(Forbidden):
    code, title = "password_wrong", "That is not your password"


class PasswordWeak(Invalid):
    """`params`: `minimum`, the least number of characters."""

    code, title = "password_weak", "A password is longer, and not one's own address or name"


class StaffLinkUnknown(NotFound):
    code, title = "staff_link_unknown", "The link is not one of ours, or was used"


class StaffLinkExpired(NotFound):
    code, title = "staff_link_expired", "The link is too old: ask an admin for a new one"


class OidcNotConfigured(NotFound):
    code, title = "oidc_not_configured", "This shop has no identity provider"


class OidcUnavailable(Unavailable):
    code, title = "oidc_unavailable", "The identity provider does not answer"
