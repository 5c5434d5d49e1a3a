/** <comanda-chat>: opens and closes, listens and speaks; ties the connection to what is on screen. */
import { Connection } from "./connection.js";
import { h, icon, setText } from "./dom.js";
import { Memory } from "./memory.js";
import { Outbox } from "./outbox.js";
import { buildShell } from "./shell.js";
import { sheet } from "./style.js";
import { TEXTS } from "./texts.js";
import { reason, Thread } from "./thread.js";
import { download, upload } from "./transfer.js";
import { Tray } from "./tray.js";

const TEXT_LIMIT = 1000;
const COUNT_FROM = 900;
const OFFLINE_SHOWN_AFTER_MS = 1_500;
const TYPING_ENDS_AFTER_MS = 30_000;
const ERROR_SHOWN_MS = 8_000;
const LONG_HISTORY_MS = 2_000;
const NEAR_END_PX = 80;
const BEFORE_NEWEST_PX = 8;
const PLACE_WITHIN_MS = 20_000;
const PLACE_REFUSED = 1; // GeolocationPositionError.PERMISSION_DENIED
const PHONE = "(max-width: 640px), (max-height: 480px)";

class ComandaChat extends HTMLElement {
  static observedAttributes = ["data-title", "data-color", "data-theme", "data-position", "data-user"];

  #memory;
  #outbox;
  #connection;
  #thread;
  #tray;
  #parts;
  #language = "es";
  #owner = "assistant";
  #line = "online";
  #shop = "";
  #isOpen = false;
  #isAtEnd = true;
  // The customer pressed send while files were on their way.
  #isSendWished = false;
  #isPlacing = false;
  // What we put before the page's title.
  #titled = "";
  #top = 0;
  #timers = {};

  connectedCallback() {
    if (this.#connection) return this.#connection.start();
    const server = (this.dataset.server || new URL("..", import.meta.url).href).replace(/\/+$/, "");
    this.#memory = new Memory(server);
    this.#outbox = new Outbox(this.#memory);
    this.#connection = new Connection(server, this.#memory, this.#outbox);
    this.#language = this.#firstLanguage();
    this.#connection.locale = this.#language;
    this.#connection.user = this.dataset.user;
    this.#build();
    this.#thread = new Thread(this.#parts.rows, TEXTS[this.#language], {
      onChoose: (choice) => this.#say(choice),
      onRetry: (clientId) => {
        this.#outbox.retry(clientId);
        this.#connection.flush();
      },
      loadFile: async (id) => download(server, await this.#connection.token(), id),
    });
    this.#tray = new Tray(this.#parts.tray, TEXTS[this.#language], {
      send: async (file, onProgress, signal) => upload(server, await this.#connection.token(), file, onProgress, signal),
      onChange: () => this.#trayChanged(),
      onProblem: (failure) => this.#complain(reason(failure, this.#texts)),
    });
    for (const message of this.#outbox.all) this.#thread.pend(message);
    this.#listen();
    this.#paint();
    // A visitor who never wrote costs the shop no connection until the chat is opened.
    if (this.#memory.get("token") || this.#outbox.next) this.#connection.start();
    if ("open" in this.dataset) this.open();
    return undefined;
  }

  disconnectedCallback() {
    this.close();
    this.#connection.stop();
    this.#entitle("");
  }

  attributeChangedCallback(name, before, now) {
    if (!this.#connection) return;
    if (name === "data-user" && before !== now) this.#connection.signIn(now || undefined);
    this.#paint();
  }

  open() {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#connection.start();
    this.#paint();
    this.#followViewport();
    this.#toEnd();
    this.#focusInside();
  }

  close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#followViewport();
    this.#paint();
    this.#parts.launcher.focus({ preventScroll: true });
  }

  /** Opens the chat and says `text` for the customer, as if they had written it. */
  say(text) {
    this.open();
    this.#say({ text });
  }

  get #texts() {
    return TEXTS[this.#language];
  }

  #firstLanguage() {
    const wishes = [this.#memory.get("language"), this.dataset.language, document.documentElement.lang];
    const known = [...wishes, navigator.language, "es"].map((wish) => (wish || "").slice(0, 2).toLowerCase());
    return known.find((wish) => wish in TEXTS);
  }

  #build() {
    this.#parts = buildShell({
      toggle: () => this.#toggle(),
      close: () => this.close(),
      switchLanguage: () => this.#switchLanguage(),
      scrolled: () => this.#scrolled(),
      toEnd: () => this.#toEnd(),
      wrote: () => this.#wrote(),
      pressedInComposer: (event) => this.#pressedInComposer(event),
      submit: () => this.#submit(),
      sendPlace: () => this.#sendPlace(),
      choseFiles: (event) => this.#choseFiles(event),
      pasted: (event) => this.#pasted(event),
    });
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#parts.chat);
  }

  #listen() {
    const on = (event, act) => this.#connection.addEventListener(event, ({ detail }) => act(detail));
    on("state", (state) => this.#lineIs(state));
    on("welcome", (frame) => this.#welcome(frame));
    on("message", (message) => this.#received(message));
    on("ack", (frame) => this.#thread.ack(frame));
    on("refused", (frame) => this.#thread.refuse(frame));
    on("forgotten", () => this.#forget());
    on("typing", ({ on }) => this.#typing(on));
    on("owner", ({ owner }) => {
      if (owner === "agent") this.#thread.endChoices();
      this.#owner = owner;
      this.#paint();
    });
    on("language", ({ language }) => {
      this.#memory.set("language", null);
      this.#speak(language);
    });
    on("error", (frame) => this.#complain(reason(frame, this.#texts)));
    this.#parts.panel.addEventListener("keydown", (event) => this.#pressed(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
    matchMedia(PHONE).addEventListener("change", () => {
      this.#followViewport();
      this.#paint();
    });
    document.addEventListener("visibilitychange", () => this.#markSeen());
    // A notice, a keyboard or a taller composer takes room: the newest message stays in sight.
    const watch = new ResizeObserver(() => this.#follow());
    watch.observe(this.#parts.scroll);
    watch.observe(this.#parts.rows);
  }

  // ---- what the server says -------------------------------------------------------------------------------------

  #welcome(frame) {
    this.#owner = frame.owner;
    this.#shop = frame.shop?.name ?? this.#shop;
    if (this.dataset.user && !frame.is_signed_in) console.warn("Comanda: data-user signs nobody in; docs/widget.md says why.");
    this.#speak(this.#memory.get("language") ?? frame.language);
    const speakUp = () => this.#parts.rows.setAttribute("aria-live", "polite");
    // A history longer than one frame is still coming in.
    setTimeout(speakUp, frame.has_more ? LONG_HISTORY_MS : 0);
  }

  #received(message) {
    const isNew = this.#thread.put(message);
    if (isNew && message.author !== "customer") this.#typing(false);
    this.#paint();
    if (isNew) this.#arrived();
  }

  /** The server no longer knows us: what was said is gone, what is unsent goes into the new conversation. */
  #forget() {
    this.#thread.clear();
    this.#tray.clear();
    this.#memory.set("seen", 0);
    for (const message of this.#outbox.all) this.#thread.pend(message);
  }

  #typing(isOn) {
    clearTimeout(this.#timers.typing);
    if (isOn) this.#timers.typing = setTimeout(() => this.#typing(false), TYPING_ENDS_AFTER_MS);
    this.#parts.typing.hidden = !isOn;
    if (isOn) this.#follow();
  }

  #lineIs(state) {
    if (state === "online") {
      clearTimeout(this.#timers.offline);
      delete this.#timers.offline;
      this.#line = "online";
    } else if (!navigator.onLine) {
      this.#line = "offline";
    } else {
      // A cut that heals at once is not worth a banner.
      this.#timers.offline ??= setTimeout(() => {
        this.#line = "offline";
        this.#paint();
      }, OFFLINE_SHOWN_AFTER_MS);
    }
    this.#paint();
  }

  #complain(text) {
    setText(this.#parts.error, text);
    this.#parts.error.hidden = false;
    clearTimeout(this.#timers.error);
    this.#timers.error = setTimeout(() => (this.#parts.error.hidden = true), ERROR_SHOWN_MS);
  }

  // ---- what the customer does -----------------------------------------------------------------------------------

  #toggle() {
    if (this.#isOpen) this.close();
    else this.open();
  }

  #say(words) {
    this.#thread.pend(this.#outbox.add(words));
    this.#paint();
    this.#toEnd();
    this.#connection.start();
    this.#connection.flush();
    // The choice or suggestion that was pressed is about to close and would take the focus with it.
    if (this.shadowRoot.activeElement !== this.#parts.input) this.#focusInside();
  }

  #focusInside() {
    // On a touch screen the keyboard would cover the conversation before it is read.
    const { panel, input } = this.#parts;
    (matchMedia("(pointer: coarse)").matches ? panel : input).focus({ preventScroll: true });
  }

  #submit() {
    // NUL and halves of surrogate pairs are not text, and no database would keep them.
    const text = this.#parts.input.value.replaceAll("\0", "").toWellFormed().trim();
    if (lengthOf(text) > TEXT_LIMIT || (!text && this.#tray.isEmpty)) return;
    this.#isSendWished = this.#tray.isUploading;
    if (!this.#tray.isEmpty && !this.#tray.isReady) return;
    const attachments = this.#tray.isEmpty ? undefined : this.#tray.take();
    this.#parts.input.value = "";
    this.#wrote();
    this.#say({ text, attachments });
  }

  #choseFiles({ target }) {
    this.#tray.add(target.files);
    // The same file may be chosen again.
    target.value = "";
    this.#parts.input.focus({ preventScroll: true });
  }

  /** The browser asks the customer itself; nothing is asked of it before this button is pressed. */
  #sendPlace() {
    if (this.#isPlacing) return;
    const end = (act) => (given) => {
      this.#isPlacing = false;
      this.#paint();
      act(given);
    };
    const send = ({ coords }) => {
      const [latitude, longitude] = [coords.latitude, coords.longitude].map((degrees) => Number(degrees.toFixed(5)));
      this.#say({ text: `(${latitude}, ${longitude})`, location: { latitude, longitude } });
    };
    const complain = ({ code }) =>
      this.#complain(this.#texts.errors[code === PLACE_REFUSED ? "place_refused" : "place_unknown"]);
    this.#isPlacing = true;
    this.#paint();
    navigator.geolocation.getCurrentPosition(end(send), end(complain), {
      enableHighAccuracy: true,
      timeout: PLACE_WITHIN_MS,
    });
  }

  #pasted(event) {
    const { files } = event.clipboardData;
    if (!files.length) return;
    event.preventDefault();
    this.#tray.add(files);
  }

  #trayChanged() {
    this.#parts.tray.hidden = this.#tray.isEmpty;
    this.#wrote();
    if (this.#isSendWished && !this.#tray.isUploading) {
      this.#isSendWished = false;
      if (this.#tray.isReady) this.#submit();
    }
  }

  #wrote() {
    const { input, counter, send } = this.#parts;
    const length = lengthOf(input.value.trim());
    const excess = length - TEXT_LIMIT;
    const isWaiting = this.#tray.isEmpty ? length === 0 : !this.#tray.isReady;
    send.setAttribute("aria-disabled", String(isWaiting || excess > 0));
    input.setAttribute("aria-invalid", String(excess > 0));
    counter.hidden = length < COUNT_FROM;
    counter.classList.toggle("excess", excess > 0);
    setText(counter, excess > 0 ? this.#texts.excess(excess) : `${length} / ${TEXT_LIMIT}`);
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
    if (length) this.#connection.typing();
  }

  #pressedInComposer(event) {
    // While an input method composes (accents, Asian scripts) Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #pressed(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab" && matchMedia(PHONE).matches) {
      this.#keepFocusInside(event);
    }
  }

  /** Full screen, the page behind is out of sight and must be out of reach of Tab. */
  #keepFocusInside(event) {
    const reachable = [...this.#parts.panel.querySelectorAll("button, textarea, a, [tabindex='0']")].filter(
      (element) => !element.disabled && element.offsetParent !== null,
    );
    const edge = event.shiftKey ? reachable[0] : reachable.at(-1);
    const active = this.shadowRoot.activeElement;
    if (active !== edge && active !== this.#parts.panel) return;
    event.preventDefault();
    (event.shiftKey ? reachable.at(-1) : reachable[0]).focus();
  }

  /** The page changes at once; the assistant, or the person answering, is asked in words. */
  #switchLanguage() {
    const language = this.#language === "es" ? "en" : "es";
    this.#memory.set("language", language);
    this.#speak(language);
    if (!this.#thread.isEmpty) this.#say({ text: this.#texts.thisLanguagePlease });
  }

  #speak(language) {
    if (!(language in TEXTS)) return this.#paint();
    this.#language = language;
    this.#connection.locale = language;
    this.#thread.setTexts(this.#texts);
    this.#tray.setTexts(this.#texts);
    return this.#paint();
  }

  // ---- scrolling and reading ------------------------------------------------------------------------------------

  #scrolled() {
    const { scroll, newest } = this.#parts;
    const isNearEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
    // What is new makes the end farther away, but only the customer scrolls up.
    if (isNearEnd) this.#isAtEnd = true;
    else if (scroll.scrollTop < this.#top) this.#isAtEnd = false;
    this.#top = scroll.scrollTop;
    if (this.#isAtEnd) newest.hidden = true;
  }

  /** Stays at the end, if that is where the customer is now: the event of their last scroll may still be on its way. */
  #follow() {
    this.#scrolled();
    if (this.#isAtEnd) this.#toEnd();
  }

  #arrived() {
    this.#follow();
    this.#showFromItsBeginning();
    if (!this.#isAtEnd) this.#parts.newest.hidden = !this.#isOpen;
    this.#markSeen();
  }

  #toEnd() {
    const { scroll, newest } = this.#parts;
    this.#isAtEnd = true;
    newest.hidden = true;
    scroll.scrollTo({ top: scroll.scrollHeight });
    this.#top = scroll.scrollTop;
  }

  /** What is new and does not fit is read from its first line; the way to its end is a button. */
  #showFromItsBeginning() {
    const { scroll } = this.#parts;
    const newest = this.#thread.newest;
    const hidden = newest ? scroll.getBoundingClientRect().top - newest.getBoundingClientRect().top : 0;
    if (!this.#isAtEnd || hidden <= 0) return;
    this.#isAtEnd = false;
    scroll.scrollTo({ top: scroll.scrollTop - hidden - BEFORE_NEWEST_PX });
    this.#top = scroll.scrollTop;
  }

  #markSeen() {
    if (this.#isOpen && !document.hidden) this.#memory.set("seen", this.#thread.lastSeq);
    const count = this.#thread.countAfter(this.#memory.get("seen") ?? 0);
    this.#parts.badge.hidden = this.#isOpen || count === 0;
    setText(this.#parts.badge, count > 9 ? "9+" : String(count));
    const label = this.#isOpen ? this.#texts.close : this.#texts.launcher;
    setText(this.#parts.news, count && !this.#isOpen ? this.#texts.unread(count) : "");
    this.#entitle(count ? `(${count}) ` : "");
    this.#parts.launcher.setAttribute("aria-label", count && !this.#isOpen ? `${label}, ${this.#texts.unread(count)}` : label);
  }

  /** In a tab behind others the page's title tells what is unread. */
  #entitle(mark) {
    if (mark === this.#titled) return;
    const plain = document.title.startsWith(this.#titled) ? document.title.slice(this.#titled.length) : document.title;
    this.#titled = mark;
    document.title = mark + plain;
  }

  /** Full screen follows the visible part of the screen: what an on-screen keyboard leaves. */
  #followViewport() {
    const isFullScreen = this.#isOpen && matchMedia(PHONE).matches;
    const viewport = window.visualViewport;
    // The page behind must not scroll under the finger.
    document.documentElement.style.overflow = isFullScreen ? "hidden" : "";
    viewport?.removeEventListener("resize", this.#fit);
    viewport?.removeEventListener("scroll", this.#fit);
    if (!isFullScreen || !viewport) return;
    viewport.addEventListener("resize", this.#fit);
    viewport.addEventListener("scroll", this.#fit);
    this.#fit();
  }

  #fit = () => {
    const { height, offsetTop } = window.visualViewport;
    this.#parts.chat.style.setProperty("--viewport-height", `${height}px`);
    this.#parts.chat.style.setProperty("--viewport-top", `${offsetTop}px`);
  };

  // ---- painting -------------------------------------------------------------------------------------------------

  /** Brings everything outside the rows in line with the state; cheap, so called after each change. */
  #paint() {
    const parts = this.#parts;
    const texts = this.#texts;
    const isFullScreen = this.#isOpen && matchMedia(PHONE).matches;
    const title = this.dataset.title || this.#shop || texts.shop;
    const notices = { queued: texts.queuedNotice, agent: texts.agentNotice };
    parts.chat.lang = this.#language;
    parts.chat.className = ["chat", this.dataset.position === "left" && "left", this.#isOpen && "open"]
      .filter(Boolean)
      .join(" ");
    this.#paintColours();
    parts.panel.hidden = !this.#isOpen;
    parts.panel.setAttribute("aria-modal", String(isFullScreen));
    parts.launcher.setAttribute("aria-expanded", String(this.#isOpen));
    parts.launcherFace.replaceChildren(icon(this.#isOpen ? "down" : "chat"));
    setText(parts.name, title);
    setText(parts.status, texts[this.#owner] ?? texts.assistant);
    parts.status.dataset.owner = this.#owner;
    parts.status.dataset.line = this.#line;
    setText(parts.tongue, texts.otherLanguageMark);
    parts.tongue.setAttribute("aria-label", texts.otherLanguage);
    parts.tongue.lang = this.#language === "es" ? "en" : "es";
    parts.close.setAttribute("aria-label", texts.close);
    parts.owner.hidden = !(this.#owner in notices);
    setText(parts.owner, notices[this.#owner] ?? "");
    parts.offline.hidden = this.#line !== "offline";
    setText(parts.offline, parts.offline.hidden ? "" : texts.offline);
    this.#paintLog();
    parts.input.setAttribute("aria-label", texts.composer);
    parts.input.placeholder = texts.composer;
    parts.send.setAttribute("aria-label", texts.send);
    parts.clip.setAttribute("aria-label", texts.attach);
    parts.camera.setAttribute("aria-label", texts.camera);
    parts.pin.setAttribute("aria-label", this.#isPlacing ? texts.placing : texts.place);
    parts.pin.setAttribute("aria-disabled", String(this.#isPlacing));
    parts.tray.setAttribute("aria-label", texts.tray);
    setText(parts.newestText, texts.newest);
    this.#markSeen();
  }

  #paintLog() {
    const parts = this.#parts;
    const texts = this.#texts;
    parts.scroll.setAttribute("aria-label", texts.log);
    parts.rows.setAttribute("aria-label", texts.log);
    parts.typingFace.replaceChildren(icon(this.#owner === "agent" ? "person" : "slip"));
    parts.typing.setAttribute("aria-label", `${texts[this.#owner === "agent" ? "person" : "bot"]} ${texts.typing}`);
    parts.empty.hidden = !this.#thread.isEmpty;
    if (parts.empty.hidden || parts.empty.lang === this.#language) return;
    parts.empty.lang = this.#language;
    setText(parts.greeting, texts.greeting);
    setText(parts.invitation, texts.invitation);
    parts.suggestions.replaceChildren(
      ...texts.suggestions.map((text) =>
        h("button", { type: "button", class: "suggestion", onclick: () => this.say(text) }, text),
      ),
    );
  }

  #paintColours() {
    const { chat } = this.#parts;
    const wish = this.dataset.theme;
    const isDark = wish === "dark" || (wish !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    const color = this.dataset.color;
    chat.dataset.theme = isDark ? "dark" : "light";
    chat.style.removeProperty("--accent");
    chat.style.removeProperty("--on-accent");
    if (!color || !CSS.supports("color", color)) return;
    chat.style.setProperty("--accent", color);
    chat.style.setProperty("--on-accent", readableOn(color));
  }
}

/** Characters as the server counts them: an emoji is one. */
function lengthOf(text) {
  return [...text].length;
}

/** Black or white, whichever reads better on `color`. Source: WCAG 2.2, relative luminance. */
function readableOn(color) {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((part) =>
    part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? "#000" : "#fff";
}

customElements.define("comanda-chat", ComandaChat);
