/** Builds DOM without markup strings: nothing a customer or a server writes is ever parsed as HTML. */

/** `h("button", {class: "send", onclick: act, "aria-label": "Send"}, child, "text")` */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Sets text only when it changes, so that a live region does not speak twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const ICONS = {
  // The mark: an order slip with its torn edge.
  slip: "M6 3h12v18l-2-1.6-2 1.6-2-1.6-2 1.6-2-1.6L6 21zM9 8h6M9 12h6",
  chat: "M5 4.5h14a2 2 0 0 1 2 2v8.5a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6.5a2 2 0 0 1 2-2M8 9h8M8 12.5h5",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19.5V5M5.5 11.5L12 5l6.5 6.5",
  down: "M5.5 9l6.5 6.5L18.5 9",
  clock: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18",
  check: "M5 13l4.5 4.5L19 7",
  alert: "M12 8v5M12 16.5v.5M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18",
  clip: "M19.5 11.5l-7.6 7.6a5 5 0 0 1-7.1-7.1l8-8a3.4 3.4 0 0 1 4.8 4.8l-7.9 7.9a1.7 1.7 0 0 1-2.4-2.4l7-7",
  camera: "M4 8h3.5l1.5-2.5h6L16.5 8H20a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1M12 10a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7",
  pin: "M12 21.5s-7-6.2-7-11.5a7 7 0 0 1 14 0c0 5.3-7 11.5-7 11.5M12 7.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5",
  document: "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5",
  person: "M12 4a4 4 0 1 1 0 8a4 4 0 0 1 0-8M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;
const TRAILING = /[.,;:!?)\]}»”]+$/;

/** A count stays on the line of its "×": "2 × Pan" never breaks behind the 2. */
const COUNT = /(\d) (?=× )/g;

/** The text as nodes, with http and https addresses as links; everything else stays text. */
export function linked(written) {
  const text = written.replace(COUNT, "$1\u00a0");
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, "");
    if (!isWebAddress(address)) continue;
    nodes.push(text.slice(from, match.index));
    nodes.push(h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    from = match.index + address.length;
  }
  return [...nodes, text.slice(from)];
}

function isWebAddress(address) {
  try {
    return ["http:", "https:"].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}
