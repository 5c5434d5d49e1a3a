"""The one connection pool to the OMS; every call is made with the authority of the customer who writes."""

from __future__ import annotations

from backend.client import BackendClient
from backend.schemas.shop import Shop
from kernel import clock
from kernel.config import get_settings

# Opening hours and payment methods change rarely; every reply with a price needs the shop's locale.
SHOP_LIFETIME_S = 60

_pool: BackendClient | None = None
_shop: tuple[float, Shop] | None = None


def connect(client: BackendClient) -> None:
    """Use this client's connections from now on."""
    global _pool, _shop
    _pool, _shop = client, None


def acting_for(token: str) -> BackendClient:
    """The OMS as the customer of `token` may use it."""
    if _pool is None:
        connect(BackendClient(get_settings().backend_url))
    assert _pool is not None
    return _pool.with_token(token)


async def shop(client: BackendClient) -> Shop:
    """The shop's own facts, asked for at most once a minute."""
    global _shop
    now_s = clock.now().timestamp()
    if _shop is None or now_s - _shop[0] > SHOP_LIFETIME_S:
        _shop = (now_s, await client.shop())
    return _shop[1]


async def close() -> None:
    """Give the connections back."""
    if _pool is not None:
        await _pool.close()
