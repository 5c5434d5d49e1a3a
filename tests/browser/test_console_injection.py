"""150 texts that try to become code stand wherever the console shows what others wrote; none of them runs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.catalog.models import Variant
from backend.customers.models import Customer
from backend.inventory.models import StockLevel
from backend.mail.models import Mail
from backend.orders.models import Order, OrderEntry
from backend.schemas.quotes import NewQuote, WantedLine
from bot.attachments.models import Attachment
from bot.conversations import service as conversations
from bot.handoff.models import Note, Tag
from kernel import clock
from kernel.ids import new_id
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import LIVE_WITHIN_MS, sign_in
from tests.browser.xss_payloads import PAYLOADS, Canary

pytestmark = pytest.mark.browser

MAX_TAG, MAX_NAME, MAX_ADDRESS = 40, 100, 300


def shown(page: Page, what: str) -> list[str]:
    return page.locator(what).evaluate_all("all => all.map(each => each.textContent)")


def packed(texts: Sequence[str], size: int) -> list[str]:
    """The texts, joined to as few as fit into `size` characters each."""
    joined = [""]
    for text in texts:
        if len(joined[-1]) + len(text) > size:
            joined.append("")
        joined[-1] += text
    return joined


# case 96
@pytest.mark.timeout(180)
def test_what_others_wrote_is_text_wherever_staff_read_it(page: Page, market: OpenMarket) -> None:
    canary = Canary(page)
    sign_in(page, market)
    console = f"{market.url}/console"

    with market.database.write() as session:
        thread = everything_said(session)
    page.goto(f"{console}/conversations/{thread}")
    assert shown(page, ".message.customer .words") == list(PAYLOADS)
    assert shown(page, ".message.note .words") == list(PAYLOADS)
    assert shown(page, ".message .file bdi") == [payload[:MAX_NAME] for payload in PAYLOADS]
    assert set(shown(page, ".tags .chip")) == {payload[:MAX_TAG] for payload in PAYLOADS}
    assert page.locator(".words *, .tags .chip *").count() == 0
    market.add(thread, "customer", PAYLOADS[8])
    expect(page.locator(".message.customer .words")).to_have_count(len(PAYLOADS) + 1, timeout=LIVE_WITHIN_MS)

    rows = len(PAYLOADS) // 3
    for names in (PAYLOADS[:rows], PAYLOADS[rows : 2 * rows], PAYLOADS[2 * rows :]):
        with market.database.write() as session:
            for name in names:
                who_wrote(session, name)
        page.goto(f"{console}/conversations")
        assert shown(page, ".rows .who")[:rows] == list(reversed(names))
        assert shown(page, ".rows .said")[:rows] == list(reversed(names))

    order = market.order(("ENCENDEDOR", "1"))
    with market.database.write() as session:
        noted(session, order.number)
    for address in packed(PAYLOADS, MAX_ADDRESS):
        with market.database.write() as session:
            session.execute(update(Order).where(Order.number == order.number).values(address=address))
        page.goto(f"{console}/orders/{order.number}")
        expect(page.locator(".facts")).to_contain_text(address)
    history = " ".join(shown(page, ".history li"))
    assert [payload for payload in PAYLOADS if payload not in history] == []

    # A page that writes names into attributes, too: labels and hidden fields.
    for number, names in quoted(market, order.number):
        page.goto(f"{console}/sales/quotes/{number}")
        fields = page.locator("input[name=name]").evaluate_all("all => all.map(each => each.value)")
        assert [name for name in names if not any(name in field for field in fields)] == []

    with market.database.write() as session:
        written = letters(session)
    page.goto(f"{console}/mail")
    expect(page.locator("main")).to_contain_text(PAYLOADS[-1])
    page.goto(f"{console}/mail/{written}")
    assert shown(page, ".letter") == ["\n".join(PAYLOADS)]

    for query in packed(PAYLOADS, 80)[:10]:
        page.goto(f"{console}/orders")
        page.locator("input[name=q]").fill(query)
        page.locator("input[name=q]").press("Enter")
        expect(page.locator("input[name=q]")).to_have_value(query)

    canary.assert_silent()
    print(
        f"{len(PAYLOADS)} payloads in messages, notes, files, tags, names, addresses, products, order notes, mails and "
        f"searches: {len(canary.sung)} ran, {len(canary.violations)} violations of the policy"
    )


def everything_said(session: Session) -> str:
    """A conversation whose messages, notes, files and tags are the payloads."""
    conversation = conversations.open_for(session, "web", uuid4().hex, "es")
    for payload in PAYLOADS:
        message = conversations.append(session, conversation, "customer", payload)
        file = {"id": new_id(), "conversation_id": conversation.id, "message_id": message.id, "position": 0}
        what = {"name": payload[:MAX_NAME], "type": "application/pdf", "size_bytes": 1, "hash": "0" * 64}
        session.execute(insert(Attachment), [file | what | {"taken_at": clock.now()}])
        note = {"id": new_id(), "conversation_id": conversation.id, "staff_id": new_id(), "staff_name": payload}
        session.execute(insert(Note), [note | {"text": payload, "at": clock.now()}])
    tags = {payload[:MAX_TAG] for payload in PAYLOADS}
    session.execute(insert(Tag), [{"conversation_id": conversation.id, "name": tag} for tag in tags])
    return conversation.id


def who_wrote(session: Session, name: str) -> None:
    """Someone called `name`, who said it."""
    customer = Customer(id=new_id(), name=name[:120], created_at=clock.now())
    session.add(customer)
    conversation = conversations.open_for(session, "web", uuid4().hex, "es")
    conversation.customer_id = customer.id
    conversations.append(session, conversation, "customer", name)


def noted(session: Session, number: str) -> None:
    """An order in whose history every step is noted so."""
    order_id = session.scalars(select(Order.id).where(Order.number == number)).one()
    step = {"order_id": order_id, "what": "approved", "who": "staff:x", "happened_at": clock.now()}
    session.execute(insert(OrderEntry), [step | {"id": new_id(), "note": payload} for payload in PAYLOADS])


def quoted(market: OpenMarket, number: str) -> list[tuple[str, Sequence[str]]]:
    """Two quotes of goods that are called so, each with their names."""
    stocked = select(StockLevel.sku).where(StockLevel.on_hand > 10).distinct().order_by(StockLevel.sku)
    with market.database.write() as session:
        skus = list(session.scalars(stocked.limit(len(PAYLOADS))))
        for sku, payload in zip(skus, PAYLOADS, strict=True):
            session.execute(update(Variant).where(Variant.sku == sku).values(name_es=payload, name_en=payload))
    customer = market.staff_sees(lambda staff: staff.staff_order(number)).customer_id
    half = len(PAYLOADS) // 2
    found: list[tuple[str, Sequence[str]]] = []
    for part in (slice(0, half), slice(half, None)):
        wanted = [WantedLine(sku=sku, quantity="1") for sku in skus[part]]
        new = NewQuote(customer_id=customer, lines=wanted, address_text=PAYLOADS[13])
        quote = market.staff_sees(lambda staff, new=new: staff.draft_quote(new, key=uuid4().hex))
        found.append((quote.number, PAYLOADS[part]))
    return found


def letters(session: Session) -> str:
    """Mails to and about anybody; the id of the newest, with all of it in its text."""
    now = clock.now()
    fate = {"status": "failed", "attempts": 1, "created_at": now, "due_at": now}
    said = [
        {
            "id": new_id(),
            "key": uuid4().hex,
            "recipient": payload,
            "subject": payload,
            "error": payload,
            "html": payload,
        }
        for payload in PAYLOADS
    ]
    session.execute(insert(Mail), [each | fate | {"text": "\n".join(PAYLOADS)} for each in said])
    return str(said[-1]["id"])
