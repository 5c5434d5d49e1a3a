/**
 * Messages the customer wrote that the server has not confirmed, in the order they were written.
 *
 * Kept in `memory`, read anew at each step, so that a reload loses nothing and two tabs see one queue. Each carries
 * the `client_id` by which the server knows a resend. `failure` marks one the server refused: it waits for the customer.
 */
export class Outbox {
  #memory;

  constructor(memory) {
    this.#memory = memory;
  }

  get all() {
    return this.#memory.get("outbox") ?? [];
  }

  /** The message to send now, if any. */
  get next() {
    return this.all.find((message) => !message.failure);
  }

  /** Returns the message as kept: `{client_id, text, choice?, attachments?, location?, at}`. Its files are with the server already. */
  add({ text, choice, attachments, location }) {
    const message = { client_id: newId(), text, choice, attachments, location, at: new Date().toISOString() };
    this.#memory.set("outbox", [...this.all, message]);
    return message;
  }

  remove(clientId) {
    this.#memory.set("outbox", this.all.filter((message) => message.client_id !== clientId));
  }

  refuse(clientId, failure) {
    this.#memory.set("outbox", this.all.map((message) => (message.client_id === clientId ? { ...message, failure } : message)));
  }

  /** Puts a refused message back in the queue, last, where the customer now sees it. */
  retry(clientId) {
    const message = this.all.find((each) => each.client_id === clientId);
    if (!message) return;
    this.remove(clientId);
    this.#memory.set("outbox", [...this.all, { ...message, failure: undefined }]);
  }
}

/** A random UUID; `crypto.randomUUID` is missing on pages served by plain http. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
