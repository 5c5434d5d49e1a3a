"""Read by every Python process that has this folder on its path: notes, and refuses, each try to reach beyond loopback.

Lines of `EGRESS_LOG`: `listening <process>` once for each, `tried <process> <event> <address>` for what is refused.
"""

import errno
import ipaddress
import os
import sys

_LOG = os.environ.get("EGRESS_LOG", "")
_EVENTS = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}


def _write(line):
    with open(_LOG, "a", encoding="utf-8") as log:
        log.write(f"{line}\n")


def _is_near(host):
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _hook(event, arguments):
    if event not in _EVENTS:
        return
    given = arguments[_EVENTS[event]]
    # A path of a socket on this machine; or a message over a connection that is there.
    if event != "socket.getaddrinfo" and not isinstance(given, tuple):
        return
    host = given[0] if isinstance(given, tuple) else given
    if not _is_near(host):
        _write(f"tried {_NAME} {event} {host}")
        raise OSError(errno.ENETUNREACH, "beyond loopback")


if _LOG:
    _NAME = " ".join(sys.orig_argv[1:4])
    _write(f"listening {_NAME}")
    sys.addaudithook(_hook)
