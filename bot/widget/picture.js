/**
 * A file of a message on screen: a picture drawn on a canvas, a document to be saved.
 *
 * Drawn, not `<img>`: a page whose Content-Security-Policy allows no picture from elsewhere shows them all the same.
 */
import { h, icon, setText } from "./dom.js";

// Sharp on a screen of two pixels per point, and small in memory.
const DRAWN_PX = 520;

/** Draws a picture into `canvas`, filling it, cut at its edges. Rejects what is no picture. */
export async function draw(canvas, blob) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.max(canvas.width / bitmap.width, canvas.height / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
  bitmap.close();
}

/** `load(id)` gives the content of a file as a Blob. Returns the element, and `label(texts)` to put it into words. */
export function fileView(attachment, load) {
  return attachment.width ? pictureView(attachment, load) : documentView(attachment, load);
}

function pictureView({ id, name, width, height }, load) {
  const scale = Math.min(1, DRAWN_PX / width, DRAWN_PX / height);
  const canvas = h("canvas", { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
  const problem = h("span", { class: "problem" });
  const element = h("a", { class: "picture", target: "_blank", rel: "noopener", tabindex: "0" }, canvas, problem);
  let texts;
  const show = async () => {
    setText(problem, "");
    try {
      const blob = await load(id);
      await draw(canvas, blob);
      element.href = URL.createObjectURL(blob);
      element.dataset.shown = "";
    } catch {
      setText(problem, texts.notShown);
    }
  };
  element.addEventListener("click", () => {
    if (!element.href) show();
  });
  whenSeen(element, show);
  const label = (given) => {
    texts = given;
    element.setAttribute("aria-label", texts.openPhoto(name));
    if (problem.textContent) setText(problem, texts.notShown);
  };
  return { element, label };
}

function documentView({ id, name }, load) {
  const problem = h("span", { class: "problem" });
  let texts;
  const save = async () => {
    setText(problem, "");
    try {
      const address = URL.createObjectURL(await load(id));
      h("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch {
      setText(problem, texts.notShown);
    }
  };
  const element = h("button", { type: "button", class: "document", onclick: save }, icon("document"), h("bdi", {}, name), problem);
  const label = (given) => {
    texts = given;
    element.setAttribute("aria-label", texts.saveFile(name));
  };
  return { element, label };
}

/** A document of the shop's: its address opens it. */
export function enclosureView({ name, url }) {
  const element = h("a", { class: "document", href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, icon("document"), h("bdi", {}, name));
  return { element, label: (texts) => element.setAttribute("aria-label", texts.openFile(name)) };
}

/** A long history fetches the pictures that are looked at. */
function whenSeen(element, act) {
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    act();
  });
  watch.observe(element);
}
