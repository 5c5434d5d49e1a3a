/** Buttons of the page that speak through the chat. */
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-ask], [data-open-chat]");
  if (!button) return;
  await customElements.whenDefined("comanda-chat");
  const chat = document.querySelector("comanda-chat");
  if (button.dataset.ask) chat.say(button.dataset.ask);
  else chat.open();
});
