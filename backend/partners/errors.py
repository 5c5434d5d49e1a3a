"""What is refused about partners and purchase orders."""

from __future__ import annotations

from kernel.errors import ComandaError, Conflict, Invalid, NotFound


class PartnerNotFound(NotFound):
    code, title = "partner_not_found", "There is no such partner"


class PartnerTaken(Conflict):
    """`params`: `partner`, the code that another partner has."""

    code, title = "partner_taken", "Another partner has that code"


class SupplyTaken(Conflict):
    """`params`: `sku`, and the `partner` who supplies it now."""

    code, title = "supply_taken", "Another partner supplies that"


class SupplyNotFound(NotFound):
    """`params`: `sku`."""

    code, title = "supply_not_found", "The partner does not supply that"


class PurchaseOrderNotFound(NotFound):
    """Another partner's is as unknown as none."""

    code, title = "purchase_order_not_found", "There is no such purchase order"


class PurchaseOrderChanged(Conflict):
    """`params`: `number`, and the `version` and `status` it has now."""

    code, title = "purchase_order_changed", "The purchase order has changed meanwhile: look at it again"


class PurchaseOrderStepIllegal(Conflict):
    """`params`: `number`, `status`, and the refused `step`."""

    code, title = "purchase_order_step_illegal", "A purchase order does not go from there to there"


class ShipsOnImpossible(Invalid):
    """`params`: `earliest` and `latest`, the days it can be."""

    code, title = "ships_on_impossible", "It can not leave on that day"


class SupplierRequired(Invalid):
    """`params`: `sku`."""

    code, title = "supplier_required", "Say to which supplier it goes back"


class SupplierNoteNotFound(NotFound):
    code, title = "supplier_note_not_found", "There is no such debit note"


class PurchaseLinkUnknown(NotFound):
    code, title = "purchase_link_unknown", "This link opens nothing"


class PurchaseLinkExpired(ComandaError):
    code, status, title = "purchase_link_expired", 410, "This link has ended"
