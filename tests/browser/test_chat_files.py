"""Photos and documents in the chat widget: chosen, seen, sent, refused, and there again after a reload."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.bot.pictures import PDF, picture
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE
from tests.browser.scripted_shop import ScriptedShop, wait_until

pytestmark = pytest.mark.browser

RECEIPT = {"name": "recibo.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(540, 900))}
BILL = {"name": "factura vieja.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def chat(page: Page, shop: ScriptedShop) -> ChatPage:
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    return chat


def choose(page: Page, *files: dict[str, Any]) -> None:
    """Press the clip, and choose in the dialog that opens."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Adjuntar una foto o un PDF").click()
    chooser.value.set_files(list(files))


def waiting(page: Page) -> Locator:
    return page.get_by_role("list", name="Archivos por enviar").get_by_role("listitem")


def photos(chat: ChatPage) -> Locator:
    """Those that are really drawn."""
    return chat.log.locator(".picture[data-shown]")


def is_drawn(canvas: Locator) -> bool:
    """Is it of more than one colour?"""
    return bool(
        canvas.evaluate(
            """canvas => new Set(
                new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)
            ).size > 1"""
        )
    )


def test_a_photo_is_shown_before_it_is_sent_and_in_the_conversation_after(
    chat: ChatPage, shop: ScriptedShop, page: Page
) -> None:
    choose(page, RECEIPT)
    expect(waiting(page)).to_have_count(1)
    expect(waiting(page).locator("canvas")).to_be_visible()
    assert is_drawn(waiting(page).locator("canvas"))
    chat.say("aquí está el comprobante")

    chat.expect_sent("aquí está el comprobante")
    expect(waiting(page)).to_have_count(0)
    expect(photos(chat)).to_have_count(1)
    assert is_drawn(photos(chat).locator("canvas"))
    assert [(frame["text"], frame["attachments"]) for frame in shop.heard] == [("aquí está el comprobante", ["file-1"])]


def test_a_photo_goes_without_a_word(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    choose(page, RECEIPT)
    page.get_by_role("button", name="Enviar", exact=True).click()

    expect(chat.log.locator(".row[data-fate=sent]")).to_have_count(1)
    expect(photos(chat)).to_have_count(1)
    assert [(frame["text"], frame["attachments"]) for frame in shop.heard] == [("", ["file-1"])]


def test_a_photo_is_there_again_after_a_reload(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    choose(page, RECEIPT, BILL)
    chat.say("los dos")
    chat.expect_sent("los dos")
    page.reload()
    chat.open()

    expect(photos(chat)).to_have_count(1)
    assert is_drawn(photos(chat).locator("canvas"))
    with page.expect_download() as saved:
        chat.log.get_by_role("button", name="Guardar factura vieja.pdf").click()
    assert saved.value.suggested_filename == "factura vieja.pdf"


def test_a_document_of_the_shop_is_a_link_below_its_words(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    shop.say(
        "Tu factura FV-1: https://shop.example/f/a",
        enclosed={"name": "FV-1.pdf", "url": "https://shop.example/f/a/pdf"},
    )
    shown = chat.log.get_by_role("link", name="Abrir FV-1.pdf")

    expect(shown).to_have_attribute("href", "https://shop.example/f/a/pdf")
    expect(shown).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(shown).to_have_text("FV-1.pdf")
    words = chat.log.locator(".text", has_text="Tu factura FV-1")
    assert (shown.bounding_box() or {})["y"] > (words.bounding_box() or {})["y"]


def test_everything_about_files_works_with_the_keyboard(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    expect(chat.composer).to_be_focused()
    # Past the pin.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Adjuntar una foto o un PDF")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files([RECEIPT, BILL])
    expect(chat.composer).to_be_focused()
    expect(waiting(page)).to_have_count(2)
    page.get_by_role("button", name="Quitar factura vieja.pdf").focus()
    page.keyboard.press("Enter")
    expect(waiting(page)).to_have_count(1)
    chat.composer.focus()
    page.keyboard.press("Enter")

    expect(photos(chat)).to_have_count(1)
    expect(chat.log.locator(".row[data-fate=sent]")).to_have_count(1)
    # Two files are on their way at once: which of them is numbered first is no matter.
    assert [len(frame["attachments"]) for frame in shop.heard] == [1]


def test_a_message_waits_until_its_files_are_there(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    shop.is_holding_files = True
    choose(page, RECEIPT)
    expect(page.get_by_role("progressbar", name="Subiendo recibo.jpg")).to_be_visible()
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_have_attribute("aria-disabled", "true")
    chat.say("mira")
    assert shop.heard == []
    shop.is_holding_files = False

    chat.expect_sent("mira")
    assert [frame["attachments"] for frame in shop.heard] == [["file-1"]]


def test_what_the_server_refuses_says_why_and_may_be_taken_away(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    shop.file_refusals = [(415, "attachment_unsupported")]
    choose(page, {"name": "virus.jpg", "mimeType": "image/jpeg", "buffer": b"MZ"})

    expect(waiting(page).get_by_role("alert")).to_have_text("La tienda no lo recibe.")
    expect(waiting(page).get_by_role("button", name="Reintentar")).to_be_hidden()
    chat.say("hola")
    assert shop.heard == []
    page.get_by_role("button", name="Quitar virus.jpg").click()
    chat.composer.press("Enter")
    chat.expect_sent("hola")


def test_a_broken_upload_is_tried_again(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    page.route("**/chat/attachments/", lambda route: route.abort())
    choose(page, RECEIPT)
    expect(waiting(page).get_by_role("alert")).to_have_text("No se pudo subir.")
    page.unroute("**/chat/attachments/")
    waiting(page).get_by_role("button", name="Reintentar").click()
    expect(waiting(page)).to_have_attribute("data-fate", "there")
    page.get_by_role("button", name="Enviar", exact=True).click()

    expect(photos(chat)).to_have_count(1)


def test_what_is_too_much_is_not_even_tried(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    choose(page, {**RECEIPT, "buffer": b"\xff\xd8\xff" + b"\0" * (15 * 1024 * 1024)})
    expect(waiting(page).get_by_role("alert")).to_have_text("Pesa más de 15 MB.")
    choose(page, *[RECEIPT] * 5)

    expect(chat.dialog.get_by_role("alert").filter(has_text="hasta 5 archivos")).to_be_visible()
    expect(waiting(page)).to_have_count(5)
    wait_until(lambda: len(shop.files) == 4)


def test_a_copied_picture_is_pasted(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    chat.composer.evaluate(
        """async (input) => {
            const canvas = new OffscreenCanvas(20, 30);
            canvas.getContext('2d').fillRect(2, 2, 5, 5);
            const file = new File([await canvas.convertToBlob()], 'captura.png', {type: 'image/png'});
            const clipboardData = new DataTransfer();
            clipboardData.items.add(file);
            input.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
        }"""
    )

    expect(waiting(page).locator("bdi")).to_have_text("captura.png")
    expect(waiting(page)).to_have_attribute("data-fate", "there")


def test_a_name_is_shown_as_text(chat: ChatPage, shop: ScriptedShop, page: Page) -> None:
    name = "<img src=x onerror=alert(1)>.pdf"
    choose(page, {**BILL, "name": name})
    expect(waiting(page).locator("bdi")).to_have_text(name)
    chat.composer.press("Enter")

    expect(chat.log.locator(".document bdi")).to_have_text(name)
    expect(chat.log.locator("img")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_composer_and_the_thread_hold_files_without_breaking(
    chromium: Browser, shop: ScriptedShop, size: dict[str, int], theme: str
) -> None:
    context = chromium.new_context(
        viewport=size, locale="es-CO", reduced_motion="reduce", color_scheme=theme, has_touch=size is PHONE,
        is_mobile=size is PHONE, device_scale_factor=2 if size is PHONE else 1,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    choose(page, RECEIPT)
    chat.say("aquí está el comprobante de la transferencia")
    shop.say("Recibí tu comprobante del pedido PED-10023. La tienda lo revisa y te aviso apenas quede aprobado.")
    expect(photos(chat)).to_have_count(1)
    choose(page, {**RECEIPT, "buffer": picture("PNG", size=(900, 300), seed=3)}, BILL)
    chat.say("y estos")
    expect(chat.log.locator(".document")).to_have_count(1)
    shop.file_refusals = [(415, "attachment_unsupported")]
    choose(page, RECEIPT, {**RECEIPT, "name": "un nombre muy largo de un archivo que no cabe en la línea.jpg"})
    expect(waiting(page).get_by_role("alert")).to_have_count(2)
    chat.composer.fill("esto es lo que pagué ayer")

    panel = chat.dialog
    wide = panel.locator(".scroll, .foot, .tray").evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth)")
    assert wide == []
    camera = page.get_by_role("button", name="Tomar una foto")
    expect(camera).to_be_visible() if size is PHONE else expect(camera).to_be_hidden()
    where = "phone" if size is PHONE else "desktop"
    page.screenshot(path=f"artifacts/browser/files-{where}-{theme}.png")
    context.close()
