"""Secrets of channels: in no log of the real processes, whatever they log."""

from __future__ import annotations

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until
from tests.bot.telegram import TOKEN as TELEGRAM_TOKEN
from tests.bot.telegram import example
from tests.bot.twilio import TOKEN

HEADER = "X-Telegram-Bot-Api-Secret-Token"


# case 4
@pytest.mark.chaos
def test_no_log_says_a_secret_whatever_goes_wrong(own_bot: Running, capfd: pytest.CaptureFixture[str]) -> None:
    own_bot.environment["LOG_LEVEL"] = "DEBUG"
    own_bot.telegram.fail, own_bot.twilio.fail = [b"<html>502</html>"], [(503, None, 0)]
    own_bot.start_web()
    own_bot.start_worker()
    secret = own_bot.settings.telegram_secret()
    wrong = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    said = example("Message", text="hola", **{"from": {"id": 42, "is_bot": False, "first_name": "Ana"}})
    fields = {"MessageSid": "SM1", "From": "whatsapp:+573001112233", "NumMedia": "0", "Body": "hola"}
    address = f"{own_bot.url}/channels/whatsapp"
    signature = RequestValidator(TOKEN).compute_signature(address, fields)

    answers = []
    for told in (wrong, secret.upper(), "x" * 7_000, secret):
        update = {"update_id": 1, "message": said}
        answers.append(httpx.post(f"{own_bot.url}/channels/telegram", json=update, headers={HEADER: told}))
    for told in ("wrong", signature):
        answers.append(httpx.post(address, data=fields, headers={"X-Twilio-Signature": told}))
    tried = "SELECT 1 FROM bot_outgoing WHERE attempts > 0 AND status <> 'sending'"
    wait_until(lambda: len(own_bot.rows(tried)) == 2, timeout_s=120, what="a try on each channel")
    own_bot.stop()

    logs = "".join(capfd.readouterr())
    secrets = [secret, wrong, TELEGRAM_TOKEN, TOKEN, signature, own_bot.environment["COMANDA_SECRET"]]
    hits = sum(logs.count(each) for each in secrets)
    refused = logs.count("webhook_refused")
    print(f"{len(logs.splitlines())} lines of logs: {refused} refusals, {hits} secrets")
    assert [each.status_code for each in answers] == [403, 403, 403, 200, 403, 200]
    assert (refused, hits) == (4, 0)
