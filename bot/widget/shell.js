/** The chat's fixed furniture: launcher, dialog, head, log and composer, built once and filled with words later. */
import { h, icon } from "./dom.js";
import { ACCEPTED } from "./tray.js";

/** `act` holds what each control does; returns the named parts, of which `chat` is the root. */
export function buildShell(act) {
  const parts = {};
  parts.badge = h("span", { class: "badge", hidden: true, "aria-hidden": "true" });
  parts.launcherFace = h("span");
  parts.launcher = h(
    "button",
    { type: "button", class: "launcher", "aria-haspopup": "dialog", onclick: act.toggle },
    parts.launcherFace,
    parts.badge,
  );
  parts.panel = h(
    "div",
    { class: "panel", role: "dialog", "aria-labelledby": "name", tabindex: "-1", hidden: true },
    buildHead(parts, act),
    (parts.owner = h("div", { class: "notice", role: "status" })),
    (parts.offline = h("div", { class: "notice warning", role: "status" })),
    buildLog(parts, act),
    buildNewest(parts, act),
    buildFoot(parts, act),
  );
  // Outside the panel: it speaks while that is closed.
  parts.news = h("div", { class: "unseen", role: "status" });
  parts.chat = h("div", { class: "chat" }, parts.panel, parts.launcher, parts.news);
  return parts;
}

function buildHead(parts, act) {
  parts.name = h("h2", { id: "name" });
  parts.status = h("span", { class: "status" });
  parts.tongue = h("button", { type: "button", class: "tool", onclick: act.switchLanguage });
  parts.close = h("button", { type: "button", class: "tool", onclick: act.close }, icon("close"));
  const name = h("div", { class: "name" }, parts.name, parts.status);
  return h("div", { class: "head" }, avatar(), name, parts.tongue, parts.close);
}

function buildLog(parts, act) {
  parts.greeting = h("h3");
  parts.invitation = h("p");
  parts.suggestions = h("div", { class: "suggestions" });
  parts.empty = h("div", { class: "empty" }, avatar(), parts.greeting, parts.invitation, parts.suggestions);
  // Silent until the history is in: a reload must not read the whole conversation aloud.
  parts.rows = h("div", { class: "rows", role: "log", "aria-live": "off", "aria-relevant": "additions" });
  parts.typingFace = avatar();
  const dots = h("div", { class: "dots" }, h("i"), h("i"), h("i"));
  parts.typing = h("div", { class: "typing", role: "img", hidden: true }, parts.typingFace, dots);
  parts.scroll = h("div", { class: "scroll", tabindex: "0", role: "region" }, parts.empty, parts.rows, parts.typing);
  parts.scroll.addEventListener("scroll", act.scrolled, { passive: true });
  return parts.scroll;
}

function buildNewest(parts, act) {
  parts.newestText = h("span");
  const attributes = { type: "button", class: "newest", hidden: true, onclick: act.toEnd };
  parts.newest = h("button", attributes, icon("down"), parts.newestText);
  return parts.newest;
}

function buildFoot(parts, act) {
  parts.tray = h("ul", { class: "tray", hidden: true });
  parts.files = h("input", { type: "file", accept: ACCEPTED, multiple: true, hidden: true, onchange: act.choseFiles });
  // On a phone, straight to the camera; elsewhere it would be a second way to the same dialog, and is not shown.
  parts.shot = h("input", { type: "file", accept: "image/jpeg", capture: "environment", hidden: true, onchange: act.choseFiles });
  // Not `click()`: Chromium opens no dialog for it when the button was pressed by Enter.
  parts.clip = h("button", { type: "button", class: "tool clip", onclick: () => parts.files.showPicker() }, icon("clip"));
  parts.camera = h("button", { type: "button", class: "tool camera", onclick: () => parts.shot.showPicker() }, icon("camera"));
  // Where the browser tells no place (a page by plain http) nothing is offered.
  const hasPlace = isSecureContext && "geolocation" in navigator;
  parts.pin = h("button", { type: "button", class: "tool pin", hidden: !hasPlace, onclick: act.sendPlace }, icon("pin"));
  parts.error = h("div", { class: "notice warning", role: "alert", hidden: true });
  parts.input = h("textarea", {
    rows: "1",
    enterkeyhint: "send",
    autocomplete: "off",
    "aria-describedby": "counter",
    oninput: act.wrote,
    onkeydown: act.pressedInComposer,
    onpaste: act.pasted,
  });
  // Not `disabled`: the button keeps its place in the Tab order while the text comes and goes.
  parts.send = h("button", { type: "submit", class: "send", "aria-disabled": "true" }, icon("send"));
  parts.counter = h("span", { class: "counter", id: "counter", "aria-live": "polite", hidden: true });
  const submit = (event) => {
    event.preventDefault();
    act.submit();
  };
  const form = h("form", { class: "composer", onsubmit: submit }, parts.clip, parts.camera, parts.pin, parts.input, parts.send);
  return h("div", { class: "foot" }, parts.error, parts.tray, form, parts.counter, parts.files, parts.shot);
}

function avatar() {
  return h("div", { class: "avatar", "aria-hidden": "true" }, icon("slip"));
}
