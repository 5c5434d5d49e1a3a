"""What is refused about customers."""

from __future__ import annotations

from kernel.errors import NotFound


class CustomerNotFound(NotFound):
    code, title = "customer_not_found", "There is no such customer"


class AddressNotFound(NotFound):
    code, title = "address_not_found", "There is no such address"
