/** What the chat remembers between page loads. A browser that forbids storage remembers until the page closes. */
export class Memory {
  #scope;
  #fallback = new Map();

  /** `scope` keeps two Comandas on one page's origin apart. */
  constructor(scope) {
    this.#scope = `comanda-chat:${scope}:`;
  }

  get(name) {
    if (this.#fallback.has(name)) return this.#fallback.get(name);
    try {
      return JSON.parse(localStorage.getItem(this.#scope + name));
    } catch {
      return null;
    }
  }

  set(name, value) {
    try {
      localStorage.setItem(this.#scope + name, JSON.stringify(value));
    } catch {
      this.#fallback.set(name, value);
    }
  }
}
