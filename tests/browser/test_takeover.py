"""A person takes a conversation over: the customer in one browser, the agent in another, all between them real."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in
from tests.browser.xss_payloads import PAYLOADS, Canary

pytestmark = pytest.mark.browser


@pytest.fixture
def console(market: OpenMarket) -> str:
    return f"{market.url}/console"


@pytest.fixture
def agent(page: Page, market: OpenMarket) -> Page:
    sign_in(page, market)
    return page


@pytest.fixture
def customer(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=DESKTOP, locale="es-CO", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def open_chat(page: Page, market: OpenMarket) -> Locator:
    page.goto(market.url)
    page.locator("comanda-chat .launcher").click()
    return page.get_by_role("dialog")


def write(chat: Locator, text: str) -> None:
    chat.get_by_role("textbox").fill(text)
    chat.get_by_role("textbox").press("Enter")


def waiting(market: OpenMarket, *said: str) -> str:
    return market.converse(*(("customer", text) for text in said or ("necesito ayuda",)), owner="queued")


def take(agent: Page, console: str, conversation: str) -> Locator:
    agent.goto(f"{console}/conversations/{conversation}")
    agent.get_by_role("button", name="Tomar la conversación").click()
    box = agent.get_by_label("Escribe al cliente")
    expect(box).to_be_focused()
    return box


def test_a_person_takes_over_answers_and_gives_back(
    agent: Page, customer: BrowserContext, market: OpenMarket, console: str
) -> None:
    chat = open_chat(customer.new_page(), market)
    write(chat, "mi pedido llegó roto")
    agent.goto(f"{console}/")
    row = agent.locator(".rows a").filter(has_text="mi pedido llegó roto").first
    row.click()
    agent.get_by_role("button", name="Tomar la conversación").click()
    expect(agent.locator(".thread-head .chip")).to_have_text("La tienes tú")
    box = agent.get_by_label("Escribe al cliente")
    box.fill("Hola, soy Daniela.")
    box.press("Shift+Enter")
    box.press_sequentially("Lo reponemos hoy.")
    box.press("Enter")

    expect(chat.locator(".row.agent .text")).to_have_text("Hola, soy Daniela.\nLo reponemos hoy.")
    expect(box).to_have_value("")
    write(chat, "mil gracias")
    expect(agent.locator(".message .words")).to_have_text(
        ["mi pedido llegó roto", "Hola, soy Daniela.\nLo reponemos hoy.", "mil gracias"]
    )
    expect(agent.locator(".message.agent .by")).to_contain_text("Daniela Ríos")
    agent.get_by_role("button", name="Devolver al asistente").click()

    expect(agent.locator(".thread-head .chip")).to_have_text("Asistente")
    expect(agent.get_by_role("button", name="Tomar la conversación")).to_be_visible()


def test_what_the_assistant_offered_is_over_when_a_person_takes_the_conversation(
    agent: Page, customer: BrowserContext, market: OpenMarket, console: str
) -> None:
    page = customer.new_page()
    chat = open_chat(page, market)
    write(chat, "que alguien me ayude con esto")
    agent.goto(f"{console}/")
    agent.locator(".rows a").filter(has_text="que alguien me ayude con esto").first.click()
    conversation = agent.url.rpartition("/")[2]
    market.add(conversation, "assistant", "Sigues tú en la fila.", choices=["Seguir con el asistente"])
    offer = chat.get_by_role("button", name="Seguir con el asistente")
    expect(offer).to_be_enabled()
    agent.get_by_role("button", name="Tomar la conversación").click()
    expect(offer).to_be_disabled()
    market.add(conversation, "assistant", "Tu cotización está lista.", choices=["La acepto"])

    expect(chat.get_by_role("button", name="La acepto")).to_be_enabled()
    open_chat(page, market)
    expect(chat.get_by_role("button", name="La acepto")).to_be_enabled()
    expect(offer).to_have_count(0)


def test_the_place_in_the_queue_goes_from_the_summary_with_the_waiting(
    agent: Page, market: OpenMarket, console: str
) -> None:
    agent.goto(f"{console}/conversations/{waiting(market)}")
    place = agent.locator(".summary").get_by_text(re.compile(r"Puesto \d+ en la fila"))
    expect(place).to_be_visible()
    agent.get_by_role("button", name="Tomar la conversación").click()

    expect(place).to_have_count(0)
    expect(agent.locator(".summary h2")).to_have_text("Resumen")


def test_pressed_twice_it_is_sent_once(agent: Page, market: OpenMarket, console: str) -> None:
    conversation = waiting(market)
    box = take(agent, console, conversation)
    box.fill("una sola vez")
    box.evaluate("box => { box.form.requestSubmit(); box.form.requestSubmit(); }")

    expect(agent.locator(".message.agent .words")).to_have_text(["una sola vez"])
    agent.wait_for_timeout(1_000)
    expect(agent.locator(".message.agent .words")).to_have_text(["una sola vez"])


# case 30
def test_words_that_did_not_go_stay_and_go_once_when_tried_again(agent: Page, market: OpenMarket, console: str) -> None:
    conversation = waiting(market)
    box = take(agent, console, conversation)
    # The message arrives, its answer does not: the second try is the same act.
    agent.route("**/messages", lambda route: (route.fetch(), route.abort()))
    box.fill("¿me recibes?")
    box.press("Enter")
    expect(agent.get_by_role("alert")).to_have_text("No se envió. Lo que escribiste sigue aquí: inténtalo otra vez.")
    expect(box).to_have_value("¿me recibes?")
    agent.unroute("**/messages")
    box.press("Enter")

    expect(box).to_have_value("")
    expect(agent.locator(".message.agent .words")).to_have_text(["¿me recibes?"])


def test_who_lost_the_conversation_hears_so_and_keeps_their_words(
    agent: Page, market: OpenMarket, console: str
) -> None:
    conversation = waiting(market)
    agent.route("**/events", lambda route: route.abort())
    agent.route("**/messages?*", lambda route: route.abort())
    box = take(agent, console, conversation)
    market.hand_to(conversation, "queued")
    box.fill("ya te ayudo")
    box.press("Enter")

    expect(agent.get_by_role("alert")).to_have_text("Ya no la tienes tú. Tómala para escribir.")
    expect(agent.locator(".kept")).to_contain_text("ya te ayudo")
    agent.get_by_role("button", name="Tomar la conversación").click()
    expect(box).to_have_value("ya te ayudo")


def test_nobody_leaves_while_something_is_unread(agent: Page, market: OpenMarket, console: str) -> None:
    conversation = waiting(market)
    # From before the thread is drawn: a question already on its way would read what is to stay unread.
    agent.route("**/messages?*", lambda route: route.abort())
    take(agent, console, conversation)
    market.add(conversation, "customer", "otra cosa")
    agent.get_by_role("button", name="Cerrar").click()
    expect(agent.get_by_role("alert")).to_have_text("El cliente acaba de escribir. Léelo antes de dejarla.")
    agent.unroute("**/messages?*")
    agent.reload()
    agent.get_by_role("button", name="Cerrar").click()

    expect(agent.get_by_text("Está cerrada.")).to_be_visible()
    expect(agent.locator(".thread-head .chip")).to_have_text("Cerrada")


def test_of_two_who_take_one_keeps_and_the_other_hears_who(
    agent: Page, chromium: Browser, market: OpenMarket, console: str
) -> None:
    conversation = waiting(market)
    agent.route("**/messages?*", lambda route: route.abort())
    agent.goto(f"{console}/conversations/{conversation}")
    market.claims(conversation, "Camila Torres")
    agent.get_by_role("button", name="Tomar la conversación").click()

    expect(agent.get_by_role("alert")).to_have_text("Otra persona la tomó antes, o ya cambió de manos.")
    expect(agent.locator(".composer")).to_contain_text("La tiene Camila Torres.")


def test_who_reads_sees_the_composer_change_and_not_what_is_typed_go(
    agent: Page, market: OpenMarket, console: str
) -> None:
    conversation = waiting(market)
    box = take(agent, console, conversation)
    box.fill("a medio escri")
    for text in ("uno", "dos", "tres"):
        market.add(conversation, "customer", text)
        # Long before the thread asks by itself.
        expect(agent.locator(".message .words").last).to_have_text(text, timeout=10_000)

    expect(box).to_have_value("a medio escri")
    expect(box).to_be_focused()


def test_what_is_said_while_the_thread_settles_is_shown(agent: Page, market: OpenMarket, console: str) -> None:
    conversation = waiting(market)
    take(agent, console, conversation)
    # htmx settles what it swapped in after 20 ms; here in three seconds, so that the second message falls into it.
    agent.evaluate("htmx.config.defaultSettleDelay = 3_000")
    for text in ("uno", "dos"):
        market.add(conversation, "customer", text)
        # Long before the thread asks by itself.
        expect(agent.locator(".message .words").last).to_have_text(text, timeout=10_000)


# case 97
def test_what_agents_write_is_text_in_the_customers_chat(
    agent: Page, customer: BrowserContext, market: OpenMarket, console: str
) -> None:
    page = customer.new_page()
    canary = Canary(page)
    chat = open_chat(page, market)
    write(chat, "hola de los payloads")
    agent.goto(f"{console}/")
    agent.locator(".rows a").filter(has_text="hola de los payloads").first.click()
    agent.get_by_role("button", name="Tomar la conversación").click()
    conversation = agent.url.rpartition("/")[2]
    box = agent.get_by_label("Escribe al cliente")
    box.fill(PAYLOADS[0])
    box.press("Enter")
    expect(chat.locator(".row.agent .text")).to_have_count(1)
    for payload in PAYLOADS[1:]:
        market.add(conversation, "agent", payload)
    expect(chat.locator(".row.agent .text")).to_have_count(len(PAYLOADS))

    assert chat.locator(".row.agent .text script, .row.agent .text img, .row.agent .text svg").count() == 0
    canary.assert_silent()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_works_on_a_telephone(chromium: Browser, market: OpenMarket, console: str, scheme: str) -> None:
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme, locale="es-CO", has_touch=True, is_mobile=True)
    page = context.new_page()
    sign_in(page, market)
    conversation = waiting(market)
    page.goto(f"{console}/conversations/{conversation}")
    page.get_by_role("button", name="Tomar la conversación").tap()
    box = page.get_by_label("Escribe al cliente")
    box.fill("desde el teléfono")
    page.get_by_role("button", name="Enviar").tap()

    expect(page.locator(".message.agent .words")).to_have_text(["desde el teléfono"])
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    context.close()


def test_a_private_note_is_seen_by_colleagues_and_never_by_the_customer(
    agent: Page, customer: BrowserContext, market: OpenMarket, console: str
) -> None:
    chat = open_chat(customer.new_page(), market)
    write(chat, "hola, una nota")
    agent.goto(f"{console}/")
    agent.locator(".rows a").filter(has_text="hola, una nota").first.click()
    agent.get_by_role("button", name="Tomar la conversación").click()
    box = agent.get_by_label("Escribe al cliente")
    agent.get_by_label("Nota interna").check()
    box.fill(PAYLOADS[0])
    box.press("Enter")

    expect(agent.locator(".message.note .words")).to_have_text(PAYLOADS[0])
    agent.get_by_label("Nota interna").uncheck()
    box.fill("ya reviso")
    box.press("Enter")
    expect(chat.locator(".row.agent .text")).to_have_text(["ya reviso"])
    agent.reload()
    expect(agent.locator(".message.note .words")).to_have_text(PAYLOADS[0])
    expect(agent.locator(".message.agent .words")).to_have_text("ya reviso")


def test_tags_are_kept_and_conversations_found_by_them_and_by_words(
    agent: Page, market: OpenMarket, console: str
) -> None:
    conversation = waiting(market, "busco panela orgánica")
    waiting(market, "otra cosa muy distinta")
    agent.goto(f"{console}/conversations/{conversation}")
    agent.get_by_role("button", name="Más").click()
    agent.get_by_label("Etiquetas").fill("mayorista, urgente")
    agent.get_by_role("button", name="Guardar").click()
    expect(agent.locator(".thread-head .tags")).to_contain_text("mayorista")

    for query in ("tag=mayorista", "q=PANELA"):
        agent.goto(f"{console}/conversations?{query}")
        expect(agent.locator(".rows a")).to_have_count(1)
        expect(agent.locator(".rows a")).to_contain_text("busco panela orgánica")
    agent.goto(f"{console}/conversations?q=nadie-dijo-esto")
    expect(agent.get_by_role("heading", name="Nada con eso")).to_be_visible()


def test_what_is_half_written_is_there_again(agent: Page, market: OpenMarket, console: str) -> None:
    box = take(agent, console, waiting(market))
    with agent.expect_response(lambda answer: answer.url.endswith("/draft")):
        box.press_sequentially("a medio camino")
    agent.reload()

    expect(box).to_have_value("a medio camino")


def test_keys_lead_through_the_inbox(agent: Page, market: OpenMarket, console: str) -> None:
    conversation = waiting(market)
    agent.goto(f"{console}/conversations/{conversation}")
    agent.keyboard.press("?")
    expect(agent.get_by_role("dialog", name="Teclas")).to_be_visible()
    agent.keyboard.press("Escape")
    agent.keyboard.press("/")
    expect(agent.get_by_label("Buscar nombre")).to_be_focused()
    agent.keyboard.press("Escape")
    agent.keyboard.press("c")
    expect(agent.get_by_label("Escribe al cliente")).to_be_focused()
