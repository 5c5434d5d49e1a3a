"""The demo shop's page: what a shop that embeds the chat looks like, and visibly only a demonstration."""

from comanda.storefront.page import create_app

__all__ = ["create_app"]
