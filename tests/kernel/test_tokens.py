from datetime import timedelta

import jwt
import pytest
import time_machine

from kernel import clock, tokens
from kernel.tokens import Principal, TokenRefused

KEY = "k" * 48
ANA = Principal(role="customer", subject="ana", conversation_id="c1", verification=0)


def claims(**changes):
    good = {
        "iss": "comanda",
        "aud": "comanda-api",
        "sub": "ana",
        "role": "customer",
        "iat": clock.now(),
        "exp": clock.now() + timedelta(minutes=1),
    }
    good.update(changes)
    return {name: value for name, value in good.items() if value is not None}


def test_a_genuine_token_tells_who_is_asking():
    assert tokens.verify(tokens.mint(ANA, KEY, timedelta(minutes=1)), KEY) == ANA


FORGED = {  # case 90
    "no algorithm": lambda: jwt.encode(claims(), "", algorithm="none"),
    "another key": lambda: jwt.encode(claims(), "x" * 48, algorithm="HS256"),
    "another algorithm": lambda: jwt.encode(claims(), KEY * 2, algorithm="HS512"),
    "expired": lambda: jwt.encode(claims(exp=clock.now() - timedelta(seconds=1)), KEY, algorithm="HS256"),
    "issued in the future": lambda: jwt.encode(claims(iat=clock.now() + timedelta(hours=1)), KEY, algorithm="HS256"),
    "another audience": lambda: jwt.encode(claims(aud="elsewhere"), KEY, algorithm="HS256"),
    "no audience": lambda: jwt.encode(claims(aud=None), KEY, algorithm="HS256"),
    "another issuer": lambda: jwt.encode(claims(iss="mallory"), KEY, algorithm="HS256"),
    "no expiry": lambda: jwt.encode(claims(exp=None), KEY, algorithm="HS256"),
    "no subject": lambda: jwt.encode(claims(sub=None), KEY, algorithm="HS256"),
    "no role": lambda: jwt.encode(claims(role=None), KEY, algorithm="HS256"),
    "an unknown role": lambda: jwt.encode(claims(role="root"), KEY, algorithm="HS256"),
    "a key id that is a path": lambda: jwt.encode(claims(), "x", algorithm="HS256", headers={"kid": "../../dev/null"}),
    "cut short": lambda: tokens.mint(ANA, KEY, timedelta(minutes=1))[:-4],
    "not a token": lambda: "hola",
    "empty": lambda: "",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_token_that_is_not_genuine_is_refused(forge):  # case 90
    with pytest.raises(TokenRefused):
        tokens.verify(forge(), KEY)


def test_a_token_ends():
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False) as traveller:
        token = tokens.mint(ANA, KEY, timedelta(minutes=5))
        traveller.shift(timedelta(minutes=4, seconds=59))
        assert tokens.verify(token, KEY).subject == "ana"
        traveller.shift(timedelta(seconds=2))
        with pytest.raises(TokenRefused):
            tokens.verify(token, KEY)
