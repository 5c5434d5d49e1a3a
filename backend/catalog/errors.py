"""What the catalog and the shop refuse."""

from __future__ import annotations

from kernel.errors import Invalid, NotFound, Unavailable


class UnknownSku(NotFound):
    """`params`: `sku`, as it was asked for."""

    code, title = "unknown_sku", "We do not sell that"


class UnknownBarcode(NotFound):
    """`params`: `code`, as it was read."""

    code, title = "unknown_barcode", "No package has that code"


class UnknownCategory(NotFound):
    """`params`: `category`, as it was asked for."""

    code, title = "unknown_category", "There is no such category"


class UnknownUnit(Invalid):
    """`params`: `sku`, `name`, and `unit` as it was said."""

    code, title = "unknown_unit", "It is not sold in that unit"


class UnknownPaymentMethod(Invalid):
    """`params`: `payment_method`, as it was sent."""

    code, title = "unknown_payment_method", "The shop does not take that kind of payment"


class PaymentMethodInvalid(Invalid):
    """`params`: the `method` (None: the shop as a whole), the `reason`, and the `provider` that it is about."""

    code, title = "payment_method_invalid", "The shop cannot be paid like that"


class UnknownTaxClass(Invalid):
    """`params`: `tax_class`, as it was sent."""

    code, title = "unknown_tax_class", "There is no such tax class"


class CatalogueRefused(Invalid):
    """`params`: `problems` (each with `row`, `column`, `code` and `value`; the first hundred), and their `count`."""

    code, title = "catalogue_refused", "The catalogue cannot be brought in as it is"


class ShopNotSetUp(Unavailable):
    code, title = "shop_not_set_up", "This shop has not been set up yet: run `comanda seed`"
