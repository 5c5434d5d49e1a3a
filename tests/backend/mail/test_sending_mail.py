"""E-mail through a real SMTP server that is full, refuses, hangs up or is slow: accepted is what was meant."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.mail import service as mails
from backend.mail.models import Mail
from backend.mail.post import PostOffice
from backend.workflows.send_mail import WAITS_S, send_mail
from tests.backend.mail.post_box import PostBox
from tests.backend.shopper import code_of

FROM = "La Esquina <tienda@esquina.example>"


@pytest.fixture
def box():
    with PostBox() as box:
        yield box


@pytest.fixture
def office(box):
    return PostOffice.at(box.url, FROM, timeout_s=1)


@pytest.fixture
def write(database):
    def queue(key, recipient="ana@example.com", text="Hola Ana.", html=None):
        with database.write() as session:
            mails.queue(session, key, recipient, f"Sobre {key}", text, html)
            return session.scalars(select(Mail.id).where(Mail.key == key)).one()

    return queue


@pytest.fixture
def send(database, office):
    def once(mail_id):
        send_mail(database, office, mail_id)
        with database.read() as session:
            return session.get_one(Mail, mail_id)

    return once


def test_a_mail_arrives_as_it_was_written(box, write, send):
    text = "Leche, pan y café.\n.un punto al comienzo\n\nLínea con ñ y €"
    sent = send(write("uno", text=text, html="<p>Leche, pan y café.</p>"))

    assert (sent.status, sent.attempts, sent.error) == ("sent", 1, None)
    [mail] = box.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (FROM, "ana@example.com", "Sobre uno")
    assert mail["Message-ID"] == f"<{sent.id}@esquina.example>"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == text
    assert html.get_content().strip() == "<p>Leche, pan y café.</p>"


def test_the_same_key_is_one_mail(database, box, write, send):
    first = write("shipment.shipped:1")
    assert write("shipment.shipped:1") == first
    send(first)
    send(first)

    assert len(box.mails) == 1


def test_a_mail_of_a_transaction_that_fails_never_was(database, count_rows):
    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012
        mails.queue(session, "uno", "ana@example.com", "Hola", "Hola")
        raise ZeroDivisionError

    assert count_rows(Mail) == 0


def test_a_full_mailbox_is_tried_again_later(box, write, send):  # case 29
    box.full = {"ana@example.com"}
    mail_id = write("uno")

    waiting = send(mail_id)
    assert (waiting.status, waiting.attempts, waiting.error) == ("queued", 1, "452 at RCPT")
    box.full.clear()
    assert send(mail_id).status == "sent"
    assert len(box.mails) == 1


def test_a_mailbox_that_stays_full_fails_in_the_end(box, write, send):  # case 29
    box.full = {"ana@example.com"}
    mail_id = write("uno")
    for _ in WAITS_S:
        assert send(mail_id).status == "queued"

    assert send(mail_id).status == "failed"
    assert send(mail_id).attempts == len(WAITS_S) + 1


def test_what_is_refused_for_good_is_not_tried_again(box, write, send):  # case 29
    box.unknown = {"ana@example.com"}

    failed = send(write("uno"))

    assert (failed.status, failed.error) == ("failed", "550 at RCPT")


def test_a_mail_refused_after_its_text_is_tried_again_or_not_by_what_was_said(box, write, send):  # case 29
    box.answers = ["451 later", "554 no"]
    first, second = write("uno"), write("dos")

    assert (send(first).status, send(first).status) == ("queued", "failed")
    assert send(second).status == "sent"


def test_a_connection_that_drops_at_data_is_no_mail_and_is_tried_again(box, write, send):  # case 29
    box.hangs_up_at_data = 1
    mail_id = write("uno")

    assert send(mail_id).status == "queued"
    assert send(mail_id).status == "sent"
    assert len(box.mails) == 1


@pytest.mark.parametrize("answer", ["hang up", "dawdle"])
def test_a_mail_of_which_nobody_knows_is_not_sent_twice(box, write, send, answer):  # case 17, 29
    box.answers = [answer]
    mail_id = write("uno")

    assert send(mail_id).status == "uncertain"
    send(mail_id)
    assert len(box.mails) <= 1


def test_a_try_cut_off_in_the_middle_is_uncertain_and_not_made_again(database, box, write, send):  # case 18
    mail_id = write("uno")
    with database.write() as session:
        # The worker was killed while the server had the mail.
        mails.lock(session, mail_id).status = "sending"

    cut_off = send(mail_id)

    assert (cut_off.status, cut_off.error) == ("uncertain", "the try was cut off")
    assert box.mails == []


def test_a_server_that_is_away_is_waited_for(database, write):
    mail_id = write("uno")
    send_mail(database, PostOffice.at("smtp://127.0.0.1:9", FROM, timeout_s=1), mail_id)

    with database.read() as session:
        assert session.get_one(Mail, mail_id).status == "queued"


def test_of_two_hundred_mails_through_a_moody_server_each_arrives_once(database, box, write, send):  # case 17, 29
    moods = ["250 OK", "451 later", "250 OK", "421 busy"]
    box.answers = [moods[number % len(moods)] for number in range(200)]
    ids = [write(f"mail {number}", recipient=f"c{number}@example.com") for number in range(200)]
    for _ in range(4):
        for mail_id in ids:
            send(mail_id)

    print(f"mails accepted {len(box.mails)}, intended {len(ids)}")
    assert sorted(mail["Subject"] for mail in box.mails) == sorted(f"Sobre mail {number}" for number in range(200))


def test_without_a_server_mails_are_kept_and_staff_read_them(database, write, http, staff):
    mail_id = write("uno")
    send_mail(database, None, mail_id)

    [kept] = http.request("GET", "/staff/mail?status=kept", headers=staff).json()["mails"]
    assert (kept["id"], kept["status"], kept["recipient"]) == (mail_id, "kept", "ana@example.com")
    assert http.request("GET", f"/staff/mail/{mail_id}", headers=staff).json()["text"] == "Hola Ana."


def test_staff_send_again_what_may_not_have_arrived_and_nothing_else(box, write, send, http, staff):
    box.answers = ["hang up"]
    mail_id = write("uno")
    send(mail_id)
    path = f"/staff/mail/{mail_id}/resend"

    again = http.request("POST", path, headers=staff | {"Idempotency-Key": "a"})
    assert (again.status_code, again.json()["status"]) == (200, "queued")
    assert send(mail_id).status == "sent"
    assert code_of(http.request("POST", path, headers=staff | {"Idempotency-Key": "b"})) == (409, "mail_not_failed")
    assert len(box.mails) == 1


def test_an_address_cannot_smuggle_a_header(database, box, write, send):
    with database.write() as session:
        mails.queue(session, "uno", "ana@example.com", "Hola\r\nBcc: todos@example.com", "Hola")
        mail_id = session.scalars(select(Mail.id)).one()
    send(mail_id)

    [mail] = box.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hola Bcc: todos@example.com"


def test_an_address_that_is_none_fails_at_once(box, write, send):
    failed = send(write("uno", recipient="ana at home"))

    assert (failed.status, failed.error) == ("failed", "this cannot be written as a mail")
    assert box.mails == []


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_what_is_no_smtp_address_is_refused(url):
    with pytest.raises(ValueError, match="SMTP_URL"):
        PostOffice.at(url, FROM)


def test_an_smtp_address_says_how_to_speak():
    office = PostOffice.at("smtp://ana:p%40ss@mail.example:587?starttls=1", FROM)

    assert (office.host, office.port, office.user, office.password) == ("mail.example", 587, "ana", "p@ss")
    assert (office.is_starttls, office.is_tls, PostOffice.at("smtps://m.example", FROM).port) == (True, False, 465)
