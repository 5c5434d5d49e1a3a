"""Web and worker under the supervisor, as `comanda up` has them, without Rasa and the actions.

Started with `python -m bench.storm.parts`, and the settings in the environment.
"""

from __future__ import annotations

import signal

from comanda import processes
from comanda.progress import say
from comanda.supervisor import Supervisor
from kernel.config import get_settings

READY = "Comanda is ready"
TIMEOUT_S = 200.0


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = get_settings()
    try:
        with Supervisor(settings.home) as supervisor:
            supervisor.start(processes.web(settings))
            supervisor.start(processes.worker(settings))
            for name in ("web", "worker"):
                supervisor.wait_until_ready(name, TIMEOUT_S)
            say(READY)
            supervisor.run_for_ever()
    except KeyboardInterrupt:
        say("ended")


if __name__ == "__main__":
    main()
