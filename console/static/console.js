/** What every page needs beyond htmx: a word when the server is out of reach. */
const offline = document.querySelector("[data-offline]");
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(failure, () => (offline.hidden = false));
}
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  const status = detail.xhr?.status ?? 0;
  if (status >= 500) offline.hidden = false;
  else if (status) offline.hidden = true;
});
// On a narrow screen the desk, or the page of it, that one is at may be out of sight in its row.
for (const here of document.querySelectorAll(".tabs [aria-current], .filters [aria-current]")) {
  here.scrollIntoView({ inline: "center", block: "nearest" });
}
// What takes a while says so from the moment it is asked for, and how far it is where that is known.
document.addEventListener("submit", ({ target }) => {
  const working = target.querySelector("[data-working]");
  if (!working) return;
  working.hidden = false;
  if (working.dataset.working) setInterval(() => ask(working), 500);
});
async function ask(working) {
  try {
    const answer = await fetch(working.dataset.working);
    if (answer.status === 200) working.innerHTML = await answer.text();
  } catch {
    // The page itself tells what became of it.
  }
}
