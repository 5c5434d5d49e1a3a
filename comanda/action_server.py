"""Serves the package `actions` to Rasa: one process, on loopback.

Rasa's own runner listens on every interface and puts a second process under the first, which outlives a `kill -9`
of its parent and keeps the port.
"""

from __future__ import annotations

import logging
import warnings

from comanda import telemetry
from kernel.config import get_settings
from kernel.logging import configure


def main() -> None:
    settings = get_settings()
    configure("actions", settings.log_level)
    telemetry.configure("actions", settings)
    logging.basicConfig(level=logging.WARNING)
    # A newer SDK answering a Rasa 3.6 server is how we mean it (docs/decisions/0002-two-environments.md).
    warnings.filterwarnings("ignore", module=r"rasa_sdk.*")

    from rasa_sdk.endpoint import create_app
    from rasa_sdk.executor import ActionExecutor
    from sanic import Sanic

    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app(executor, cors_origins=[])
    app.prepare(host="127.0.0.1", port=settings.actions_port, single_process=True, access_log=False, motd=False)
    Sanic.serve_single(primary=app)


if __name__ == "__main__":
    main()
