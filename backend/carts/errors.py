"""What a cart refuses."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class InvalidQuantity(Invalid):
    """Not a positive number, or no whole count of base units. `params`: `quantity`, as it was sent."""

    code, title = "invalid_quantity", "That is not a quantity of this"


class QuantityTooLarge(Invalid):
    """`params`: `limit`, the most of one unit a line may hold."""

    code, title = "quantity_too_large", "That is more than one order may hold"


class CartFull(Invalid):
    """`params`: `limit`, the most lines a cart may hold."""

    code, title = "cart_full", "The cart holds no more lines"


class InvalidChange(Invalid):
    """`params`: `op`, and `missing`, the field it needs."""

    code, title = "invalid_change", "That change of the cart is incomplete"


class NotInCart(NotFound):
    """`params`: `sku`, as it was asked for."""

    code, title = "not_in_cart", "That is not in the cart"


class CartEmpty(Conflict):
    code, title = "cart_empty", "There is nothing in the cart"


class AddressMissing(Conflict):
    code, title = "address_missing", "Where should the order go?"


class PaymentMethodMissing(Conflict):
    code, title = "payment_method_missing", "How will the order be paid?"


class ConfirmationStale(Conflict):
    """`params`: `reason` (unknown, expired, changed, ordered) and `changes`, what differs from what was shown."""

    code, title = "confirmation_stale", "What was confirmed is no longer so"
