"""Sending to addresses that others gave us: signed, in bounded time, and never into our own network."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
from standardwebhooks.webhooks import Webhook

from kernel import clock, tls

TIMEOUT_S = 10.0
BODY_MOST_BYTES = 256_000
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`is_gone`: the receiver wants no more (HTTP 410). `reason` is short and holds nothing the receiver wrote."""

    is_delivered: bool
    is_gone: bool = False
    reason: str | None = None


class AddressRefused(Exception):
    """The name leads to an address that is not of the public internet."""


class Sender:
    """Posts events. `own_urls` are our own services, which the configuration names: they alone may be private."""

    def __init__(self, own_urls: Iterable[str] = (), *, timeout_s: float = TIMEOUT_S) -> None:
        self._own_urls = frozenset(own_urls)
        self._timeout_s = timeout_s

    def send(self, url: str, secret: str, event_id: str, body: str) -> Outcome:
        """Post `body`, signed. Only a 2xx is a delivery; a redirect is not followed, and the answer is not read.

        Source: https://www.standardwebhooks.com (headers, signature, status codes).
        """
        if len(body.encode()) > BODY_MOST_BYTES:
            return Outcome(False, reason="the event is too large")
        network = _Network(time.monotonic() + self._timeout_s, may_be_private=url in self._own_urls)
        try:
            with httpcore.ConnectionPool(ssl_context=tls.context(), network_backend=network, retries=0) as pool:
                headers, extensions = _headers(secret, event_id, body), {"timeout": self._timeouts()}
                with pool.stream(
                    "POST", url, headers=headers, content=body.encode(), extensions=extensions
                ) as response:
                    return _outcome(response.status)
        except AddressRefused as refused:
            return Outcome(False, reason=f"address refused: {refused}")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            return Outcome(False, reason=type(error).__name__)
        except (OSError, ValueError, httpcore.UnsupportedProtocol) as error:
            return Outcome(False, reason=type(error).__name__)

    def _timeouts(self) -> dict[str, float]:
        return dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s)


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(True)
    return Outcome(False, is_gone=status == 410, reason=f"HTTP {status}")


def _headers(secret: str, event_id: str, body: str) -> dict[bytes | str, bytes | str]:
    now = clock.now()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Comanda-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": _sign(secret, event_id, now, body),
    }


def _sign(secret: str, event_id: str, at: datetime, body: str) -> str:
    return str(Webhook(secret).sign(event_id, at, body))


def is_public(address: str) -> bool:
    """Is this an address of the public internet? One that carries an IPv4 address inside is judged by that."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inside is None and found in _NAT64:
            inside = IPv4Address(int(found) & 0xFFFF_FFFF)
        if inside is not None:
            return is_public(str(inside))
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_unspecified


class _Network(httpcore.NetworkBackend):
    """Looks a name up once, judges what it leads to, and connects to that very address.

    The name can so not mean one thing to the check and another to the connection; TLS and the Host header keep it.
    """

    def __init__(self, deadline: float, *, may_be_private: bool) -> None:
        self._deadline = deadline
        self._may_be_private = may_be_private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self._may_be_private:
            for address in addresses:
                if not is_public(address):
                    raise AddressRefused("not a public address")
        left = max(self._deadline - time.monotonic(), 0.001)
        return _Stream(
            self._sockets.connect_tcp(addresses[0], port, left, local_address, socket_options), self._deadline
        )

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise AddressRefused("not an address of the internet")


class _Stream(httpcore.NetworkStream):
    """A stream that ends at a deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def _left(self, error: type[Exception]) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise error("the deadline has passed")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._left(httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
