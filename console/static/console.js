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
// On a narrow screen the desk one is at may be out of sight in the row of tabs.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
