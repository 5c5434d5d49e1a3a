"""The page behind the link to an invoice or a note, for whoever has the link."""

from comanda.documents.page import create_app

__all__ = ["create_app"]
