/**
 * Adds the Comanda chat to any page:
 *
 *   <script src="https://shop.example/widget/comanda-chat.js" defer></script>
 *
 * Options are data attributes (data-language="en" …) of that tag, or of a <comanda-chat> the page places itself:
 *   server     where Comanda answers             default: where this script came from
 *   language   es | en                           default: the page's language, then the browser's
 *   title      the name in the header            default: the shop's name
 *   color      accent, any CSS colour            default: Comanda's
 *   theme      light | dark | auto               default: auto
 *   position   right | left                      default: right
 *   open       start opened
 *   user       the signed token of a visitor whom the site has signed in
 */
(() => {
  const OPTIONS = ["server", "language", "title", "color", "theme", "position", "open", "user"];
  const script = document.currentScript;

  function place() {
    if (document.querySelector("comanda-chat")) return;
    const chat = document.createElement("comanda-chat");
    for (const name of OPTIONS) {
      if (name in script.dataset) chat.dataset[name] = script.dataset[name];
    }
    document.body.append(chat);
  }

  import(new URL("chat-element.js", script.src).href);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
})();
