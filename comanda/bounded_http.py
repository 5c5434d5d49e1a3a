"""HTTP whose heads are bounded in length and in time: uvicorn's own parser takes them however long and however slow.

A proxy in front does the same; a shop without one must not be held up by whoever sends a byte a minute.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# A head that comes in one piece is read whole, up to what a socket gives at once; one that goes on and on is cut off.
HEAD_BYTES_MOST = 64 * 1024
HEAD_WITHIN_S = 20.0


class BoundedHttp(HttpToolsProtocol):
    _head_bytes: int | None = None
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def on_message_begin(self) -> None:
        self._expect_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._forget_head()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MOST:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._forget_head()
        self._head_bytes = 0
        self._deadline = self.loop.call_later(HEAD_WITHIN_S, self.transport.close)

    def _forget_head(self, *_: Any) -> None:
        self._head_bytes = None
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
