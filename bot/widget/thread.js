/**
 * The conversation on screen: rows of messages in the server's order, the unsent ones last.
 *
 * Rows are added and moved, never rebuilt, so that a screen reader hears each message once.
 */
import { h, icon, linked, setText } from "./dom.js";
import { enclosureView, fileView } from "./picture.js";

const GROUP_WITHIN_MS = 5 * 60_000;
// Refusals that the same message would meet again; the customer writes another.
const HOPELESS = new Set(["choice_expired", "text_too_long", "text_empty", "bad_frame", "attachment_gone", "attachments_too_many"]);

export class Thread {
  #list;
  #rows = [];
  #texts;
  #onChoose;
  #onRetry;
  #loadFile;
  #isArranging = false;

  /** `onChoose({text, choice})` when a choice is pressed, `onRetry(clientId)` for a refused message, `loadFile(id)` for a Blob. */
  constructor(list, texts, { onChoose, onRetry, loadFile }) {
    this.#list = list;
    this.#texts = texts;
    this.#onChoose = onChoose;
    this.#onRetry = onRetry;
    this.#loadFile = loadFile;
  }

  get isEmpty() {
    return this.#rows.length === 0;
  }

  get lastSeq() {
    return this.#rows.findLast((row) => row.seq)?.seq ?? 0;
  }

  /** The bubble of the newest message, if the shop wrote it. */
  get newest() {
    const row = this.#rows.at(-1);
    return row && row.author !== "customer" ? row.element : null;
  }

  /** How many messages from the shop came after `seq`. */
  countAfter(seq) {
    return this.#rows.filter((row) => row.author !== "customer" && row.seq > seq).length;
  }

  /** A message from the server: new, a replay, or our own one coming back. Returns whether it was new. */
  put(message) {
    const shown = this.#rows.find(
      (row) => row.seq === message.seq || (row.clientId && row.clientId === message.client_id),
    );
    if (!shown) this.#insert(this.#row(message));
    else if (!shown.seq) this.#settle(shown, message);
    // What is stored may differ from what was typed: card numbers are cut out.
    if (shown && shown.text !== message.text) shown.rewrite(message.text);
    this.#arrange();
    return !shown;
  }

  /** A message from the outbox, which the server has not confirmed yet. */
  pend(message) {
    if (this.#rows.some((row) => row.clientId === message.client_id)) return;
    const row = this.#row({ ...message, author: "customer" });
    row.failure = message.failure;
    this.#insert(row);
    this.#arrange();
  }

  ack({ client_id, seq, at }) {
    const row = this.#rows.find((each) => each.clientId === client_id && !each.seq);
    if (!row) return;
    this.#settle(row, { seq, at });
    this.#arrange();
  }

  refuse({ client_id, code, detail }) {
    const row = this.#rows.find((each) => each.clientId === client_id);
    if (!row) return;
    row.failure = { code, detail };
    this.#arrange();
  }

  /** What was offered so far can be pressed no more: a person has taken over. */
  endChoices() {
    for (const row of this.#rows) row.isOver = true;
    this.#arrange();
  }

  setTexts(texts) {
    this.#texts = texts;
    this.#arrange();
  }

  clear() {
    this.#rows = [];
    this.#list.replaceChildren();
  }

  #settle(row, { seq, at }) {
    Object.assign(row, { seq, at: new Date(at), failure: undefined });
    this.#rows.splice(this.#rows.indexOf(row), 1);
    this.#insert(row);
  }

  #insert(row) {
    const place = row.seq ? this.#rows.findIndex((each) => !each.seq || each.seq > row.seq) : -1;
    const index = place < 0 ? this.#rows.length : place;
    const next = this.#rows[index]?.element ?? null;
    // Moving a node that already stands in its place would make screen readers repeat it.
    if (!row.element.isConnected || row.element.nextElementSibling !== next) this.#list.insertBefore(row.element, next);
    this.#rows.splice(index, 0, row);
  }

  #row({ seq, author, text, choices = [], attachments = [], enclosures = [], client_id, at }) {
    const row = { seq, author, clientId: client_id, text, at: new Date(at), failure: undefined, choices: [], isOver: false };
    const words = h("span", { class: "text", dir: "auto" });
    row.rewrite = (newText) => {
      row.text = newText;
      words.replaceChildren(...linked(newText));
      words.hidden = !newText && attachments.length > 0;
    };
    row.rewrite(text);
    const files = attachments.map((each) => fileView(each, this.#loadFile));
    const enclosed = enclosures.map(enclosureView);
    row.files = [...files, ...enclosed];
    row.day = h("div", { class: "day" });
    row.speaker = h("span", { class: "unseen" });
    row.time = h("time", { datetime: at });
    row.mark = h("span", { class: "mark", role: "img" });
    row.problem = h("span", { class: "problem" });
    row.retry = h("button", { type: "button", class: "retry", hidden: true, onclick: () => this.#retry(row) });
    row.element = h(
      "div",
      { class: `row ${author}` },
      row.day,
      h("div", { class: "avatar", "aria-hidden": "true" }, icon(author === "agent" ? "person" : "slip")),
      h("div", { class: row.files.length ? "bubble with-files" : "bubble" }, row.speaker, ...elements(files), words, ...elements(enclosed)),
      h("div", { class: "meta" }, row.problem, row.retry, row.time, row.mark),
    );
    if (choices.length) row.element.append(this.#choices(row, choices));
    return row;
  }

  #choices(row, choices) {
    row.choices = choices.map(({ title, token, note }) => ({
      title,
      button: h(
        "button",
        { type: "button", class: "choice", onclick: () => this.#onChoose({ text: title, choice: token }) },
        title,
        ...(note ? [" ", h("span", { class: "note" }, note)] : []),
      ),
    }));
    row.group = h("div", { class: "choices", role: "group" }, ...row.choices.map(({ button }) => button));
    return row.group;
  }

  #retry(row) {
    row.failure = undefined;
    this.#rows.splice(this.#rows.indexOf(row), 1);
    this.#insert(row);
    this.#arrange();
    this.#onRetry(row.clientId);
  }

  /** Brings all rows up to date once, however many changed in this turn of the event loop. */
  #arrange() {
    if (this.#isArranging) return;
    this.#isArranging = true;
    queueMicrotask(() => {
      this.#isArranging = false;
      this.#arrangeNow();
    });
  }

  /** Everything about a row that depends on its neighbours, its fate or the language. */
  #arrangeNow() {
    let answer = null;
    for (let index = this.#rows.length - 1; index >= 0; index -= 1) {
      const row = this.#rows[index];
      this.#label(row);
      this.#group(row, this.#rows[index - 1], this.#rows[index + 1]);
      this.#closeChoices(row, answer);
      if (row.author === "customer" && !row.failure) answer = row;
    }
  }

  #label(row) {
    const texts = this.#texts;
    const speakers = { customer: texts.you, assistant: texts.bot, agent: texts.person };
    setText(row.speaker, `${speakers[row.author]}: `);
    setText(row.time, clockTime(row.at, texts));
    row.group?.setAttribute("aria-label", texts.choices);
    for (const { label } of row.files) label(texts);
    if (row.author !== "customer") return;
    const fate = row.seq ? "sent" : row.failure ? "refused" : "waiting";
    if (row.element.dataset.fate === fate && row.mark.getAttribute("aria-label") === texts[fate]) return;
    row.element.dataset.fate = fate;
    row.mark.setAttribute("aria-label", texts[fate]);
    row.mark.replaceChildren(icon({ sent: "check", refused: "alert", waiting: "clock" }[fate]));
    setText(row.problem, row.failure ? reason(row.failure, texts) : "");
    setText(row.retry, texts.retry);
    row.retry.hidden = fate !== "refused" || HOPELESS.has(row.failure.code);
  }

  #group(row, previous, next) {
    const isNewDay = !previous || previous.at.toDateString() !== row.at.toDateString();
    row.day.hidden = !isNewDay;
    if (isNewDay) setText(row.day, dayName(row.at, this.#texts));
    row.element.classList.toggle("first", isNewDay || !belongTogether(previous, row));
    row.element.classList.toggle("last", !next || !belongTogether(row, next) || Boolean(row.group || row.failure));
  }

  /** Choices are open until the customer's next word; the one that was that word stays marked. */
  #closeChoices(row, answer) {
    for (const { title, button } of row.choices) {
      const isChosen = answer?.text === title;
      button.disabled = row.isOver || answer !== null;
      button.classList.toggle("chosen", isChosen);
      if (isChosen) button.setAttribute("aria-label", `${title}, ${this.#texts.chosen}`);
      else button.removeAttribute("aria-label");
    }
  }
}

const elements = (views) => views.map(({ element }) => element);

function belongTogether(one, other) {
  return (
    one.author === other.author &&
    one.at.toDateString() === other.at.toDateString() &&
    Math.abs(other.at - one.at) < GROUP_WITHIN_MS
  );
}

const clocks = new Map();

/** Making a formatter is slow and a history is long: one for each language. */
function clockTime(at, { tag }) {
  if (!clocks.has(tag)) clocks.set(tag, new Intl.DateTimeFormat(tag, { hour: "numeric", minute: "2-digit" }));
  return clocks.get(tag).format(at);
}

function dayName(day, texts) {
  const daysAgo = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86_400_000);
  if (daysAgo === 0) return texts.today;
  if (daysAgo === 1) return texts.yesterday;
  return day.toLocaleDateString(texts.tag, { weekday: "long", day: "numeric", month: "long" });
}

/** Why a message was refused, in the customer's language: our own words for a known code, else the server's. */
export function reason({ code, detail }, texts) {
  return texts.errors[code] ?? (detail || texts.errors.other);
}
