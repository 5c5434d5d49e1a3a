"""The page behind a tracking link: where the parcels of an order are, for whoever has the link."""

from comanda.tracking.page import create_app

__all__ = ["create_app"]
