/**
 * Live parts: an element with `data-live="conversations"` (or the id of one) asks for itself again when the stream says
 * that what it shows has changed. The stream only hints; a part reads what is so. After a gap every part reads again.
 */
const notice = document.querySelector("[data-offline]");
const LIVE = "[data-live]:not([data-live=''])";
const HIDDEN_FOR_MS = 30_000;
const SILENT_FOR_MS = 4_000;
const MOST_WAIT_MS = 15_000;
// A list shows everybody's news. Where there is news all the time it is drawn so often and no oftener, by each page at
// moments of its own: twenty that ask at once would wait for each other.
const LIST_EVERY_MS = 1_000;
const LIST_SPREAD_MS = 500;
// Where an answer takes long there is much to do, and a list leaves most of the time to those who write.
const LIST_REST = 8;
const LIST_REST_MOST_MS = 10_000;

// Which parts wait for an answer, and whether news came meanwhile: it may be too new for that answer.
const waiting = new WeakMap();
// One that htmx has swapped in hears nothing before it is settled: what these show has changed.
const unheard = new Set();
function ask(part) {
  if (waiting.has(part)) return waiting.set(part, true);
  htmx.trigger(part, "news");
  if (!waiting.has(part)) unheard.add(part.dataset.live);
}
const parts = (name) => document.querySelectorAll(`[data-live="${CSS.escape(name)}"]`);
let listTimer = 0;
let listDueAt = 0;
const hear = (name) => (name === "conversations" ? (listTimer ||= setTimeout(list, listDueAt - performance.now())) : parts(name).forEach(ask));
const askAll = () => document.querySelectorAll(LIVE).forEach(ask);

document.body.addEventListener("htmx:beforeSend", ({ detail: { elt: part } }) => {
  if (!part.matches(LIVE)) return;
  const name = part.dataset.live;
  const askedAt = performance.now();
  waiting.set(part, false);
  // Heard on the part itself: the answer to one that was replaced meanwhile is told nowhere else.
  part.addEventListener("htmx:afterRequest", function answered({ detail }) {
    if (detail.elt !== part) return;
    part.removeEventListener("htmx:afterRequest", answered);
    const now = performance.now();
    if (name === "conversations") listDueAt = Math.max(listDueAt, now + Math.min(LIST_REST * (now - askedAt), LIST_REST_MOST_MS));
    if (waiting.get(part)) setTimeout(hear, 50, name);
    waiting.delete(part);
  });
});

document.body.addEventListener("htmx:afterSettle", () => {
  const names = [...unheard];
  unheard.clear();
  names.forEach(hear);
});

// Who did something to a conversation reads it at once.
document.body.addEventListener("read", ({ detail }) => ["conversations", detail.value].forEach((name) => parts(name).forEach(ask)));

function list() {
  // While it was being waited for, an answer may have said that there is much to do.
  const early_ms = listDueAt - performance.now();
  listTimer = early_ms > 1 ? setTimeout(list, early_ms) : 0;
  if (listTimer) return;
  listDueAt = performance.now() + LIST_EVERY_MS + Math.random() * LIST_SPREAD_MS;
  parts("conversations").forEach(ask);
}

let source = null;
let hideAt = 0;
let worryAt = 0;
let wait_ms = 500;

function listen() {
  clearTimeout(hideAt);
  if (source || document.hidden || !document.querySelector(LIVE)) return;
  source = new EventSource(document.body.dataset.events);
  source.addEventListener("ready", () => {
    clearTimeout(worryAt);
    worryAt = 0;
    wait_ms = 500;
    notice.hidden = true;
    askAll();
  });
  source.addEventListener("conversations", ({ data }) => {
    ["conversations", ...JSON.parse(data)].forEach(hear);
  });
  source.addEventListener("error", () => {
    worryAt ||= setTimeout(() => (notice.hidden = false), SILENT_FOR_MS);
    // Refused rather than cut off: the browser gives up, we do not. What a part is answered then may lead to the door.
    if (source?.readyState === EventSource.CLOSED) {
      leave();
      askAll();
      setTimeout(listen, wait_ms);
      wait_ms = Math.min(wait_ms * 2, MOST_WAIT_MS);
    }
  });
}

function leave() {
  source?.close();
  source = null;
}

// A browser lends one server six connections: a page that nobody looks at gives its own back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hideAt = setTimeout(leave, HIDDEN_FOR_MS);
  else listen();
});
addEventListener("online", () => (leave(), listen()));
addEventListener("offline", () => (notice.hidden = false));
addEventListener("pagehide", leave);
addEventListener("pageshow", listen);
