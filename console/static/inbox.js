/** The inbox's own manners: the newest message in sight, Enter sends, keys for what hands do all day. */
const thread = document.querySelector("[data-thread]");
const NEAR_END_PX = 120;
const isFinger = matchMedia("(pointer: coarse)").matches;

let isAtEnd = true;
const toEnd = () => thread?.scrollTo({ top: thread.scrollHeight });

thread?.addEventListener("scroll", () => {
  isAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR_END_PX;
});
toEnd();
document.body.addEventListener("htmx:afterSwap", () => isAtEnd && toEnd());

// What is before one's eyes is read; a page that nobody looks at reads nothing.
let seen = 0;
async function read() {
  const upTo = Number(document.querySelector("#tail input")?.value ?? 0);
  const { seenAt, seal } = thread?.dataset ?? {};
  if (!seenAt || document.hidden || upTo <= seen) return;
  seen = upTo;
  const answer = await fetch(seenAt, { method: "PUT", body: new URLSearchParams({ seal, seen }) }).catch(() => null);
  if (!answer?.ok) seen = 0;
  else if (document.getElementById("conversations")) htmx.trigger("#conversations", "news");
}
// How much is unread stands before the page's title.
const title = document.title;
const count = () => {
  const unread = document.querySelector("[data-unread]")?.dataset.unread ?? "0";
  document.title = unread === "0" ? title : `(${unread}) ${title}`;
};
document.addEventListener("visibilitychange", read);
document.body.addEventListener("htmx:afterSettle", () => (count(), read()));
count();
addEventListener("load", read);

// Whose it is has changed, and with it what the summary says of its place in the queue.
document.body.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target.id === "thread-head") htmx.trigger("#summary", "stale");
});

// The answer to what one just did redraws head and composer. News that comes beside it, or was on its way before it,
// knows no better: what it would redraw is asked for again.
let doing = 0;
let verb = "";
const isDoing = ({ detail }) => detail.requestConfig.verb === "post";
document.body.addEventListener("htmx:beforeRequest", (event) => isDoing(event) && doing++);
document.body.addEventListener("htmx:afterRequest", (event) => isDoing(event) && doing--);
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => (verb = detail.requestConfig.verb));
document.body.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (verb !== "get" || !["composer", "thread-head"].includes(detail.target.id)) return;
  const [now, then] = [detail.target, detail.fragment].map((part) => part.querySelector("#mode")?.value);
  if (doing || (now && now === then)) detail.shouldSwap = false;
});

// While it is on its way nothing is typed, or the answer would take it away. A connection that is back says nothing of
// the message that did not go.
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.requestConfig.elt.matches("[data-write]") || (detail.xhr.status && detail.xhr.status < 500)) return;
  document.querySelector("[data-unsent]").hidden = false;
  if (!isFinger) box()?.focus();
});
document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.requestConfig.elt.matches("[data-write]")) document.querySelector("[data-unsent]").hidden = true;
});

// Enter sends, Shift and Enter begins a line; a thumb's keyboard has no Shift, and a button beside it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || isFinger) return;
  const form = event.target.closest?.("textarea")?.form;
  if (!form?.matches("[data-write]")) return;
  event.preventDefault();
  isAtEnd = true;
  form.requestSubmit();
});
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id === "composer" && !isFinger) document.querySelector("#composer textarea")?.focus();
});

// What is done now and then is asked for when it is opened, and closes when it is done.
const more = document.getElementById("more");
more?.addEventListener("toggle", ({ newState }) => newState === "open" && htmx.trigger(more, "open"));
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (isDoing({ detail }) && more?.contains(elt)) more.hidePopover();
  // Files go on their own: the field is empty again for the next ones.
  if (elt.type === "file") elt.value = "";
});

// An order is looked at, and acted on, without leaving the conversation.
const order = document.getElementById("order");
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id === "order-inside" && !order.open) order.showModal();
});
// What was done there changed what the card shows.
order?.addEventListener("close", () => htmx.trigger("#card-inside", "stale"));

// "/" in the composer opens the replies that are said again and again.
const SLASH = /(^|\s)\/([\p{L}\d_-]*)$/u;
let asked = "";
const box = () => document.getElementById("say");
const list = () => document.getElementById("canned");
const options = () => [...(list()?.querySelectorAll("[role=option]") ?? [])];
const shut = () => {
  asked = "";
  if (list()) list().hidden = true;
  box()?.removeAttribute("aria-activedescendant");
};
const mark = (place) => {
  const all = options();
  all.forEach((each, index) => each.setAttribute("aria-selected", index === place));
  all[place]?.scrollIntoView({ block: "nearest" });
  if (all[place]) box().setAttribute("aria-activedescendant", all[place].id);
};
const marked = () => options().findIndex((each) => each.getAttribute("aria-selected") === "true");
function choose(option) {
  const { value, selectionEnd } = box();
  const before = value.slice(0, selectionEnd).replace(SLASH, "$1");
  box().setRangeText(before + option.dataset.say, 0, selectionEnd, "end");
  shut();
  box().focus();
  box().dispatchEvent(new Event("input", { bubbles: true }));
}
document.addEventListener("input", async ({ target }) => {
  if (target.id !== "say") return;
  const wish = target.value.slice(0, target.selectionEnd).match(SLASH)?.[2];
  if (wish === undefined) return shut();
  asked = wish;
  const answer = await fetch(`${list().dataset.from}?q=${encodeURIComponent(wish)}`);
  if (!answer.ok || asked !== wish) return;
  list().innerHTML = await answer.text();
  list().hidden = false;
  mark(0);
});
document.addEventListener("click", ({ target }) => {
  const option = target.closest?.("#canned [role=option]");
  if (option) choose(option);
});
// Before Enter sends: the window hears it first on its way down.
window.addEventListener("keydown", (event) => {
  if (event.target.id !== "say" || !list() || list().hidden) return;
  const all = options();
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves && all.length) mark((marked() + moves[event.key] + all.length) % all.length);
  else if ((event.key === "Enter" || event.key === "Tab") && all[marked()]) choose(all[marked()]);
  else if (event.key === "Escape") shut();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// A picture that is pasted is attached.
document.addEventListener("paste", (event) => {
  const field = document.querySelector("#composer input[type=file]");
  if (event.target.id !== "say" || !field || !event.clipboardData.files.length) return;
  event.preventDefault();
  field.files = event.clipboardData.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

// Keys for what hands do all day; where one types, a key is a letter.
const rows = () => [...document.querySelectorAll(".rows a")];
function step(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const from = at >= 0 ? at : all.findIndex((each) => each.ariaCurrent);
  all[Math.min(Math.max(from + by, 0), all.length - 1)]?.focus();
}
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => document.getElementById("q")?.focus(),
  r: () => box()?.focus(),
  n: () => document.querySelector('[data-key="n"]')?.click(),
  c: () => document.querySelector('[data-key="c"]')?.click(),
  e: () => document.querySelector('[data-key="e"]')?.click(),
  b: () => document.querySelector('[data-key="b"]')?.click(),
  "?": () => document.getElementById("keys")?.showModal(),
};
document.addEventListener("keydown", (event) => {
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog")) {
    if (event.key === "Escape") event.target.blur?.();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
