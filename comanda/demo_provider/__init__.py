"""The demo's payment provider: its pay page, and the API by which the OMS speaks to it. No real money moves."""

from comanda.demo_provider.app import create_app

__all__ = ["create_app"]
