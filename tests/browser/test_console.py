"""The staff's console in a real Chromium, over the real OMS and bot."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Route as Asked
from starlette.routing import Route

from console.app import create_app
from kernel.tokens import Principal, mint
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.open_market import OpenMarket

pytestmark = pytest.mark.browser

# How long a live part may take to show what is new: its own interval, and a busy machine.
LIVE_WITHIN_MS = 25_000


@pytest.fixture
def console(market: OpenMarket) -> str:
    return f"{market.url}/console"


@pytest.fixture
def desk(page: Page, market: OpenMarket) -> Page:
    """A member of the staff, signed in."""
    sign_in(page, market)
    return page


def sign_in(page: Page, market: OpenMarket) -> None:
    page.goto(f"{market.url}/console/signin")
    page.get_by_label(re.compile("Correo|E-mail")).fill(market.email)
    page.get_by_label(re.compile("Contraseña|Password")).fill(market.password)
    page.get_by_role("button", name=re.compile("Entrar|Sign in")).click()
    expect(page.get_by_text("Daniela Ríos")).to_have_count(1)


# ---- at the door ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/orders", "/orders/PED-10001", "/conversations/0190"])
def test_a_stranger_is_led_to_the_sign_in(page: Page, console: str, path: str) -> None:
    page.goto(console + path)

    expect(page.get_by_role("heading", name="Consola del equipo")).to_be_visible()
    expect(page.get_by_label("Correo")).to_be_focused()


def test_staff_sign_in_with_the_keyboard_and_arrive_where_they_wanted(
    page: Page, market: OpenMarket, console: str
) -> None:
    page.goto(f"{console}/orders")
    page.keyboard.type(market.email)
    page.keyboard.press("Tab")
    page.keyboard.type(market.password)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Pedidos", exact=True)).to_be_visible()
    assert page.url == f"{console}/orders"


def test_a_wrong_password_is_refused_without_saying_which_part_was_wrong(
    page: Page, market: OpenMarket, console: str
) -> None:
    page.goto(f"{console}/signin")
    page.get_by_label("Correo").fill(market.email)
    page.get_by_label("Contraseña").fill("no es esta")
    page.get_by_role("button", name="Entrar").click()

    expect(page.get_by_role("alert")).to_have_text("El correo o la contraseña no son correctos.")
    expect(page.get_by_label("Correo")).to_have_value(market.email)
    expect(page.get_by_label("Contraseña")).to_have_value("")
    assert "comanda_staff" not in [cookie["name"] for cookie in page.context.cookies()]


def test_the_session_is_out_of_reach_of_scripts_and_foreign_forms(desk: Page) -> None:
    cookies = {cookie["name"]: cookie for cookie in desk.context.cookies()}

    assert cookies["comanda_staff"]["httpOnly"] is True
    assert cookies["comanda_staff"]["sameSite"] == "Lax"
    assert cookies["comanda_staff"]["path"] == "/console"
    assert desk.evaluate("document.cookie") == ""


def test_signing_out_ends_the_session_on_every_page(desk: Page, console: str) -> None:
    other = desk.context.new_page()
    other.goto(f"{console}/orders")
    desk.get_by_role("button", name="Tu menú").click()
    desk.get_by_role("button", name="Salir").click()
    expect(desk.get_by_role("heading", name="Consola del equipo")).to_be_visible()

    # The other page asks for its list again, and is sent to the door as a whole.
    expect(other.get_by_role("heading", name="Consola del equipo")).to_be_visible(timeout=LIVE_WITHIN_MS)
    expect(other.get_by_text("Daniela Ríos")).to_have_count(0)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/console\\.evil.example",
        "/console/../api/docs",
        "/consolevil",
        "javascript:alert(1)",
        "/api/docs",
    ],
)
def test_signing_in_leads_to_no_page_but_ours(market: OpenMarket, console: str, target: str) -> None:
    with httpx.Client() as client:
        answer = sign_in_by_form(client, market, console, next=target)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/"


def sign_in_by_form(client: httpx.Client, market: OpenMarket, console: str, **query: str) -> httpx.Response:
    page = client.get(f"{console}/signin")
    seal = re.search(r'name="seal" value="(\w+)"', page.text)
    assert seal
    form = {"email": market.email, "password": market.password, "seal": seal[1]}
    return client.post(f"{console}/signin", params=query, data=form)


# case 106
@pytest.mark.parametrize("seal", ["", "0" * 64, "otro"])
def test_a_form_without_our_seal_is_refused_and_does_nothing(market: OpenMarket, console: str, seal: str) -> None:
    with httpx.Client() as client:
        assert sign_in_by_form(client, market, console).status_code == 303
        refused = client.post(f"{console}/signout", data={"seal": seal})
        still = client.get(f"{console}/orders")
    with httpx.Client() as client:
        client.get(f"{console}/signin")
        form = {"email": market.email, "password": market.password, "seal": seal}
        not_in = client.post(f"{console}/signin", data=form)

    assert refused.status_code == 403
    assert still.status_code == 200
    assert not_in.status_code == 403
    assert "comanda_staff" not in not_in.headers.get("set-cookie", "")


@pytest.mark.parametrize("role", ["customer", "service"])
def test_only_a_staff_token_opens_the_console(market: OpenMarket, console: str, role: str) -> None:
    answer = httpx.get(f"{console}/orders", cookies={"comanda_staff": market.token(role)})

    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/signin?next=/console/orders"


def test_a_shift_that_ended_leads_to_the_sign_in(market: OpenMarket, console: str) -> None:
    ended = mint(Principal(role="staff", subject="x"), market.settings.signing_key(), timedelta(seconds=-1))

    assert httpx.get(f"{console}/", cookies={"comanda_staff": ended}).status_code == 303


def addresses(market: OpenMarket, method: str) -> list[str]:
    """One address for each route of the console that takes `method`."""
    routes = [route for route in create_app(market.settings).routes if isinstance(route, Route)]
    return [re.sub(r"{\w+}", "0190", route.path) for route in routes if method in (route.methods or ())]


# case 106
def test_every_route_forbids_frames_foreign_content_and_copies(market: OpenMarket, console: str) -> None:
    paths = [path for path in addresses(market, "GET") if not path.startswith(("/static/", "/events"))] + ["/nowhere"]
    wrong = []
    with httpx.Client(cookies={"comanda_staff": market.token("staff")}) as client:
        for path in paths:
            headers = client.get(console + path).headers
            policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
            said = (policy["default-src"], policy["script-src"], policy["style-src"], policy["connect-src"])
            kept = (headers["x-content-type-options"], policy["frame-ancestors"], headers["cache-control"])
            if (*said, *kept) != ("'none'", "'self'", "'self'", "'self'", "nosniff", "'none'", "no-store"):
                wrong.append(path)

    assert wrong == []
    print(f"headers: {len(paths)} of {len(paths)} routes")


# case 106
def test_no_form_of_another_page_does_anything(market: OpenMarket, console: str) -> None:
    paths = addresses(market, "POST")
    with httpx.Client(cookies={"comanda_staff": market.token("staff")}) as client:
        answers = {path: client.post(console + path, data={"act": "1", "version": "1"}).status_code for path in paths}

    assert {path: status for path, status in answers.items() if status != 403} == {}
    print(f"forms without a seal: {len(answers)} of {len(paths)} routes refuse them")


# ---- conversations -------------------------------------------------------------------------------------------------


def test_conversations_show_who_has_them_the_latest_first(desk: Page, market: OpenMarket, console: str) -> None:
    market.converse(("customer", "hola"), ("assistant", "¡Hola!"))
    market.converse(("customer", "quiero hablar con una persona"), owner="queued")
    desk.goto(f"{console}/")
    rows = desk.locator(".rows a")

    expect(rows.nth(0)).to_contain_text("quiero hablar con una persona")
    expect(rows.nth(0)).to_contain_text("En espera")
    expect(rows.nth(1)).to_contain_text("¡Hola!")
    expect(rows.nth(1)).to_contain_text("Asistente")
    desk.get_by_role("link", name="En espera", exact=True).click()
    expect(desk.locator(".rows .chip").first).to_have_text("En espera")
    expect(desk.locator(".rows").get_by_text("Asistente")).to_have_count(0)


def test_an_open_conversation_keeps_itself_up_to_date(desk: Page, market: OpenMarket, console: str) -> None:
    conversation = market.converse(("customer", "hola"), ("assistant", "¿Cuál pan?", ["Blanco", "Integral"]))
    desk.goto(f"{console}/conversations/{conversation}")
    words = desk.locator(".message .words")
    expect(words).to_have_text(["hola", "¿Cuál pan?"])
    expect(desk.locator(".choices span")).to_have_text(["Blanco", "Integral"])
    market.add(conversation, "customer", "el integral")
    market.add(conversation, "assistant", "Listo.")
    expect(words).to_have_text(["hola", "¿Cuál pan?", "el integral", "Listo."], timeout=LIVE_WITHIN_MS)
    market.add(conversation, "customer", "esto está mal")
    market.hand_to(conversation, "queued")

    expect(words).to_have_text(["hola", "¿Cuál pan?", "el integral", "Listo.", "esto está mal"], timeout=LIVE_WITHIN_MS)
    expect(desk.locator(".thread-head")).to_contain_text("Motivo: Reclamo", timeout=LIVE_WITHIN_MS)
    expect(desk.locator(".thread-head .chip")).to_have_text("En espera")
    expect(desk.locator(".thread-head p")).to_contain_text("Chat web · ES")
    expect(desk.locator(".rows a[aria-current]")).to_contain_text("esto está mal")


def test_what_becomes_of_a_message_is_shown_as_it_happens(desk: Page, market: OpenMarket, console: str) -> None:
    conversation = market.converse(("customer", "hola"))
    part = market.sends(conversation, "Tu pedido ya salió")
    desk.goto(f"{console}/conversations/{conversation}")
    fate = desk.locator(".fate")
    expect(fate).to_have_text("· en cola")

    market.settles(part, "delivered")
    expect(fate).to_have_text("· entregado", timeout=LIVE_WITHIN_MS)
    market.settles(part, "read")
    lost = market.sends(conversation, "¿Sigues ahí?")
    expect(fate).to_have_text(["· leído", "· en cola"], timeout=LIVE_WITHIN_MS)
    market.settles(lost, "failed", "blocked")
    expect(fate).to_have_text(["· leído", "· no llegó: bloqueó a la tienda"], timeout=LIVE_WITHIN_MS)
    expect(desk.locator(".message")).to_have_count(3)
    market.add(conversation, "customer", "aquí estoy")
    expect(desk.locator(".message")).to_have_count(4, timeout=LIVE_WITHIN_MS)


def test_a_long_conversation_is_read_to_its_end(desk: Page, market: OpenMarket, console: str) -> None:
    conversation = market.converse(*(("customer", f"mensaje {number}") for number in range(450)))
    desk.goto(f"{console}/conversations/{conversation}")

    expect(desk.locator(".message")).to_have_count(450)
    expect(desk.get_by_text("mensaje 449", exact=True).last).to_be_in_viewport()


def test_news_is_shown_at_once_and_nobody_asks_for_it_meanwhile(desk: Page, market: OpenMarket, console: str) -> None:
    conversation = market.converse(("customer", "hola"))
    with desk.expect_response(lambda answer: answer.url.endswith("/events")):
        desk.goto(f"{console}/conversations/{conversation}")
    desk.wait_for_timeout(1_000)
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    # A sweep of the hub may tell of the conversation's first message once more; after it there is silence.
    desk.wait_for_timeout(2_000)
    assert len(asked) <= 2
    market.add(conversation, "customer", "¿siguen ahí?")

    expect(desk.locator(".message .words")).to_have_text(["hola", "¿siguen ahí?"], timeout=3_000)
    expect(desk.locator(".rows a[aria-current]")).to_contain_text("¿siguen ahí?", timeout=3_000)


def test_news_that_comes_while_a_page_is_reading_is_not_missed(desk: Page, market: OpenMarket, console: str) -> None:
    conversation = market.converse(("customer", "uno"))
    desk.goto(f"{console}/conversations/{conversation}")
    desk.wait_for_timeout(1_000)

    def hold(route: Asked) -> None:
        answer = route.fetch()
        if "tres" not in said:
            said.append("tres")
            market.add(conversation, "customer", "tres")
            desk.wait_for_timeout(600)
            # Told once: no sweep of the hub says it again.
            desk.evaluate("dispatchEvent(new Event('pagehide'))")
        route.fulfill(response=answer)

    said: list[str] = []
    desk.route("**/messages?*", hold)
    market.add(conversation, "customer", "dos")

    expect(desk.locator(".message .words")).to_have_text(["uno", "dos", "tres"], timeout=5_000)


# A browser asks again by itself for what was cut off, and not for what was refused.
@pytest.mark.parametrize("harm", [Asked.abort, partial(Asked.fulfill, status=503)], ids=["cut off", "refused"])
def test_a_stream_that_was_cut_is_said_so_and_read_up_on(
    desk: Page, market: OpenMarket, console: str, harm: Callable[[Asked], None]
) -> None:
    conversation = market.converse(("customer", "hola"))
    desk.route("**/events", lambda route: harm(route))
    desk.goto(f"{console}/conversations/{conversation}")
    notice = desk.get_by_text("Sin conexión con el servidor.")
    expect(notice).to_be_visible()
    market.add(conversation, "customer", "mientras tanto", is_hinted=False)
    with desk.expect_response(lambda answer: answer.url.endswith("/events")):
        desk.unroute("**/events")

    expect(notice).to_be_hidden()
    # Long before the thread asks by itself.
    expect(desk.locator(".message .words")).to_have_text(["hola", "mientras tanto"], timeout=5_000)


def test_a_list_that_has_not_changed_is_left_alone(desk: Page, market: OpenMarket, console: str) -> None:
    market.converse(("customer", "hola"))
    desk.goto(f"{console}/")
    with desk.expect_response(lambda answer: "/conversations/list" in answer.url, timeout=LIVE_WITHIN_MS) as heard:
        desk.locator(".rows a").first.focus()

    assert heard.value.status == 204
    expect(desk.locator(".rows a").first).to_be_focused()


def test_a_list_that_takes_long_is_asked_for_the_less_often(desk: Page, market: OpenMarket, console: str) -> None:
    conversation = market.converse(("customer", "hola"))
    taken_s: list[tuple[float, float]] = []

    def slow(route: Asked) -> None:
        asked_at = time.monotonic()
        time.sleep(0.3)
        route.continue_()
        taken_s.append((asked_at, time.monotonic()))

    desk.goto(f"{console}/")
    desk.route("**/conversations/list?*", slow)
    for number in range(600):
        if len(taken_s) == 3:
            break
        market.add(conversation, "customer", f"noticia {number}")
        desk.wait_for_timeout(100)

    rests = [after[0] - before[1] for before, after in pairwise(taken_s)]
    assert len(rests) == 2
    # Eight times as long as the answer took, which the browser saw a little later than we did.
    assert min(rests) > 7 * 0.3


# ---- orders ----------------------------------------------------------------------------------------------------------


def test_an_order_is_shown_as_it_was_agreed(desk: Page, market: OpenMarket, console: str) -> None:
    order = market.order(("LECHE-ENTERA-1L", "3"), ("ENCENDEDOR", "2"))
    desk.goto(f"{console}/orders")
    row = desk.get_by_role("row").filter(has_text=order.number)
    expect(row).to_contain_text("Confirmado")
    expect(row).to_contain_text("$25.200")
    row.get_by_role("link", name=order.number).click()

    expect(desk.get_by_role("heading", name=order.number)).to_be_visible()
    lines = desk.locator(".order-lines tbody tr")
    expect(lines.nth(0)).to_contain_text("LECHE-ENTERA-1L")
    expect(lines.nth(0)).to_contain_text("$15.900")
    expect(lines.nth(1)).to_contain_text("$4.800")
    expect(desk.locator(".sums")).to_have_text(re.compile(r"\$20\.700.*\$4\.500.*\$25\.200.*\$766", re.DOTALL))
    expect(desk.locator(".facts")).to_contain_text("Calle 57 # 9-28, apto 301")
    expect(desk.locator(".facts")).to_contain_text("Nequi")
    expect(desk.locator(".history li")).to_contain_text(["Recibido", "Confirmado"])


def test_the_list_of_orders_keeps_itself_up_to_date(desk: Page, market: OpenMarket, console: str) -> None:
    first = market.order(("ENCENDEDOR", "1"))
    desk.goto(f"{console}/orders")
    row = desk.get_by_role("row").filter(has_text=first.number)
    expect(row).to_contain_text("Confirmado")
    second = market.order(("ENCENDEDOR", "2"))
    market.cancel(first)

    expect(row).to_contain_text("Cancelado", timeout=LIVE_WITHIN_MS)
    expect(desk.get_by_role("row").nth(1)).to_contain_text(second.number)
    desk.get_by_role("link", name="Cancelado").click()
    expect(desk.get_by_role("row").filter(has_text=first.number)).to_be_visible()
    expect(desk.get_by_text(second.number)).to_have_count(0)


def test_an_order_that_is_not_there_is_said_so(desk: Page, console: str) -> None:
    answer = desk.goto(f"{console}/orders/PED-99999")

    assert answer
    assert answer.status == 404
    expect(desk.get_by_role("heading", name="No lo encontramos")).to_be_visible()


# ---- states, screens, languages --------------------------------------------------------------------------------------


def test_empty_lists_say_what_will_come(chromium: Browser, new_home: Callable[[], Path]) -> None:
    with OpenMarket(new_home()) as quiet:
        context = chromium.new_context(locale="en-US", viewport=DESKTOP)
        page = context.new_page()
        sign_in(page, quiet)
        expect(page.get_by_role("heading", name="No conversations here")).to_be_visible()
        page.get_by_role("link", name="Orders", exact=True).click()
        expect(page.get_by_role("heading", name="No orders here")).to_be_visible()
        context.close()


def test_the_console_speaks_the_language_staff_choose(desk: Page, console: str) -> None:
    desk.get_by_role("button", name="Tu menú").click()
    desk.get_by_role("link", name="English").click()
    expect(desk.get_by_role("link", name="Orders", exact=True)).to_be_visible()
    desk.goto(f"{console}/orders")

    expect(desk.get_by_role("heading", name="Orders", exact=True)).to_be_visible()
    assert desk.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_fits_its_screen_and_keeps_its_policy(
    chromium: Browser, market: OpenMarket, console: str, size: dict[str, int], scheme: str
) -> None:
    long = "una dirección larguísima sin pausas " + "x" * 120
    order = market.order(("LECHE-ENTERA-1L", "3"), address=f"Calle 5 # 1-2 {long}")
    conversation = market.converse(("customer", long), ("assistant", long, ["Pan tajado blanco 450 g", "Integral"]))
    context: BrowserContext = chromium.new_context(viewport=size, color_scheme=scheme, locale="es-CO")
    page = context.new_page()
    page.add_init_script(
        "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective))"
    )
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"{console}/signin")
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    sign_in(page, market)
    for path in ("/", f"/conversations/{conversation}", "/orders", f"/orders/{order.number}"):
        page.goto(console + path)
        expect(page.locator("main")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"], path
        assert page.evaluate("window.violations") == [], path
    assert broken == []
    context.close()


def test_on_a_phone_a_conversation_takes_the_screen_and_leads_back(
    chromium: Browser, market: OpenMarket, console: str
) -> None:
    conversation = market.converse(("customer", "hola desde el teléfono"))
    context = chromium.new_context(viewport=PHONE, locale="es-CO")
    page = context.new_page()
    sign_in(page, market)
    page.locator(f"#c-{conversation}").click()
    expect(page.locator(".message .words")).to_have_text("hola desde el teléfono")
    expect(page.locator(".list")).to_be_hidden()
    page.get_by_role("link", name="Conversaciones").last.click()

    expect(page.locator(".list")).to_be_visible()
    context.close()


def test_a_server_out_of_reach_is_said_so_and_forgotten_when_it_is_back(desk: Page, console: str) -> None:
    desk.goto(f"{console}/orders")
    notice = desk.get_by_text("Sin conexión con el servidor.")
    desk.context.set_offline(True)
    expect(notice).to_be_visible(timeout=LIVE_WITHIN_MS)
    desk.context.set_offline(False)

    expect(notice).to_be_hidden(timeout=LIVE_WITHIN_MS)
