/** What the pages need beyond htmx: the newest message in sight, and a word when the server is out of reach. */
const thread = document.querySelector("[data-thread]");
const NEAR_END_PX = 120;

let isAtEnd = true;
const toEnd = () => thread?.scrollTo({ top: thread.scrollHeight });

thread?.addEventListener("scroll", () => {
  isAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR_END_PX;
});
toEnd();

document.body.addEventListener("htmx:afterSwap", () => {
  if (isAtEnd) toEnd();
});
const offline = document.querySelector("[data-offline]");
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(failure, () => (offline.hidden = false));
}
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  const status = detail.xhr?.status ?? 0;
  if (status >= 500) offline.hidden = false;
  else if (status) offline.hidden = true;
});
// On a narrow screen the desk one is at may be out of sight in the row of tabs.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
