"""Twilio's webhooks through a real nginx: the signature is of the address that the shop gave, whatever a proxy says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until
from tests.bot.twilio import ACCOUNT, TOKEN
from tests.journeys.product import free_ports

PUBLIC = "https://pedidos.example:8443"
# How a proxy hands on: bare and by HTTP/1.0; with all headers; streamed, and with headers that lie.
PROXIES = {
    "bare": "",
    "telling": "proxy_http_version 1.1; proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto https;"
    " proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Port 443;",
    "lying": "proxy_http_version 1.1; proxy_request_buffering off; proxy_set_header Host evil.example;"
    " proxy_set_header X-Forwarded-Proto http; proxy_set_header X-Forwarded-Host evil.example;",
}
PATHS = (
    "/channels/whatsapp",
    "/channels/whatsapp/",
    "/channels/whatsapp?shop=1&x=",
    "/channels/whatsapp?a=%20b&a=c%2Fd",
)
SERVER = "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{bot}; {how} }} }}"
NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  {servers}
}}
"""


def find_nginx() -> str:
    """Debian's, installed where that may be done."""
    if shutil.which("nginx") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "nginx-light"]):
            quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *command], env=quiet, stdout=subprocess.DEVNULL, timeout=300, check=False)
    return shutil.which("nginx") or pytest.skip("no nginx: apt-get install nginx-light")


@pytest.fixture
def proxies(own_bot: Running, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The address of each proxy before the bot."""
    nginx = find_nginx()
    own_bot.environment["PUBLIC_URL"] = PUBLIC
    own_bot.start_web()
    ports = dict(zip(PROXIES, free_ports(len(PROXIES)), strict=True))
    servers = [SERVER.format(port=ports[name], bot=own_bot.port, how=how) for name, how in PROXIES.items()]
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, servers="\n".join(servers)))
    process = subprocess.Popen([nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")])
    addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    try:
        wait_until(lambda: all(_answers(address) for address in addresses.values()), what="nginx")
        yield addresses
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


# case 2
@pytest.mark.chaos
def test_what_twilio_signed_is_taken_through_whatever_proxy_and_nothing_else(
    own_bot: Running, proxies: dict[str, str]
) -> None:
    passed = refused = 0
    for number, (name, path) in enumerate((name, path) for name in proxies for path in PATHS):
        # Empty, repeated and unknown ones, too.
        fields = [
            ("MessageSid", f"SM{number}"),
            ("AccountSid", ACCOUNT),
            ("From", "whatsapp:+573001112233"),
            ("Body", ""),
        ]
        fields += [("NumMedia", "0"), ("Interests", "a"), ("Interests", "b"), ("Invented", "tomorrow & today")]

        def post(signed_for: str, fields: list[tuple[str, str]] = fields, at: str = proxies[name] + path) -> int:
            signature = RequestValidator(TOKEN).compute_signature(signed_for, ImmutableMultiDict(fields))
            headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
            # What a stranger says of the way changes nothing.
            headers |= {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
            return httpx.post(at, content=urlencode(fields), headers=headers, trust_env=False).status_code

        passed += post(PUBLIC + path) == 200
        refused += post(f"http://evil.example{path}") == 403

    print(f"{passed} of 12 layouts pass, {refused} of 12 signed for another address are refused")
    assert (passed, refused) == (12, 12)
    assert own_bot.rows("SELECT count(*) FROM bot_message WHERE author = 'customer'") == [(12,)]
