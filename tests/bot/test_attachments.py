"""Files in the web chat: what is taken in, what is kept of it, and who sees it again."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from bot.app import create_app
from bot.attachments import content, files, intake
from bot.attachments.errors import LIMIT_BYTES
from bot.attachments.intake import Intake
from bot.attachments.service import safe_name
from bot.channels.base import InboundMessage
from bot.channels.site_users import SiteUsers
from bot.channels.web_files import FILES_PER_VISITOR
from bot.client import BotClient
from bot.conversations import service
from bot.delivery import Delivery
from bot.hints import LocalHints
from bot.listening.inbound import Inbox
from bot.replies import say
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import ComandaError
from tests.bot.conftest import Running
from tests.bot.page import Page
from tests.bot.pictures import HTML, PDF, SVG, large_png, picture, png_of_size, with_place
from tests.bot.test_api import KEY, token

ORIGIN = "http://127.0.0.1:8080"


class Chat:
    """A bot with two visitors, asked over HTTP; what they send goes through the real inbox."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.transport = httpx.ASGITransport(create_app(settings, database))
        self.http = httpx.AsyncClient(transport=self.transport, base_url="http://bot")
        self.inbox = Inbox(Delivery(database, LocalHints(lambda _id: None)))
        self.conversations = {name: self._visit(name) for name in ("ana", "beto")}

    def _sender(self, token: str) -> str:
        sender = SiteUsers(self.settings).sender_of(token)
        assert sender is not None
        return sender

    def _visit(self, name: str, language: str = "es") -> str:
        with self.database.write() as session:
            return service.open_for(session, "web", self._sender(name), language).id

    async def upload(self, body: Any, *, by: str = "ana", name: str = "foto.jpg") -> httpx.Response:
        headers = {"Authorization": f"Bearer {by}", "File-Name": name}
        return await self.http.post("/chat/attachments/", content=body, headers=headers)

    async def download(self, attachment_id: str, by: str = "ana") -> httpx.Response:
        return await self.http.get(f"/chat/attachments/{attachment_id}", headers={"Authorization": f"Bearer {by}"})

    def send(self, *attachments: str, by: str = "ana", words: str = "") -> str:
        """The message's id."""
        conversation_id = self.conversations[by]
        message = InboundMessage(conversation_id, f"{conversation_id}:{time.monotonic_ns()}", words, None, attachments)
        return self.inbox.receive(message).message_id

    def kept(self) -> list[Path]:
        return [path for path in (self.settings.home / "attachments").rglob("*") if path.is_file()]

    def rows(self) -> int:
        with self.database.read() as session:
            return session.scalar(text("SELECT count(*) FROM bot_attachment")) or 0


@pytest.fixture
async def chat(database: Database, tmp_path: Path) -> AsyncIterator[Chat]:
    values = {"COMANDA_SECRET": KEY, "COMANDA_HOME": tmp_path / "home", "DATABASE_URL": database.url}
    chat = Chat(Settings.model_validate(values), database)
    yield chat
    await chat.http.aclose()


async def opened(chat: Chat, attachment_id: str) -> Image.Image:
    return Image.open(io.BytesIO((await chat.download(attachment_id)).content))


# ---- what is kept --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "type_", "extension", "size"),
    [
        (picture("JPEG"), "image/jpeg", "jpg", (60, 80)),
        (picture("PNG"), "image/png", "png", (60, 80)),
        (picture("WEBP"), "image/webp", "webp", (60, 80)),
        (PDF, "application/pdf", "pdf", (None, None)),
    ],
    ids=["jpeg", "png", "webp", "pdf"],
)
async def test_a_file_is_what_its_content_is(
    chat: Chat, body: bytes, type_: str, extension: str, size: tuple[int | None, int | None]
) -> None:
    taken = (await chat.upload(body, name="recibo%20de%20hoy.exe")).json()

    assert (taken["type"], taken["name"], (taken["width"], taken["height"])) == (
        type_,
        f"recibo de hoy.{extension}",
        size,
    )
    seen = await chat.download(taken["id"])
    assert (seen.status_code, seen.headers["content-type"], len(seen.content)) == (200, type_, taken["size_bytes"])


# case 101
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_where_and_by_whom_a_photo_was_taken_is_not_kept(chat: Chat, kind: str) -> None:
    sent = with_place(kind=kind)
    assert b"Ana Owner" in sent
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825)

    kept = await opened(chat, (await chat.upload(sent)).json()["id"])

    assert (dict(kept.getexif()), kept.info.get("icc_profile")) == ({}, None)
    assert b"Ana Owner" not in chat.kept()[0].read_bytes()


async def test_a_photo_is_turned_as_its_camera_was_held(chat: Chat) -> None:
    taken = (await chat.upload(with_place(orientation=6))).json()

    assert (taken["width"], taken["height"]) == (80, 60)


# case 101
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_what_hides_behind_a_picture_is_not_kept(chat: Chat, kind: str) -> None:
    await chat.upload(picture(kind) + b"PK\x03\x04" + HTML)

    (kept,) = chat.kept()
    assert b"<script>" not in kept.read_bytes()


async def test_a_large_photo_is_made_smaller_and_a_long_one_keeps_its_shape(chat: Chat) -> None:
    large = (await chat.upload(picture(size=(4000, 3000)))).json()
    long = (await chat.upload(picture("PNG", size=(1080, 9000)))).json()

    assert (large["width"], large["height"]) == (2828, 2121)
    assert (long["width"], long["height"]) == (848, 7071)


async def test_the_same_picture_has_the_same_hash_whatever_was_written_around_it(chat: Chat) -> None:
    first, second, other = [
        (await chat.upload(body, by=by)).json()["id"]
        for body, by in ((with_place(seed=1), "ana"), (picture(seed=1), "beto"), (picture(seed=2), "beto"))
    ]
    with chat.database.read() as session:
        hashes = dict(session.execute(text("SELECT id, hash FROM bot_attachment")).tuples().all())

    assert hashes[first] == hashes[second] != hashes[other]
    content = (await chat.download(first)).content
    assert hashes[first] == hashlib.sha256(content).hexdigest()


# ---- what is refused -----------------------------------------------------------------------------------------------


# case 101
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "attachment_empty"),
        (b"MZ\x90\0this program cannot be run", 415, "attachment_unsupported"),
        (SVG, 415, "attachment_unsupported"),
        (HTML, 415, "attachment_unsupported"),
        (picture("GIF"), 415, "attachment_unsupported"),
        (picture("BMP"), 415, "attachment_unsupported"),
        (b"\n" + PDF, 415, "attachment_unsupported"),
        (b"\xff\xd8\xff" + HTML, 422, "attachment_unreadable"),
        (picture()[:-200], 422, "attachment_unreadable"),
        (picture("PNG")[:150], 422, "attachment_unreadable"),
        (picture("WEBP")[:-20], 422, "attachment_unreadable"),
        (PDF[:-7], 422, "attachment_unreadable"),
        (png_of_size(50_000, 50_000), 422, "attachment_unreadable"),
        (png_of_size(4_000, 4_000), 422, "attachment_unreadable"),
        (large_png(7_000, 4_000), 422, "attachment_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, 422, "attachment_unreadable"),
        (b"RIFF\x10\0\0\0WEBPVP8 ....", 422, "attachment_unreadable"),
    ],
    ids=[
        "nothing", "program", "svg", "html", "gif", "bmp", "shifted-pdf", "html-as-jpeg", "cut-jpeg", "cut-png",
        "cut-webp", "cut-pdf", "pixel-flood", "claims-more-than-it-has", "too-many-pixels", "empty-png", "empty-webp",
    ],
)  # fmt: skip
async def test_what_is_no_picture_is_refused_and_nothing_is_kept(
    chat: Chat, body: bytes, status: int, code: str
) -> None:
    answer = await chat.upload(body)

    print(f"of what is no picture {len(chat.kept())} stored")
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (status, code, say(code, "es"))
    assert (chat.kept(), chat.rows()) == ([], 0)


async def test_a_refusal_speaks_the_language_of_the_conversation(chat: Chat) -> None:
    chat._visit("carol", "en")

    assert (await chat.upload(SVG, by="carol")).json()["detail"] == say("attachment_unsupported", "en")


# case 101
async def test_a_file_that_is_too_large_is_not_read_to_its_end(chat: Chat) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100 * 1024 * 1024:
            read += 64 * 1024
            yield b"\xff\xd8\xff" + b"\0" * (64 * 1024 - 3)

    answer = await chat.upload(endless())

    assert (answer.status_code, answer.json()["code"]) == (413, "attachment_too_large")
    assert read <= LIMIT_BYTES + 128 * 1024
    assert (chat.kept(), chat.rows()) == ([], 0)


async def test_a_file_that_says_it_is_too_large_is_not_read_at_all(chat: Chat) -> None:
    headers = {"Authorization": "Bearer ana", "Content-Length": str(10 * 1024**3)}
    answer = await chat.http.post("/chat/attachments/", content=picture(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "attachment_too_large")


async def test_a_visitor_sends_only_so_many_files_a_minute(chat: Chat) -> None:
    most = FILES_PER_VISITOR[0]
    answers = [await chat.upload(PDF) for _ in range(most + 1)]

    assert [answer.status_code for answer in answers] == [201] * most + [429]
    assert (await chat.upload(PDF, by="beto")).status_code == 201


async def test_a_visitor_sends_only_so_many_files_a_day(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "DAY_MOST", 2)
    answers = [await chat.upload(PDF) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]


# case 121
async def test_a_disk_that_is_nearly_full_takes_no_file(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FREE_LEAST_BYTES", 2**62)

    answer = await chat.upload(PDF)

    assert (answer.status_code, answer.json()["code"], chat.rows()) == (503, "unavailable", 0)


async def test_who_is_no_visitor_sends_nothing(chat: Chat) -> None:
    unknown = await chat.upload(PDF, by="nobody")
    nameless = await chat.http.post("/chat/attachments/", content=PDF)

    assert {(each.status_code, each.json()["code"]) for each in (unknown, nameless)} == {(401, "visitor_unknown")}
    assert (chat.kept(), chat.rows()) == ([], 0)


# ---- sent with a message -------------------------------------------------------------------------------------------


async def test_a_message_carries_files_and_may_be_silent(chat: Chat) -> None:
    first, second = [(await chat.upload(picture(seed=seed))).json()["id"] for seed in (1, 2)]

    message_id = chat.send(second, first)

    with chat.database.read() as session:
        carried = session.execute(text("SELECT id, message_id, position FROM bot_attachment ORDER BY position")).all()
    assert [tuple(row) for row in carried] == [(second, message_id, 0), (first, message_id, 1)]


@pytest.mark.parametrize(
    ("by", "again", "code"),
    [("beto", False, "attachment_gone"), ("ana", True, "attachment_gone")],
    ids=["someone-else", "twice"],
)
async def test_a_file_is_sent_once_and_by_its_owner(chat: Chat, by: str, again: bool, code: str) -> None:
    attachment_id = (await chat.upload(PDF)).json()["id"]
    if again:
        chat.send(attachment_id)

    with pytest.raises(ComandaError) as refused:
        chat.send(attachment_id, by=by, words="mira")

    assert refused.value.code == code
    with chat.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM bot_message")) == int(again)


async def test_a_message_carries_at_most_five_files(chat: Chat) -> None:
    sent = [(await chat.upload(PDF)).json()["id"] for _ in range(6)]

    with pytest.raises(ComandaError) as refused:
        chat.send(*sent)

    assert refused.value.code == "attachments_too_many"


def test_a_page_sends_a_file_and_sees_it_again_when_it_comes_back(bot: Running) -> None:
    page = bot.page()
    taken = page.upload(picture(), "Recibo de Ana ñ.png").json()
    client_id = page.say("", attachments=(taken["id"],))
    page.receive("ack", client_id=client_id)
    page.until_replies(1)
    page.close()
    again = bot.page_of(page.token)

    shown = again.welcome["messages"][0]
    assert (shown["text"], shown["attachments"]) == ("", [taken])
    assert taken["name"] == "Recibo de Ana ñ.jpg"
    assert page.replies == ["echo: /attachment_send"]


@pytest.mark.parametrize(
    ("attachments", "code"),
    [(("nobody-s",), "attachment_gone"), ((7,), "bad_frame"), (("a", "b", "c", "d", "e", "f"), "attachments_too_many")],
    ids=["unknown", "no-id", "too-many"],
)
def test_a_page_is_told_why_a_file_does_not_go(page: Page, attachments: tuple[Any, ...], code: str) -> None:
    client_id = page.say("mira", attachments=attachments)

    refusal = page.receive("error")
    assert (refusal["code"], refusal["client_id"]) == (code, client_id)
    page.say("hola")
    assert page.until_replies(1) == ["echo: hola"]


def test_a_refused_upload_leaves_the_server_well(page: Page) -> None:
    too_large = page.upload(b"\xff\xd8\xff" + b"\0" * LIMIT_BYTES)

    assert too_large.json()["code"] == "attachment_too_large"
    assert page.upload(picture()).status_code == 201


# ---- who sees it ---------------------------------------------------------------------------------------------------


# case 93
async def test_nobody_else_sees_a_file(chat: Chat) -> None:
    attachment_id = (await chat.upload(picture())).json()["id"]
    chat.send(attachment_id)

    assert (await chat.download(attachment_id)).status_code == 200
    for by in ("beto", "nobody"):
        refused = await chat.download(attachment_id, by)
        assert (refused.status_code, refused.json()["code"]) == (404, "attachment_not_found")
    assert (await chat.http.get(f"/chat/attachments/{attachment_id}")).status_code == 401


# case 101
@pytest.mark.parametrize("body", [picture(), PDF], ids=["photo", "pdf"])
async def test_a_file_is_given_out_as_one_that_is_never_run(chat: Chat, body: bytes) -> None:
    attachment_id = (await chat.upload(body, name='"><script>.jpg')).json()["id"]

    headers = (await chat.download(attachment_id)).headers

    assert headers["content-disposition"].startswith("attachment; filename")
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-store"


async def test_staff_see_what_customers_sent(chat: Chat) -> None:
    taken = (await chat.upload(picture())).json()
    chat.send(taken["id"], words="mira")
    staff = BotClient("http://bot", token("staff"), chat.transport)

    (message,) = await staff.messages(chat.conversations["ana"])
    seen = await staff.attachment(taken["id"])

    assert [(each.id, each.type, len(each.hash)) for each in message.attachments] == [(taken["id"], "image/jpeg", 64)]
    assert (seen.type, len(seen.content)) == ("image/jpeg", taken["size_bytes"])
    with pytest.raises(ComandaError) as refused:
        await BotClient("http://bot", token("customer"), chat.transport).attachment(taken["id"])
    assert refused.value.status == 403
    await staff.close()


async def test_pages_of_other_sites_are_told_nothing(chat: Chat) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,file-name"}
    ours = await chat.http.options("/chat/attachments/", headers=asked | {"Origin": ORIGIN})
    theirs = await chat.http.options("/chat/attachments/", headers=asked | {"Origin": "https://evil.example"})

    assert (ours.status_code, ours.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert "access-control-allow-origin" not in theirs.headers


# ---- names and leftovers -------------------------------------------------------------------------------------------


# case 101
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\ana\\Recibo Nequi.PNG", "Recibo Nequi.jpg"),
        ("foto\u202egpj.exe", "fotogpj.jpg"),
        ("a\0b\r\nSet-Cookie: x.jpg", "abSet-Cookie: x.jpg"),
        ("", "attachment.jpg"),
        ("...", "attachment.jpg"),
        ("4111 1111 1111 1111.jpg", "[••••].jpg"),
        ("ñandú 🧾.jpeg", "ñandú 🧾.jpg"),
        ("x" * 300 + ".jpg", "x" * 96 + ".jpg"),
    ],
)
def test_a_name_holds_no_folder_no_trick_and_no_card(given: str, kept: str) -> None:
    assert safe_name(given, "image/jpeg") == kept


async def test_what_is_not_sent_within_a_day_is_deleted_and_what_was_sent_stays(chat: Chat) -> None:
    sent, unsent = [(await chat.upload(picture(seed=seed))).json()["id"] for seed in (1, 2)]
    chat.send(sent)
    intake_ = Intake(chat.settings, chat.database)
    assert intake_.drop_unsent() == 0

    with clock.standing_at(clock.now() + timedelta(hours=25)):
        assert intake_.drop_unsent() == 1

    assert [path.name for path in chat.kept()] == [sent]
    assert chat.rows() == 1
    assert (await chat.download(unsent)).status_code == 404


async def test_what_a_dead_process_left_behind_is_deleted(chat: Chat) -> None:
    store = files.Files(chat.settings)
    store.incoming.mkdir(parents=True)
    long_ago = time.time() - 2 * 86_400
    orphan = store.path(chat.conversations["ana"], "orphan")
    orphan.parent.mkdir()
    for path in (store.incoming / "half", orphan):
        path.write_bytes(b"x")
        os.utime(path, (long_ago, long_ago))

    Intake(chat.settings, chat.database).drop_unsent()

    assert chat.kept() == []


# case 101
def test_pictures_are_decoded_within_bounds_of_memory(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.write_bytes(picture(size=(8_000, 6_000)))
    made = content.make_safe(sent, tmp_path / "kept")

    assert (made.width, made.height) == (2828, 2121)
