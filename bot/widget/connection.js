/**
 * The socket: speaks docs/web-chat-protocol.md, comes back after every cut, and empties the outbox in order.
 *
 * One message is in flight at a time; the next leaves after its ack. What the server says is dispatched as events
 * named after the frame (`welcome message ack typing owner language error`) with the frame as `detail`, besides
 * `state` (`online`, `connecting` or `offline`), `refused` (a message the server will not take) and
 * `forgotten` (our token was unknown, or what we saw is: what is said next is all there is).
 */
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;
const PING_EVERY_MS = 25_000;
const ANSWER_WITHIN_MS = 10_000;
// What the server could not take just now, but will: after how long it is sent again.
const RETRY_AFTER_MS = { rate_limited: 10_000, unavailable: 3_000 };
const TYPING_EVERY_MS = 3_000;

export class Connection extends EventTarget {
  #url;
  #memory;
  #outbox;
  #socket = null;
  #isReady = false;
  #conversationId = null;
  #inFlight = null;
  #attempt = 0;
  #timers = {};
  #lastSeq = 0;
  #typedAt = 0;

  constructor(server, memory, outbox) {
    super();
    this.#url = server.replace(/^http/, "ws") + "/chat/socket";
    this.#memory = memory;
    this.#outbox = outbox;
    this.locale = "es";
    this.user = undefined;
  }

  get isStarted() {
    return this.#socket !== null || "reconnect" in this.#timers;
  }

  start() {
    if (this.isStarted) return;
    addEventListener("online", this.#hurry);
    addEventListener("offline", this.#drop);
    document.addEventListener("visibilitychange", this.#hurry);
    this.#connect();
  }

  stop() {
    removeEventListener("online", this.#hurry);
    removeEventListener("offline", this.#drop);
    document.removeEventListener("visibilitychange", this.#hurry);
    this.#close();
  }

  /** Goes on as someone else: who the site says, or nobody. */
  signIn(user) {
    this.user = user;
    if (this.isStarted) this.#connect();
  }

  /** Sends what waits in the outbox, now if we can. */
  flush() {
    if (!this.#isReady || this.#inFlight || "retry" in this.#timers) return;
    const message = this.#outbox.next;
    if (!message) return;
    this.#inFlight = message.client_id;
    const attachments = message.attachments?.map(({ id }) => id);
    const { client_id, text, choice, location } = message;
    this.#send({ type: "message", client_id, text, choice, attachments, location });
    this.#after("ack", ANSWER_WITHIN_MS, this.#drop);
  }

  /** Our token, as soon as the server has given us one. Rejects, `{code}`, when it does not answer. */
  token() {
    if (this.#isReady) return Promise.resolve(this.#memory.get("token"));
    this.start();
    return new Promise((resolve, reject) => {
      const wait = AbortSignal.timeout(ANSWER_WITHIN_MS);
      this.addEventListener("welcome", () => resolve(this.#memory.get("token")), { once: true, signal: wait });
      wait.addEventListener("abort", () => reject({ code: "upload_failed" }));
    });
  }

  /** Tells the shop's people that the customer is writing. */
  typing() {
    if (!this.#isReady || Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    this.#send({ type: "typing" });
  }

  #connect = () => {
    this.#close();
    this.#tell("state", "connecting");
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#hello();
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = this.#drop;
    this.#after("welcome", ANSWER_WITHIN_MS, this.#drop);
  };

  #close() {
    for (const name of Object.keys(this.#timers)) this.#cancel(name);
    this.#isReady = false;
    this.#inFlight = null;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  /** The line is cut, or as good as: try again later, later each time, never all customers at once. */
  #drop = () => {
    this.#close();
    this.#tell("state", "offline");
    const longest = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#attempt++);
    this.#after("reconnect", longest * (0.5 + Math.random() / 2), this.#connect);
  };

  /** The network or the customer came back: do not wait out the backoff. */
  #hurry = () => {
    if ("reconnect" in this.#timers && navigator.onLine) this.#connect();
  };

  #hello() {
    // A page that signs nobody in is not shown what was said by whom another page did.
    if (!this.user && this.#memory.get("token")?.startsWith("site.")) this.#memory.set("token", null);
    const token = this.#memory.get("token");
    this.#send({ type: "hello", token, user: this.user, last_seq: this.#lastSeq, locale: this.locale });
  }

  #send(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #hear(data) {
    const frame = JSON.parse(data);
    if (frame.type === "welcome") this.#welcome(frame);
    else if (frame.type === "message") this.#message(frame);
    else if (frame.type === "ack") this.#acked(frame);
    else if (frame.type === "error") this.#error(frame);
    else if (frame.type === "pong") this.#cancel("pong");
    else this.#tell(frame.type, frame);
  }

  #welcome(frame) {
    this.#cancel("welcome");
    this.#memory.set("token", frame.token);
    const isOther = this.#conversationId && this.#conversationId !== frame.conversation_id;
    // Told from the start again: the shop's database was restored, and has less of it than we saw.
    const isRestored = frame.messages.length > 0 && frame.messages[0].seq <= this.#lastSeq;
    if (isOther || isRestored) {
      this.#lastSeq = 0;
      this.#tell("forgotten");
    }
    this.#conversationId = frame.conversation_id;
    this.#attempt = 0;
    this.#isReady = true;
    for (const message of frame.messages) this.#message(message);
    this.#tell("welcome", frame);
    this.#tell("state", "online");
    this.#after("ping", PING_EVERY_MS, this.#ping);
    this.flush();
  }

  #message(message) {
    this.#lastSeq = Math.max(this.#lastSeq, message.seq);
    this.#tell("message", message);
    if (message.client_id) this.#confirmed(message.client_id);
  }

  /** An ack does not advance `lastSeq`: messages before it may still be on their way. */
  #acked(frame) {
    this.#tell("ack", frame);
    this.#confirmed(frame.client_id);
  }

  #confirmed(clientId) {
    this.#outbox.remove(clientId);
    this.#landed(clientId);
  }

  /** The message in flight has its answer, good or bad: the next may leave. */
  #landed(clientId) {
    if (this.#inFlight !== clientId) return;
    this.#inFlight = null;
    this.#cancel("ack");
    this.flush();
  }

  #error(frame) {
    if (frame.code in RETRY_AFTER_MS) {
      this.#inFlight = null;
      this.#cancel("ack");
      this.#after("retry", RETRY_AFTER_MS[frame.code], () => this.flush());
    } else if (frame.client_id) {
      this.#outbox.refuse(frame.client_id, { code: frame.code, detail: frame.detail });
      this.#tell("refused", frame);
      this.#landed(frame.client_id);
    } else if (frame.code === "hello_expected") {
      this.#drop();
    } else {
      this.#tell("error", frame);
    }
  }

  #ping = () => {
    this.#send({ type: "ping" });
    this.#after("pong", ANSWER_WITHIN_MS, this.#drop);
    this.#after("ping", PING_EVERY_MS, this.#ping);
  };

  #after(name, delayMs, act) {
    this.#cancel(name);
    this.#timers[name] = setTimeout(() => {
      delete this.#timers[name];
      act();
    }, delayMs);
  }

  #cancel(name) {
    clearTimeout(this.#timers[name]);
    delete this.#timers[name];
  }

  #tell(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}
