// SPDX-License-Identifier: Apache-2.0
import { base } from "./dom.js";

// Stream follows what changes while the page is in sight. A browser has six connections for one host,
// all tabs together: those that nobody looks at must not hold them, or the seventh tab does not load.
export class Stream {
  #source = null; #query = null; #after = "0"; #receive; #change;

  // receive is given each event's data, change is told when the state may be another.
  constructor(receive, change = () => {}) {
    this.#receive = receive;
    this.#change = change;
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.#disconnect(); else this.#connect(); });
    addEventListener("pagehide", () => this.#disconnect());
  }

  // follow sends what a query finds and has changed since the moment that an answer's seq names.
  follow(query, after) {
    this.#query = new URLSearchParams(query);
    this.#after = after;
    this.#disconnect();
    if (!document.hidden) this.#connect();
  }

  stop() {
    this.#query = null;
    this.#disconnect();
  }

  get open() { return this.#source?.readyState === EventSource.OPEN; }

  #connect() {
    if (!this.#query || this.#source) return;
    this.#query.set("after", this.#after);
    this.#source = new EventSource(`${base}/api/stream?${this.#query}`);
    this.#source.onopen = this.#source.onerror = this.#change;
    this.#source.onmessage = (e) => {
      this.#after = e.lastEventId;
      this.#receive(e.data);
    };
    this.#change();
  }

  #disconnect() {
    this.#source?.close();
    this.#source = null;
    this.#change();
  }
}
