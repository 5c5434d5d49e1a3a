"""The chat widget in a real Chromium: writing, choosing, losing the line and coming back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat_page import ChatPage, frames_received
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.scripted_shop import ScriptedShop, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def chat(page: Page, shop: ScriptedShop) -> ChatPage:
    page.goto(shop.url)
    return ChatPage(page)


@pytest.fixture
def open_chat(chat: ChatPage, shop: ScriptedShop) -> ChatPage:
    chat.open()
    wait_until(lambda: shop.conversations)
    return chat


# ---- by keyboard and by ear ----------------------------------------------------------------------------------------


def test_everything_works_with_the_keyboard_alone(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    chat.launcher.wait_for()
    page.get_by_text("Comprar").focus()
    page.keyboard.press("Tab")
    expect(chat.launcher).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat.composer).to_be_focused()
    page.keyboard.type("dos leches")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("y un pan")
    page.keyboard.press("Enter")
    chat.expect_sent("dos leches\ny un pan")
    shop.say("¿Cuál pan?", "Blanco", "Integral")
    expect(chat.choice("Integral")).to_be_enabled()
    # Past the pin and the clip.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(chat.choice("Integral")).to_be_focused()
    page.keyboard.press("Enter")
    chat.expect_sent("Integral")
    page.keyboard.press("Escape")

    expect(chat.dialog).to_be_hidden()
    expect(chat.launcher).to_be_focused()
    assert shop.texts == ["dos leches\ny un pan", "Integral"]


def test_a_screen_reader_hears_each_new_message_once_and_no_history(
    open_chat: ChatPage, shop: ScriptedShop, page: Page
) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    page.add_init_script(
        """window.inserted = [];
        const insertBefore = Node.prototype.insertBefore;
        Node.prototype.insertBefore = function (node, before) {
            if (this.role === 'log') inserted.push([node.querySelector('.text').textContent, this.ariaLive]);
            return insertBefore.call(this, node, before);
        }"""
    )
    page.reload()
    chat = ChatPage(page)
    chat.open()
    expect(chat.log).to_have_attribute("aria-live", "polite")
    chat.say("dos leches")
    chat.expect_sent("dos leches")
    shop.say("Agregué 2 leches.")
    expect(chat.row("Agregué 2 leches.")).to_be_visible()

    assert page.evaluate("inserted") == [["hola", "off"], ["dos leches", "polite"], ["Agregué 2 leches.", "polite"]]


def test_the_dialog_its_log_and_its_controls_have_names(open_chat: ChatPage, page: Page) -> None:
    expect(page.get_by_role("dialog", name="Mercado La Esquina")).to_be_visible()
    expect(page.get_by_role("log", name="Conversación")).to_have_count(1)
    expect(page.get_by_role("textbox", name="Escribe tu mensaje")).to_be_visible()
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_be_visible()
    expect(open_chat.dialog.get_by_role("button", name="Cerrar el chat")).to_be_visible()
    expect(page.get_by_role("button", name="Switch to English")).to_have_attribute("lang", "en")


# ---- the line is cut ----------------------------------------------------------------------------------------------


def test_what_is_written_offline_is_sent_once_and_in_order(open_chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    page.context.set_offline(True)
    shop.shut()
    expect(open_chat.offline_notice).to_be_visible()
    for text in ("dos leches", "un pan", "eso es todo"):
        open_chat.say(text)
    expect(open_chat.log.get_by_role("img", name="Por enviar")).to_have_count(3)
    assert shop.texts == ["hola"]
    shop.reopen()
    page.context.set_offline(False)

    open_chat.expect_sent("dos leches", "un pan", "eso es todo")
    expect(open_chat.offline_notice).to_be_hidden()
    open_chat.expect_bubbles("hola", "dos leches", "un pan", "eso es todo")
    assert shop.texts == ["hola", "dos leches", "un pan", "eso es todo"]


def test_one_message_is_on_its_way_at_a_time(open_chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    shop.is_slow = True
    for text in ("uno", "dos", "tres"):
        open_chat.say(text)
    page.wait_for_timeout(300)
    assert [frame["text"] for frame in shop.heard] == ["uno"]
    shop.is_slow = False

    open_chat.expect_sent("uno", "dos", "tres")
    assert [frame["text"] for frame in shop.heard] == ["uno", "dos", "tres"]


def test_a_message_lost_on_the_way_is_sent_again_under_the_same_id(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.losing_messages = True
    open_chat.say("dos leches")
    wait_until(lambda: len(shop.heard) >= 2)
    shop.losing_messages = False
    open_chat.expect_sent("dos leches")

    open_chat.expect_bubbles("dos leches")
    assert shop.texts == ["dos leches"]
    assert len({frame["client_id"] for frame in shop.heard}) == 1


def test_a_message_whose_ack_was_lost_is_recognised_in_the_replay(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.losing_acks = True
    open_chat.say("dos leches")
    open_chat.expect_sent("dos leches")

    open_chat.expect_bubbles("dos leches")
    assert shop.texts == ["dos leches"]
    assert len(shop.heard) == 1


def test_unsent_messages_survive_a_reload(open_chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    shop.shut()
    open_chat.say("dos leches")
    open_chat.say("un pan")
    page.reload()
    chat = ChatPage(page)
    chat.open()
    chat.expect_bubbles("dos leches", "un pan")
    shop.reopen()

    chat.expect_sent("hola", "dos leches", "un pan")
    chat.expect_bubbles("hola", "dos leches", "un pan")
    assert shop.texts == ["hola", "dos leches", "un pan"]


def test_a_reload_keeps_the_history_however_long(open_chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    for number in range(10):
        shop.say(f"mensaje {number}")
    shop.page_size = 4
    page.reload()
    chat = ChatPage(page)
    chat.open()

    chat.expect_bubbles("hola", *(f"mensaje {number}" for number in range(10)))
    shop.cut()
    wait_until(lambda: [frame["last_seq"] for frame in shop.frames if frame["type"] == "hello"] == [0, 0, 11])


def test_what_the_shop_said_while_the_line_was_cut_arrives_once(open_chat: ChatPage, shop: ScriptedShop) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    shop.shut()
    shop.say("¿Qué te llevamos?")
    shop.say("Tenemos pan fresco.")
    shop.reopen()

    open_chat.expect_bubbles("hola", "¿Qué te llevamos?", "Tenemos pan fresco.")


def test_an_ack_does_not_count_as_having_seen_what_came_before(open_chat: ChatPage, shop: ScriptedShop) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    # Stored, and the line goes down before it is shown; the customer's next message takes the seq after it.
    shop._store(shop.conversation, {"text": "primero", "author": "assistant"})
    shop.cutting_after_ack = True
    open_chat.say("segundo")

    open_chat.expect_bubbles("hola", "primero", "segundo")
    assert [frame["last_seq"] for frame in shop.frames if frame["type"] == "hello"] == [0, 1]


def test_a_customer_sees_what_the_shop_has_kept_of_their_words(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.keeps = lambda text: text.replace("4111 1111 1111 1111", "[tarjeta]")
    open_chat.say("mi tarjeta es 4111 1111 1111 1111")

    open_chat.expect_bubbles("mi tarjeta es [tarjeta]")


def test_a_server_that_forgot_the_visitor_starts_a_new_conversation(open_chat: ChatPage, shop: ScriptedShop) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    first = shop.conversation
    shop.shut()
    open_chat.say("dos leches")
    shop.conversations.clear()
    shop.reopen()

    open_chat.expect_sent("dos leches")
    open_chat.expect_bubbles("dos leches")
    assert shop.conversation.token != first.token
    assert shop.texts == ["dos leches"]


# case 125
def test_a_page_that_saw_more_than_a_restored_shop_has_shows_what_there_is_and_what_comes(
    open_chat: ChatPage, shop: ScriptedShop
) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    for words in ("¿Qué te llevamos?", "Tenemos pan fresco.", "¿Algo más?"):
        shop.say(words)
    open_chat.expect_bubbles("hola", "¿Qué te llevamos?", "Tenemos pan fresco.", "¿Algo más?")
    shop.shut()
    del shop.conversation.messages[2:]
    shop.reopen()
    open_chat.expect_bubbles("hola", "¿Qué te llevamos?")

    shop.say("Volvimos.")
    open_chat.say("un pan")

    open_chat.expect_bubbles("hola", "¿Qué te llevamos?", "Volvimos.", "un pan")
    assert shop.texts == ["hola", "un pan"]


def test_two_tabs_show_one_conversation(open_chat: ChatPage, shop: ScriptedShop, visitor: BrowserContext) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    other = ChatPage(visitor.new_page())
    other.page.goto(shop.url)
    other.open()
    other.expect_bubbles("hola")
    other.say("dos leches")
    other.expect_sent("dos leches")

    open_chat.expect_bubbles("hola", "dos leches")
    other.expect_bubbles("hola", "dos leches")
    assert shop.texts == ["hola", "dos leches"]


def test_a_browser_that_forbids_storage_can_still_chat(page: Page, shop: ScriptedShop) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    chat.say("dos leches")

    chat.expect_sent("dos leches")
    assert shop.texts == ["dos leches"]


def test_a_visitor_who_never_opens_the_chat_opens_no_connection(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    chat.launcher.wait_for()
    page.wait_for_timeout(300)

    assert shop.frames == []
    assert shop.conversations == {}


# ---- refusals -----------------------------------------------------------------------------------------------------


def test_a_refused_message_says_why_and_can_be_tried_again(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.refusals = ["store_failed"]
    open_chat.say("dos leches")
    expect(open_chat.row("dos leches")).to_contain_text("No se pudo.")
    open_chat.say("un pan")
    open_chat.expect_sent("un pan")
    open_chat.log.get_by_role("button", name="Reintentar").click()
    open_chat.expect_sent("dos leches")

    open_chat.expect_bubbles("un pan", "dos leches")
    assert shop.texts == ["un pan", "dos leches"]


@pytest.mark.parametrize(("code", "wait_s"), [("rate_limited", 10), ("unavailable", 3)])
def test_what_cannot_be_taken_just_now_waits_and_keeps_its_order(
    page: Page, shop: ScriptedShop, code: str, wait_s: int
) -> None:
    welcomed, refused = frames_received(page, "welcome"), frames_received(page, code)

    def wait_for(frames: list[str], count: int) -> None:
        while len(frames) < count:
            page.wait_for_timeout(50)
        page.wait_for_timeout(100)  # heard by the page, too

    page.clock.install(time=0)
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    wait_for(welcomed, 1)
    page.clock.pause_at(60_000)  # from here on its clock goes only as we say, however slow we are
    shop.refusals = [code, code]
    for text in ("uno", "dos", "tres"):
        chat.say(text)
    for attempts in (1, 2):
        wait_for(refused, attempts)
        page.clock.run_for(wait_s * 1000 - 500)
        assert len(shop.heard) == attempts
        # To the very moment: what is refused then is heard with the clock standing still.
        page.clock.run_for(500)

    chat.expect_sent("uno", "dos", "tres")
    assert shop.texts == ["uno", "dos", "tres"]
    assert [frame["text"] for frame in shop.heard] == ["uno", "uno", "uno", "dos", "tres"]


def test_an_expired_choice_asks_for_words_instead_of_a_retry(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.say("¿Cuál leche?", "Entera", "Deslactosada")
    shop.refusals = ["choice_expired"]
    open_chat.choice("Entera").click()

    expect(open_chat.log.locator(".row.customer")).to_contain_text("Esa opción ya venció. Escríbeme lo que prefieres.")
    expect(open_chat.log.get_by_role("button", name="Reintentar")).to_be_hidden()


def test_a_text_too_long_is_counted_and_kept_whole(open_chat: ChatPage, shop: ScriptedShop) -> None:
    long = "á" * 1003
    open_chat.say(long)

    expect(open_chat.dialog.get_by_text("Quita 3 caracteres para enviarlo.")).to_be_visible()
    expect(open_chat.composer).to_have_value(long)
    assert shop.heard == []
    open_chat.say("🥛" * 1000)
    wait_until(lambda: shop.texts == ["🥛" * 1000])


# ---- choices, people, languages ------------------------------------------------------------------------------------


def test_a_pressed_choice_sends_its_token_and_is_marked(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.say("¿Cuál leche?", "Entera 1 L", "Deslactosada 1 L", "Semidescremada 1 L")
    open_chat.choice("Deslactosada 1 L").click()
    open_chat.expect_sent("Deslactosada 1 L")

    expect(open_chat.choice("Deslactosada 1 L, elegida")).to_be_disabled()
    expect(open_chat.choice("Entera 1 L")).to_be_disabled()
    expect(open_chat.choice("Semidescremada 1 L")).to_be_disabled()
    expect(open_chat.composer).to_be_focused()
    offered = {choice["title"]: choice["token"] for choice in shop.conversation.messages[0]["choices"]}
    assert [(frame["choice"], frame["text"]) for frame in shop.heard] == [
        (offered["Deslactosada 1 L"], "Deslactosada 1 L")
    ]


def test_a_choice_shows_its_note_and_is_chosen_by_its_title(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.say("¿Cuál leche?", "Entera", "Deslactosada", notes={"Entera": "$4.500"})
    entera = open_chat.choice("Entera $4.500")
    expect(entera).to_have_text("Entera $4.500")
    entera.click()

    open_chat.expect_sent("Entera")
    expect(open_chat.choice("Entera, elegida")).to_have_text("Entera $4.500")


def test_choices_close_when_the_customer_answers_in_words(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.say("¿Cuál leche?", "Entera", "Deslactosada")
    expect(open_chat.choice("Entera")).to_be_enabled()
    open_chat.say("la segunda")
    open_chat.expect_sent("la segunda")

    expect(open_chat.choice("Entera")).to_be_disabled()
    expect(open_chat.choice("Deslactosada")).to_be_disabled()


def test_the_customer_is_told_who_attends(open_chat: ChatPage, shop: ScriptedShop) -> None:
    expect(open_chat.dialog.get_by_text("Asistente virtual")).to_be_visible()
    shop.hand_to("queued")
    expect(open_chat.dialog.get_by_text("Una persona del equipo te va a atender.")).to_be_visible()
    shop.hand_to("agent")
    expect(open_chat.dialog.get_by_text("Te atiende una persona del equipo.")).to_be_visible()
    shop.hand_to("assistant")
    expect(open_chat.dialog.get_by_text("Asistente virtual")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_newest_message_stays_in_sight_unless_the_customer_scrolled_away(
    page: Page, shop: ScriptedShop, size: dict[str, int]
) -> None:
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    for number in range(30):
        shop.say(f"mensaje {number}")
    expect(chat.row("mensaje 29")).to_be_in_viewport(ratio=1)
    shop.hand_to("queued")
    expect(chat.dialog.get_by_text("Una persona del equipo te va a atender.")).to_be_visible()
    expect(chat.row("mensaje 29")).to_be_in_viewport(ratio=1)
    chat.composer.fill("una línea\n" * 6)
    expect(chat.row("mensaje 29")).to_be_in_viewport(ratio=1)
    chat.dialog.locator(".scroll").evaluate("log => log.scrollTo(0, 0)")
    shop.say("¿Sigues ahí?")
    expect(chat.row("mensaje 0")).to_be_in_viewport()
    chat.dialog.get_by_role("button", name="Mensajes nuevos").click()

    expect(chat.row("¿Sigues ahí?")).to_be_in_viewport(ratio=1)


def test_a_question_with_more_answers_than_the_screen_holds_is_read_from_its_first_line(
    page: Page, shop: ScriptedShop
) -> None:
    page.set_viewport_size({"width": PHONE["width"], "height": 500})
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    slots = [f"mar {day} dic, 09:00–12:00" for day in range(1, 11)]
    shop.say("mensaje 0")
    shop.say("¿Cuándo pasamos a recogerlo?\n" + "\n".join(slots), *slots)

    expect(chat.dialog.get_by_text("¿Cuándo pasamos a recogerlo?")).to_be_in_viewport()
    expect(chat.choice(slots[-1])).not_to_be_in_viewport()
    chat.dialog.get_by_role("button", name="Mensajes nuevos").click()
    expect(chat.choice(slots[-1])).to_be_in_viewport(ratio=1)


def test_a_count_stays_on_the_line_of_what_it_counts(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.say("• 2 × Pan, 10 × Leche")

    shown = open_chat.log.get_by_text("Leche").evaluate("text => text.textContent")
    assert shown == "• 2\u00a0× Pan, 10\u00a0× Leche"


# Scrolls up in the very moment before a message is heard: the browser tells of the scroll only after it.
SCROLLS_UP_FIRST = """
const { set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
Object.defineProperty(WebSocket.prototype, "onmessage", {
  set(listen) {
    set.call(this, listen && ((event) => {
      if (event.data.includes("¿Sigues ahí?"))
        document.querySelector("comanda-chat").shadowRoot.querySelector(".scroll").scrollTo(0, 0);
      listen(event);
    }));
  },
});
"""


def test_a_message_that_comes_while_the_customer_scrolls_up_does_not_pull_them_back(
    page: Page, shop: ScriptedShop
) -> None:
    page.add_init_script(SCROLLS_UP_FIRST)
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    for number in range(30):
        shop.say(f"mensaje {number}")
    expect(chat.row("mensaje 29")).to_be_in_viewport(ratio=1)
    shop.say("¿Sigues ahí?")
    expect(chat.dialog.get_by_role("button", name="Mensajes nuevos")).to_be_visible()

    expect(chat.row("mensaje 0")).to_be_in_viewport()


def test_the_widget_follows_the_language_of_the_conversation(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.send(type="language", language="en")

    expect(open_chat.dialog.get_by_role("textbox", name="Write your message")).to_be_visible()
    expect(open_chat.dialog.get_by_role("heading", name="Hi! What can we get you today?")).to_be_visible()


def test_the_language_button_changes_the_page_and_asks_the_shop_in_words(
    open_chat: ChatPage, shop: ScriptedShop, page: Page
) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    page.get_by_role("button", name="Switch to English").click()

    expect(open_chat.dialog.get_by_role("textbox", name="Write your message")).to_be_visible()
    open_chat.expect_sent("In English, please")
    page.reload()
    expect(page.get_by_role("button", name="Open the chat")).to_be_visible()


def test_the_language_button_says_nothing_before_the_first_word(
    open_chat: ChatPage, shop: ScriptedShop, page: Page
) -> None:
    page.get_by_role("button", name="Switch to English").click()
    open_chat.say("two milks")
    open_chat.expect_sent("two milks")

    assert shop.texts == ["two milks"]


@pytest.mark.parametrize(("language", "label"), [("es", "Abrir el chat"), ("en", "Open the chat")])
def test_the_widget_starts_in_the_language_of_the_page(
    page: Page, shop: ScriptedShop, language: str, label: str
) -> None:
    page.goto(f"{shop.url}/?language={language}")

    expect(page.get_by_role("button", name=label)).to_be_visible()


def test_a_suggestion_starts_the_conversation(open_chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    page.get_by_role("button", name="¿Cuánto vale el domicilio?").click()

    open_chat.expect_sent("¿Cuánto vale el domicilio?")
    expect(open_chat.dialog.get_by_role("heading", name="¡Hola!")).to_be_hidden()
    assert shop.texts == ["¿Cuánto vale el domicilio?"]


def test_messages_behind_a_closed_chat_are_counted_until_read(
    open_chat: ChatPage, shop: ScriptedShop, page: Page
) -> None:
    open_chat.say("hola")
    open_chat.expect_sent("hola")
    page.keyboard.press("Escape")
    shop.say("¿Qué te llevamos?")
    shop.say("Tenemos pan fresco.")
    expect(page.get_by_role("button", name="Abrir el chat, 2 mensajes sin leer")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="2 mensajes sin leer")).to_have_count(1)
    expect(page).to_have_title("(2) Una tienda")
    page.reload()
    expect(page.get_by_role("button", name="Abrir el chat, 2 mensajes sin leer")).to_be_visible()
    expect(page).to_have_title("(2) Una tienda")
    ChatPage(page).open()
    expect(page).to_have_title("Una tienda")
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Abrir el chat", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="sin leer")).to_have_count(0)


# ---- who they are --------------------------------------------------------------------------------------------------


def test_whom_the_site_has_signed_in_is_told_with_each_hello_and_forgotten_when_they_are_not(
    page: Page, shop: ScriptedShop
) -> None:
    page.goto(f"{shop.url}?options=data-user=ana.jwt")
    ChatPage(page).open()
    wait_until(lambda: shop.frames)
    page.evaluate("document.querySelector('comanda-chat').dataset.user = 'beto.jwt'")
    wait_until(lambda: len(shop.frames) == 2)
    key = page.evaluate("Object.keys(localStorage).find((name) => name.endsWith(':token'))")
    page.evaluate("(key) => localStorage.setItem(key, JSON.stringify('site.session'))", key)
    page.goto(shop.url)
    ChatPage(page).open()
    wait_until(lambda: len(shop.frames) == 3)

    assert [frame.get("user") for frame in shop.frames] == ["ana.jwt", "beto.jwt", None]
    assert shop.frames[2]["token"] is None


# ---- where they are ------------------------------------------------------------------------------------------------

COUNT_QUESTIONS = """
const ask = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
window.asked = 0;
navigator.geolocation.getCurrentPosition = (...given) => { window.asked += 1; ask(...given); };
"""


def test_a_place_is_asked_for_when_its_button_is_pressed_and_sent_as_a_message(
    visitor: BrowserContext, page: Page, shop: ScriptedShop
) -> None:
    visitor.grant_permissions(["geolocation"])
    visitor.set_geolocation({"latitude": 4.648600123, "longitude": -74.0625})
    page.add_init_script(COUNT_QUESTIONS)
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    chat.say("hola")
    chat.expect_sent("hola")
    assert page.evaluate("window.asked") == 0

    chat.dialog.get_by_role("button", name="Enviar mi ubicación").click()

    chat.expect_sent("(4.6486, -74.0625)")
    assert page.evaluate("window.asked") == 1
    assert shop.heard[-1]["location"] == {"latitude": 4.6486, "longitude": -74.0625}


def test_who_does_not_show_their_place_is_told_how_to_go_on_and_nothing_is_sent(
    open_chat: ChatPage, shop: ScriptedShop
) -> None:
    open_chat.composer.fill("Calle 70")
    open_chat.dialog.get_by_role("button", name="Enviar mi ubicación").click()

    expect(open_chat.dialog.get_by_role("alert")).to_have_text(
        "Tu navegador no deja ver tu ubicación. Permítela en sus ajustes, o escríbeme la dirección."
    )
    expect(open_chat.composer).to_have_value("Calle 70")
    assert shop.heard == []


def test_typing_shows_until_the_message_comes(open_chat: ChatPage, shop: ScriptedShop) -> None:
    shop.send(type="typing", on=True)
    expect(open_chat.dialog.get_by_role("img", name="Asistente está escribiendo")).to_be_visible()
    shop.say("¡Hola!")

    expect(open_chat.row("¡Hola!")).to_be_visible()
    expect(open_chat.dialog.get_by_role("img", name="Asistente está escribiendo")).to_be_hidden()


def test_the_shop_learns_that_the_customer_is_writing(open_chat: ChatPage, shop: ScriptedShop) -> None:
    expect(open_chat.dialog.get_by_role("heading", name="Mercado La Esquina")).to_be_visible()
    open_chat.composer.press_sequentially("dos leches")

    wait_until(lambda: any(frame["type"] == "typing" for frame in shop.frames))
    assert sum(frame["type"] == "typing" for frame in shop.frames) == 1


# ---- on any page, on any screen -------------------------------------------------------------------------------------


def test_a_page_of_another_origin_embeds_the_chat_with_one_tag(page: Page, shop: ScriptedShop) -> None:
    with ScriptedShop() as elsewhere:
        page.goto(f"{elsewhere.url}/?server={shop.url}")
        chat = ChatPage(page)
        chat.open()
        chat.say("dos leches")
        chat.expect_sent("dos leches")

        assert elsewhere.conversations == {}
    assert shop.texts == ["dos leches"]


def test_the_strictest_page_policy_is_not_violated(page: Page, shop: ScriptedShop) -> None:
    page.add_init_script(
        "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective))"
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{shop.url}/?options=data-color=teal")
    chat = ChatPage(page)
    chat.open()
    chat.say("dos leches")
    chat.expect_sent("dos leches")

    assert page.evaluate("window.violations") == []
    # The browser's own request for /favicon.ico, which this page does not have, is not ours.
    assert [text for text in complaints if "favicon" not in text and "404" not in text] == []


def test_the_tags_options_reach_the_chat(page: Page, shop: ScriptedShop) -> None:
    page.goto(
        f'{shop.url}/?options=data-title="La Tiendita" data-position=left data-theme=dark data-language=en data-open'
    )
    chat = ChatPage(page)

    expect(page.get_by_role("dialog", name="La Tiendita")).to_be_visible()
    expect(page.locator("comanda-chat .chat")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("textbox", name="Write your message")).to_be_visible()
    box = chat.launcher.bounding_box()
    assert box
    assert box["x"] < 100


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_the_chat_fills_the_screen_and_keeps_focus(page: Page, shop: ScriptedShop, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    shop.say("¿Cuál pan?", "Blanco tajado 600 g de la casa con mantequilla y ajonjolí", "Integral")
    shop.say("a" * 400)
    expect(chat.choice("Integral")).to_be_visible()

    assert chat.dialog.bounding_box() == {"x": 0, "y": 0, "width": width, "height": 700}
    expect(chat.dialog).to_have_attribute("aria-modal", "true")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert chat.dialog.locator(".scroll").evaluate("log => log.scrollWidth <= log.clientWidth")
    for button in chat.dialog.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 40
        assert box["x"] + box["width"] <= width
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "COMANDA-CHAT"


def test_on_a_desktop_the_chat_leaves_the_page_in_sight_and_in_reach(open_chat: ChatPage, page: Page) -> None:
    box = open_chat.dialog.bounding_box()

    assert box
    assert box["width"] == 392
    assert box["x"] + box["width"] == 1420
    assert box["height"] == 720
    expect(open_chat.dialog).to_have_attribute("aria-modal", "false")
    page.get_by_text("Comprar").click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_contrasts_with_its_ground_by_wcag_aa(page: Page, shop: ScriptedShop, theme: str) -> None:
    page.goto(f"{shop.url}/?options=data-theme={theme}")
    chat = page.locator("comanda-chat .chat")
    pairs = [
        ("ink", "paper"), ("ink", "surface"), ("ink", "tint"), ("muted", "paper"), ("muted", "surface"),
        ("muted", "tint"), ("on-accent", "accent"), ("on-calm", "calm"), ("on-warn", "warn"), ("bad", "paper"),
        ("bad", "surface"), ("paper", "ink"),
    ]  # fmt: skip
    colours = chat.evaluate(
        """(chat, names) => Object.fromEntries(names.map(name => {
            const probe = document.createElement('canvas').getContext('2d');
            probe.fillStyle = getComputedStyle(chat).getPropertyValue('--' + name).trim();
            return [name, probe.fillStyle];
        }))""",
        sorted({name for pair in pairs for name in pair}),
    )

    too_faint = [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    assert too_faint == []


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    lights = sorted((luminance(one), luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_widget_weighs_under_28_kb_on_the_wire(page: Page, shop: ScriptedShop) -> None:
    weights: dict[str, int] = {}
    page.on(
        "requestfinished",
        lambda request: (
            weights.update({re.sub(r".*/", "", request.url): request.sizes()["responseBodySize"]})
            if "/widget/" in request.url
            else None
        ),
    )
    page.goto(shop.url)
    ChatPage(page).launcher.wait_for()
    page.wait_for_load_state("networkidle")

    assert len(weights) == 13
    assert sum(weights.values()) < 28_000
