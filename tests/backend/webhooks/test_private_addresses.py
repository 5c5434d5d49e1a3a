"""Whatever address a subscriber names, we never connect into our own network."""  # case 31

from __future__ import annotations

import socket

import pytest

from backend.webhooks.sending import Sender, is_public
from backend.webhooks.service import new_secret
from tests.backend.webhooks.receiver import Receiver

HOSTS = (
    "127.0.0.1", "127.1", "127.255.255.254", "0.0.0.0", "0", "localhost", "LOCALHOST", "localhost.", "2130706433",
    "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1", "172.16.0.1",
    "192.168.1.1", "100.64.0.1", "169.254.169.254", "[fe80::1]", "[fc00::1]", "224.0.0.1", "255.255.255.255",
    "198.18.0.1", "[::127.0.0.1]",
)  # fmt: skip


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def connections(monkeypatch):
    """Every address that a socket of this process connects to."""
    made = []
    connect = socket.socket.connect

    def watched(self, address):
        made.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    return made


@pytest.mark.parametrize("host", HOSTS)
def test_no_private_address_is_connected_to_in_whatever_spelling(receiver, connections, host):
    url = receiver.url.replace("127.0.0.1", host)

    outcome = Sender(timeout_s=2).send(url, new_secret(), "e", "{}")

    print(f"connections to a private address {len(connections)}")
    assert not outcome.is_delivered
    assert connections == []
    assert receiver.requests == 0


def test_a_name_is_looked_up_once_and_what_was_judged_is_what_is_connected_to(receiver, connections, monkeypatch):
    """DNS rebinding: the name means a public address to the first who asks and loopback to the second."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    asked = []

    def rebinding(host, port, *_, **__):
        asked.append(host)
        addresses = answers.pop(0) if host == "rebind.example" else [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr("backend.webhooks.sending.socket.getaddrinfo", rebinding)
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: connections.append(address) or _unreachable())

    outcome = Sender(timeout_s=2).send("http://rebind.example/hook", new_secret(), "e", "{}")

    assert not outcome.is_delivered
    assert asked.count("rebind.example") == 1
    assert connections == [("93.184.216.34", 80)]
    assert receiver.requests == 0


def test_one_private_address_among_several_is_enough_to_refuse(connections, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr("backend.webhooks.sending.socket.getaddrinfo", lambda *_, **__: found)

    assert Sender(timeout_s=2).send("http://two.example/", new_secret(), "e", "{}").reason == (
        "address refused: not a public address"
    )
    assert connections == []


def test_our_own_service_is_exempt_by_its_very_address_and_nothing_beside_it(receiver):
    receiver.secret = secret = new_secret()
    sender = Sender([receiver.url], timeout_s=2)

    assert sender.send(receiver.url, secret, "e", "{}").is_delivered
    assert not sender.send(receiver.url + "/other", secret, "e", "{}").is_delivered
    assert receiver.requests == 1


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_the_public_internet_is_public(address):
    assert is_public(address)


def _unreachable():
    raise OSError("no route")
