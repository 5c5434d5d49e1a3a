"""What every answer tells a browser to refuse."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Everything from ourselves, nothing inline, in nobody's frame. A part that needs more names its own policy.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self' 'unsafe-inline'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# A year. Not for the shop's other names: whether those speak HTTPS is not ours to say.
STAY_ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}


class SecurityHeaders:
    """Adds `HEADERS` to every HTTP answer that does not set them itself, and `STAY_ENCRYPTED` where all is HTTPS."""

    def __init__(self, app: ASGIApp, *, is_encrypted: bool = False) -> None:
        self.app = app
        self.headers = HEADERS | (STAY_ENCRYPTED if is_encrypted else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
