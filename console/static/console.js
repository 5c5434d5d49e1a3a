/** What the pages need beyond htmx: the newest message in sight, and a word when the server is out of reach. */
const thread = document.querySelector("[data-thread]");
const notice = document.querySelector("[data-offline]");
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
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.body.addEventListener(failure, () => (notice.hidden = false));
}
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) notice.hidden = true;
});
