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

// A connection that is back says nothing of the message that did not go.
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  const unsent = document.querySelector("[data-unsent]");
  if (unsent && detail.requestConfig.elt.matches("[data-write]")) unsent.hidden = !!detail.xhr.status && detail.xhr.status < 500;
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
