/** The files a customer is about to send: each chosen, shown, on its way to the server, there, or refused. */
import { h, icon, setText } from "./dom.js";
import { draw } from "./picture.js";

export const ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf";
const MOST = 5;
const LIMIT_BYTES = 15 * 1024 * 1024;
const PREVIEW_PX = 112;

export class Tray {
  #list;
  #texts;
  #send;
  #onChange;
  #onProblem;
  #items = [];

  /**
   * `send(file, onProgress, signal)` brings a file to the server and gives what that calls it; `onChange()` after each
   * change; `onProblem({code})` for what is not even tried.
   */
  constructor(list, texts, { send, onChange, onProblem }) {
    this.#list = list;
    this.#texts = texts;
    this.#send = send;
    this.#onChange = onChange;
    this.#onProblem = onProblem;
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  get isUploading() {
    return this.#items.some((item) => !item.attachment && !item.failure);
  }

  /** Are there files, and are all of them with the server? */
  get isReady() {
    return !this.isEmpty && this.#items.every((item) => item.attachment);
  }

  add(files) {
    for (const file of files) {
      if (this.#items.length >= MOST) return this.#onProblem({ code: "attachments_too_many" });
      this.#addOne(file);
    }
    return this.#onChange();
  }

  /** Hands over what is with the server, and is empty. */
  take() {
    const attachments = this.#items.map((item) => item.attachment);
    this.clear();
    return attachments;
  }

  clear() {
    for (const item of this.#items) item.abort.abort();
    this.#items = [];
    this.#list.replaceChildren();
    this.#onChange();
  }

  setTexts(texts) {
    this.#texts = texts;
    this.#list.setAttribute("aria-label", texts.tray);
    for (const item of this.#items) this.#label(item);
  }

  #addOne(file) {
    const item = { file, progress: 0, abort: new AbortController() };
    item.face = h("canvas", { width: PREVIEW_PX, height: PREVIEW_PX, hidden: true, "aria-hidden": "true" });
    item.sign = h("span", { class: "sign", "aria-hidden": "true" }, icon("document"));
    item.name = h("bdi", { class: "file-name" }, file.name || this.#texts.photo);
    item.bar = h("progress", { max: "1", value: "0" });
    item.problem = h("span", { class: "problem", role: "alert" });
    item.retry = h("button", { type: "button", class: "retry", hidden: true, onclick: () => this.#start(item) });
    item.remove = h("button", { type: "button", class: "remove", onclick: () => this.#remove(item) }, icon("close"));
    const about = h("div", { class: "about" }, item.name, item.bar, item.problem, item.retry);
    item.element = h("li", { class: "waiting-file" }, item.face, item.sign, about, item.remove);
    this.#items.push(item);
    this.#list.append(item.element);
    draw(item.face, file).then(
      () => {
        item.face.hidden = false;
        item.sign.hidden = true;
      },
      () => undefined, // no picture, or none this browser can show: its sign stays
    );
    this.#start(item);
  }

  async #start(item) {
    Object.assign(item, { failure: undefined, progress: 0 });
    this.#label(item);
    this.#onChange();
    try {
      if (item.file.size > LIMIT_BYTES) throw { code: "attachment_too_large" };
      const onProgress = (part) => {
        item.progress = part;
        this.#label(item);
      };
      item.attachment = await this.#send(item.file, onProgress, item.abort.signal);
    } catch (failure) {
      item.failure = failure;
    }
    if (!this.#items.includes(item)) return;
    this.#label(item);
    this.#onChange();
  }

  #remove(item) {
    item.abort.abort();
    this.#items = this.#items.filter((each) => each !== item);
    item.element.remove();
    this.#onChange();
  }

  #label(item) {
    const texts = this.#texts;
    const name = item.name.textContent;
    item.bar.hidden = Boolean(item.attachment || item.failure);
    item.bar.value = item.progress;
    item.bar.setAttribute("aria-label", texts.uploading(name));
    item.element.dataset.fate = item.attachment ? "there" : item.failure ? "refused" : "leaving";
    const { code, detail } = item.failure ?? {};
    setText(item.problem, item.failure ? (texts.errors[code] ?? detail ?? texts.errors.upload_failed) : "");
    setText(item.retry, texts.retry);
    // The same file would be refused again, unless the line or the hurry was to blame.
    item.retry.hidden = !["upload_failed", "attachment_cut_off", "attachments_too_fast", "unavailable"].includes(code);
    item.remove.setAttribute("aria-label", texts.remove(name));
  }
}
