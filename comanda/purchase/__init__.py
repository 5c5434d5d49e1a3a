"""The page behind the link in a partner's e-mail: their purchase order, and their answers to it."""

from comanda.purchase.page import create_app

__all__ = ["create_app"]
