"""WhatsApp by Twilio: the only file that knows either.

Sources: Twilio, "Security: validating requests", "Messages resource", "WhatsApp: overview", "Guidance on WhatsApp media
messages", error dictionary.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.datastructures import ImmutableMultiDict
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)
from twilio.rest import Client

from bot.channels.base import (
    Approved,
    Arrival,
    Copies,
    DeliveryState,
    Health,
    Limits,
    MediaGone,
    News,
    Outcome,
    OutcomeKind,
    OutgoingMessage,
    Part,
    Progress,
    SignatureWrong,
    Webhook,
    WebhookUnreadable,
    json_object,
    place_in_words,
    storable,
)
from bot.channels.rendering import beside_buttons, numbered, shortened, split
from bot.channels.templates import Templates, one_line
from bot.channels.whatsapp_setup import Content, Sender, lacking, sender_faults, template_faults
from kernel import tls
from kernel.config import Settings
from kernel.errors import Unavailable
from kernel.phones import one_number

CHANNEL = "whatsapp"
_PREFIX = "whatsapp:"
TEXT_MOST = 1_600
# Of a message with buttons or a list.
QUESTION_MOST = 1_024
BUTTONS_MOST, BUTTON_MOST = 3, 20
ROWS_MOST, ROW_MOST, ROW_MORE_MOST = 10, 24, 72
MEDIA_MOST = 10
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
_API = "https://api.twilio.com"
# Every product of Twilio's has a host of its own.
_HOST = re.compile(r"https://\w+\.twilio\.com")
# Everyone's, to try WhatsApp with: it is nobody's sender.
_SANDBOX = "+14155238886"
# Where a file's address may lead: to Twilio itself, and to where it keeps files.
_KEPT_AT = re.compile(r"(?:[\w-]+\.)*(?:twilio|twiliocdn)\.com|s3(?:[.-][\w-]+)*\.amazonaws\.com")
_LED_ON_MOST = 3
# What the door has a customer send, perhaps with words of theirs.
_TOKEN = re.compile(r"\s*#([A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])")
_LATER_S, _THROTTLED_S, _ALARMED_S = 5.0, 10.0, 60.0
# Of a day's messages to one customer, so many are looked through; of those that left on no day yet, the latest.
LISTED_MOST, _LATEST = 1_000, 50
# Twilio's clock is not ours, and tells whole seconds.
_CLOCKS_APART = timedelta(seconds=60)

# What each error means to us. Source: Twilio's error and warning dictionary.
ERRORS: dict[int, OutcomeKind] = {
    63016: "window_closed",
    63018: "throttled",
    20429: "throttled",
    21610: "opted_out",
    21211: "bad_address",
    63003: "bad_address",
    63024: "bad_address",
    30008: "undelivered",
    20003: "bad_credentials",
    # The account is suspended, out of money mostly; the number is nobody's sender.
    20005: "bad_credentials",
    30002: "bad_credentials",
    90010: "bad_credentials",
    63002: "bad_credentials",
    63007: "bad_credentials",
}
_STATES: dict[str, DeliveryState | None] = {
    "accepted": None,
    "queued": None,
    "sending": None,
    "scheduled": None,
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
}


class WhatsApp:
    name = CHANNEL
    # Twilio's default for a WhatsApp sender is 80 messages a second.
    limits = Limits(text=TEXT_MOST, per_second=80, window=timedelta(hours=24))

    def __init__(self, settings: Settings) -> None:
        token = settings.twilio_auth_token.get_secret_value()
        older = settings.twilio_auth_token_secondary.get_secret_value()
        self._validators = [RequestValidator(each) for each in (token, older) if each]
        self._public_url = settings.public_url
        self._account = settings.twilio_account_sid
        self._token = token
        self._from = _PREFIX + settings.twilio_whatsapp_from.removeprefix(_PREFIX)
        self._base = settings.twilio_api_base
        self._http = _Http(self._base)
        self._client = Client(self._account, token, http_client=self._http)
        self._templates = Templates.read(settings.whatsapp_templates)

    @classmethod
    def of(cls, settings: Settings) -> WhatsApp | None:
        """The channel of a shop that has a number with Twilio."""
        given = (settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value())
        return cls(settings) if all(given) and settings.twilio_whatsapp_from else None

    # in

    def verify(self, webhook: Webhook) -> None:
        # What a proxy says of the address is not asked: it is the one that the shop gave Twilio.
        url = f"{self._public_url}{webhook.path}"
        signature = webhook.headers.get(SIGNATURE_HEADER, "")
        algorithm = get_signature_algorithm(webhook.headers.get(SIGNATURE_SETTINGS_HEADER, ""))
        body = webhook.body.decode("utf-8", "strict") if _is_utf8(webhook.body) else None
        if not signature.isascii() or body is None:
            raise SignatureWrong
        if _is_json(webhook):
            # The signature is of the address alone: it must carry the body's hash.
            if "bodySHA256=" not in webhook.path:
                raise SignatureWrong
            params: Any = body
        else:
            params = ImmutableMultiDict(_pairs(body))
        if not any(each.validate(url, params, signature, algorithm) for each in self._validators):
            raise SignatureWrong

    def parse(self, webhook: Webhook) -> Arrival | None:
        fields = _fields(webhook)
        sender, message_id = fields.get("From", ""), fields.get("MessageSid") or fields.get("SmsMessageSid", "")
        if not sender.startswith(_PREFIX) or len(sender) > 128 or not 0 < len(message_id) <= 64:
            raise WebhookUnreadable
        if one_number(sender.removeprefix(_PREFIX)) == one_number(self._from.removeprefix(_PREFIX)):
            # Our own words, come back to us.
            return None
        media, voice, kind = _media(fields)
        text, start_token = _token(fields.get("Body", ""))
        if fields.get("Latitude") and fields.get("Longitude"):
            text, kind = _place(fields), "location"
        token = fields.get("ButtonPayload") or fields.get("ListId") or None
        text = text or fields.get("ButtonText") or fields.get("ListTitle", "")
        if not text.strip() and not media and kind is None:
            kind = "unknown"
        return Arrival(
            sender.removeprefix(_PREFIX),
            message_id,
            text,
            token,
            media,
            kind,
            start_token=start_token,
            voice=voice if kind == "voice" else None,
        )

    def acknowledge(self, arrival: Arrival) -> None:
        """Twilio waits for nothing."""

    def progress(self, webhook: Webhook) -> Progress:
        fields = _fields(webhook)
        message_id = fields.get("MessageSid") or fields.get("SmsSid", "")
        status = fields.get("MessageStatus") or fields.get("SmsStatus", "")
        if not message_id or len(message_id) > 64:
            raise WebhookUnreadable
        error = fields.get("ErrorCode", "")
        code = int(error) if error.isascii() and error.isdecimal() and len(error) < 9 else None
        state = _STATES.get(status)
        return Progress(message_id, state, failure_of(code) if state == "failed" else None)

    def same_person(self, sender: str) -> str:
        return one_number(sender)

    @asynccontextmanager
    async def fetch(self, media: str) -> AsyncIterator[AsyncIterator[bytes]]:
        # The password goes to Twilio alone; where it sends us on to gets none.
        if not media.startswith((f"{_API}/", f"{self._base}/")):
            raise MediaGone
        client = httpx.AsyncClient(
            timeout=TIMEOUT,
            auth=(self._account, self._token),
            follow_redirects=True,
            max_redirects=_LED_ON_MOST,
            event_hooks={"request": [self._check_host]},
            verify=tls.context(),
        )
        try:
            async with client, client.stream("GET", media.replace(_API, self._base, 1)) as response:
                if response.status_code in (400, 401, 403, 404, 410):
                    raise MediaGone
                if response.status_code != httpx.codes.OK:
                    raise Unavailable(f"HTTP {response.status_code}")
                yield response.aiter_bytes()
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__) from error

    async def _check_host(self, request: httpx.Request) -> None:
        """Before each connection, the ones we are led on to as well. Raises: MediaGone."""
        url = request.url
        is_kept_there = url.scheme == "https" and _KEPT_AT.fullmatch(url.host) is not None
        if not is_kept_there and not str(url).startswith(f"{self._base}/"):
            raise MediaGone

    def door(self) -> str:
        return f"https://wa.me/{self._from.removeprefix(_PREFIX).removeprefix('+')}?text={{text}}"

    # out

    def render(self, message: OutgoingMessage) -> list[Part]:
        # A PDF has no words of its own there, and is fetched from us; so it comes after what is said of it.
        files: list[Part] = [{"media": each.url} for each in message.enclosures if each.url.startswith("https://")]
        asked = self._with_buttons(message) or self._with_list(message)
        if asked:
            return [asked, *files]
        pieces = split(numbered(message.text, message.choices), TEXT_MOST)
        # Twilio refuses one without a word.
        return [*({"body": piece} for piece in pieces if piece.strip()), *files]

    def _with_buttons(self, message: OutgoingMessage) -> Part | None:
        sid = self._templates.buttons.get(len(message.choices))
        fits = len(message.choices) <= BUTTONS_MOST and all(len(each.title) <= BUTTON_MOST for each in message.choices)
        if sid is None or not fits or len(message.text) > QUESTION_MOST:
            return None
        values = [beside_buttons(message.text, message.choices, BUTTON_MOST)]
        for choice in message.choices:
            values += [choice.title, choice.token]
        return _content(sid, values)

    def _with_list(self, message: OutgoingMessage) -> Part | None:
        sid = self._templates.lists.get(len(message.choices))
        fits = len(message.choices) <= ROWS_MOST and all(len(each.title) <= ROW_MORE_MOST for each in message.choices)
        if sid is None or not fits or len(message.text) > QUESTION_MOST:
            return None
        values = [message.text]
        for choice in message.choices:
            values += [shortened(choice.title, ROW_MOST), choice.token, choice.title]
        return _content(sid, values)

    def template(self, news: News) -> Part | None:
        found = self._templates.of(news)
        return {"content": found[0], "variables": found[1]} if found else None

    def approved(self, language: str) -> list[Approved]:
        found = self._templates.for_agents(language).items()
        return [Approved(name, each.text, each.variables) for name, each in found]

    def fill(self, name: str, language: str, values: Mapping[str, str]) -> tuple[str, Part] | None:
        template = self._templates.for_agents(language).get(name)
        if template is None or not all(values.get(each, "").strip() for each in template.variables):
            return None
        safe = {each: one_line(values[each]) for each in template.variables}
        return template.words(safe), _content(template.sid, [safe[each] for each in template.variables])

    def send(self, address: str, part: Part, callback_path: str) -> Outcome:
        what: dict[str, Any] = {}
        if "content" in part:
            what = {"content_sid": part["content"], "content_variables": json.dumps(part["variables"])}
        elif "media" in part:
            what = {"media_url": [part["media"]]}
        else:
            what = {"body": part["body"]}
        try:
            sent = self._client.messages.create(
                to=_PREFIX + address, from_=self._from, status_callback=f"{self._public_url}{callback_path}", **what
            )
        except TwilioRestException as error:
            return self._outcome(error)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Outcome("later", wait_s=_LATER_S, detail=type(error).__name__)
        # Cut off after it was asked, or answered with what is no answer: Twilio may have it.
        except (httpx.HTTPError, TwilioException, ValueError) as error:
            return Outcome("unknown", detail=type(error).__name__)
        return Outcome("sent", sent.sid) if sent.sid else Outcome("unknown", detail="no sid")

    def _outcome(self, error: TwilioRestException) -> Outcome:
        detail = str(error.code or f"HTTP {error.status}")
        if error.status == httpx.codes.UNAUTHORIZED:
            return Outcome("bad_credentials", wait_s=_ALARMED_S, detail=detail)
        if error.status == httpx.codes.TOO_MANY_REQUESTS:
            return Outcome("throttled", wait_s=max(self._http.retry_after_s, _THROTTLED_S), detail=detail)
        if error.status >= 500:
            return Outcome("later", wait_s=_LATER_S, detail=detail)
        return failure_of(error.code, detail)

    def copies(self, address: str, part: Part, since: datetime) -> Copies:
        day = (since - _CLOCKS_APART).date()
        of_days = self._listed(address, LISTED_MOST, date_sent_after=day)
        # What waits in Twilio's queue was sent on no day yet.
        listed = {each.sid: each for each in [*of_days, *self._listed(address, _LATEST)]}
        since_then = [each for each in listed.values() if each.date_created >= since - _CLOCKS_APART]
        told = sorted((each for each in since_then if self._is_of(each, part)), key=lambda each: each.date_created)
        # How a template reads is not known for sure.
        is_sure = len(of_days) < LISTED_MOST and "content" not in part
        return Copies(tuple(_told_of(each) for each in told), is_sure)

    def _listed(self, address: str, most: int, **filters: Any) -> list[Any]:
        ours = {"to": _PREFIX + address, "from_": self._from}
        try:
            return list(self._client.messages.list(**ours, **filters, limit=most, page_size=most))
        except (httpx.HTTPError, TwilioException, ValueError) as error:
            raise Unavailable(type(error).__name__) from error

    def _is_of(self, listed: Any, part: Part) -> bool:
        body = _one_space(listed.body or "")
        if "media" in part:
            return not body and listed.num_media not in (None, "0")
        if "body" in part:
            return body == _one_space(part["body"])
        values = list(part["variables"].values())
        asks = part["content"] in {*self._templates.buttons.values(), *self._templates.lists.values()}
        # Titles of buttons and rows are not in the body.
        return bool(values) and all(_one_space(each) in body for each in (values[:1] if asks else values))

    def health(self) -> Health:
        if not self._public_url.startswith("https://"):
            return Health(False, f"PUBLIC_URL is {self._public_url}", "Twilio posts to https only: set PUBLIC_URL")
        try:
            account = self._client.api.accounts(self._account).fetch()
        except TwilioRestException as error:
            says = f"Twilio refuses the account's credentials ({error.code or error.status})"
            return Health(False, says, "copy TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN from Twilio's console again")
        except (httpx.HTTPError, TwilioException, ValueError) as error:
            return Health(False, f"Twilio cannot be reached: {type(error).__name__}", "check the way to api.twilio.com")
        if account.status != "active":
            return Health(False, f"the account is {account.status}", "look at it in Twilio's console")
        number = self._from.removeprefix(_PREFIX)
        try:
            faults = self._faults(number)
        except (httpx.HTTPError, TwilioException, ValueError) as error:
            says = f"{number} of an active account, whose senders and templates cannot be looked at"
            return Health(True, f"{says}: {type(error).__name__}")
        if faults:
            return Health(False, "; ".join(faults), "correct it in Twilio's console; docs/channels.md has each step")
        missing = lacking(self._templates)
        return Health(True, f"{number} of an active account{f'; no template for {missing}' if missing else ''}")

    def _faults(self, number: str) -> list[str]:
        """What is not at Twilio as the shop's settings have it."""
        found = []
        if number != _SANDBOX:
            senders = self._client.messaging.v2.channels_senders.list(channel=CHANNEL)
            ours = (Sender.of(each.webhook or {}, str(each.status)) for each in senders if each.sender_id == self._from)
            found += sender_faults(next(ours, None), number, f"{self._public_url}/channels/{CHANNEL}")
        if self._templates != Templates():
            contents = self._client.content.v1.content_and_approvals.list()
            known = {
                str(each.sid): Content.of(str(each.language), each.types or {}, each.approval_requests or {})
                for each in contents
            }
            found += template_faults(self._templates, known)
        return found

    def close(self) -> None:
        self._http.close()


def failure_of(code: int | None, detail: str = "") -> Outcome:
    """What an error code of Twilio's means; one that nobody foresaw is a refusal of this message."""
    kind = ERRORS.get(code or 0, "refused")
    waits: dict[OutcomeKind, float] = {"throttled": _THROTTLED_S, "bad_credentials": _ALARMED_S}
    return Outcome(kind, wait_s=waits.get(kind), detail=detail or str(code))


def _told_of(listed: Any) -> Progress:
    state = _STATES.get(str(listed.status))
    return Progress(listed.sid, state, failure_of(listed.error_code) if state == "failed" else None)


def _one_space(words: str) -> str:
    return " ".join(words.split())


class _Http(HttpClient):  # type: ignore[misc]  # Twilio ships no types
    """Twilio's client over httpx, which tells "never reached" from "cut off afterwards"; tries once."""

    def __init__(self, base: str) -> None:
        super().__init__(logging.getLogger("twilio"), is_async=False)
        self._base = base
        self._http = httpx.Client(timeout=TIMEOUT, verify=tls.context())
        self.retry_after_s = 0.0

    def close(self) -> None:
        self._http.close()

    def request(
        self,
        method: str,
        uri: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        url = uri if self._base == _API else _HOST.sub(self._base, uri, count=1)
        response = self._http.request(method, url, params=params, data=data, headers=headers, auth=auth)
        told = response.headers.get("Retry-After", "")
        self.retry_after_s = float(told) if told.isdecimal() else 0.0
        return Response(response.status_code, response.text, response.headers)


def _content(sid: str, values: list[str]) -> Part:
    return {"content": sid, "variables": {str(at): value for at, value in enumerate(values, 1)}}


def _is_json(webhook: Webhook) -> bool:
    return webhook.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/json"


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _pairs(body: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise SignatureWrong from error


def _fields(webhook: Webhook) -> dict[str, str]:
    if not _is_json(webhook):
        return {name: storable(value) for name, value in _pairs(webhook.body.decode())}
    told = json_object(webhook.body)
    return {name: storable(str(value)) for name, value in told.items() if isinstance(value, str | int)}


def _media(fields: dict[str, str]) -> tuple[tuple[str, ...], str | None, str | None]:
    """The addresses of what may be a picture or a PDF; else that of a voice note, and what kind it is otherwise."""
    told = fields.get("NumMedia", "0")
    count = min(int(told), MEDIA_MOST) if told.isdecimal() and len(told) < 4 else 0
    found, voice, kind = [], None, None
    for index in range(count):
        type_, url = fields.get(f"MediaContentType{index}", ""), fields.get(f"MediaUrl{index}", "")
        if type_.startswith(("image/", "application/pdf")) and url:
            found.append(url)
        elif type_.startswith("audio/"):
            voice, kind = voice or url or None, "voice"
        elif "vcard" in type_:
            kind = "contact"
        else:
            kind = "file"
    return (tuple(found), None, None) if found else ((), voice, kind)


def _token(text: str) -> tuple[str, str | None]:
    """The words of the message with which a link opens the chat, and the token, which is not written down."""
    found = _TOKEN.search(text)
    return (text[: found.start()] + text[found.end() :], found[1]) if found else (text, None)


def _place(fields: dict[str, str]) -> str:
    told = (fields.get("Label"), fields.get("Address"))
    return place_in_words(told, fields["Latitude"], fields["Longitude"])
