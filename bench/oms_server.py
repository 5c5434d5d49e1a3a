"""The OMS alone in a process of its own, with an empty endpoint beside the real ones.

Start it with `python -m bench.oms_server PORT`, and the settings in the environment.
`POST /noop` does nothing in the way every endpoint of the OMS does its work: a plain function, run in a thread.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import Response

from backend.app import create_app
from kernel import garbage
from kernel.config import get_settings
from kernel.logging import configure


def main() -> None:
    settings = get_settings()
    configure("oms", settings.log_level)
    app = create_app(settings)

    @app.post("/noop")
    def noop() -> Response:
        return Response(b"{}", media_type="application/json")

    # As the process does that serves it (comanda/web.py).
    garbage.spare_what_stays()
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_config=None)


if __name__ == "__main__":
    main()
