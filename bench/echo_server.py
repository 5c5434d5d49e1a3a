"""An echo over a socket and over HTTP, on the web server that Comanda uses: `python -m bench.echo_server PORT`."""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        pass


async def echo_once(request: Request) -> Response:
    return Response(await request.body(), media_type="application/json")


def main() -> None:
    app = Starlette(routes=[WebSocketRoute("/", echo), Route("/", echo_once, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_config=None)


if __name__ == "__main__":
    main()
