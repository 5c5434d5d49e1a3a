"""What is refused about customers."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound, TooMany


class CustomerNotFound(NotFound):
    code, title = "customer_not_found", "There is no such customer"


class AddressNotFound(NotFound):
    code, title = "address_not_found", "There is no such address"


class IdentityNotFound(NotFound):
    code, title = "identity_not_found", "There is no such identity"


class IdentityNotLinked(Conflict):
    code, title = "identity_not_linked", "This identity is the customer's own: the others are linked to it"


class LinkCodeWrong(Invalid):
    code, title = "link_code_wrong", "That is not the code"


class LinkRequestOver(Conflict):
    code, title = "link_request_over", "This code or link is used, expired, or never was"


class LinkTooOften(TooMany):
    code, title = "link_too_often", "Too many codes were asked for or tried; wait ten minutes"


class PhoneUnreadable(Invalid):
    """`params`: `phone`, as it was said."""

    code, title = "phone_unreadable", "That is no telephone number"
