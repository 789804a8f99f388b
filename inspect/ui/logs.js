// SPDX-License-Identifier: Apache-2.0
import { append, clock, duration, h, plural, replace, visible } from "./dom.js";

const page = 300; // lines put into the document at once
const inline = 160; // characters of one value beside its line

export const text = (v) => visible(typeof v === "string" ? v : JSON.stringify(v));

// Correlation is what the page itself shows; beside every line it would be noise.
const hidden = new Set(["request_id", "request.id", "trace_id", "span_id", "trace_flags", "thread.id", "thread.name", "log_recorded"]);

export class Logs {
  #root; #pick; #logs = []; #names = new Map(); #selected = null; #goroutine = null; #only = false;

  constructor(root, pick) {
    this.#root = root;
    this.#pick = pick;
  }

  show(logs, spans) {
    this.#logs = logs;
    this.#names = new Map(spans.map((s) => [`${s.trace_id}${s.span_id}`, s]));
    this.#render();
  }

  // select marks the lines of a span, or shows no others.
  select(span) {
    this.#selected = span ? `${span.trace_id}${span.span_id}` : null;
    this.#goroutine = null;
    this.#render();
  }

  // selectGoroutine does the same with the lines of a task that has no spans, and brings them into sight.
  selectGoroutine(task) {
    this.#selected = `${task.trace_id}${task.span_id}`;
    this.#goroutine = task;
    this.#render();
    this.#root.querySelector(".mine")?.scrollIntoView({ block: "center" });
  }

  #isMine(l) {
    const t = this.#goroutine;
    if (t) return Boolean(l.other_goroutine) === (t.kind === "goroutine") && l.service === t.service && (t.thread ? l.thread === t.thread : `${l.trace_id}${l.span_id}` === this.#selected);
    return `${l.trace_id}${l.span_id}` === this.#selected;
  }

  #render() {
    const mine = (l) => this.#isMine(l);
    const only = this.#only && this.#selected !== null;
    const lines = only ? this.#logs.filter(mine) : this.#logs;
    const body = h("ol", { class: "lines" });
    const more = h("button", { type: "button", class: "more" });
    const next = () => {
      const from = body.childElementCount;
      append(body, lines.slice(from, from + page).map((l) => this.#line(l, mine(l))));
      const left = lines.length - body.childElementCount;
      more.hidden = left === 0;
      more.textContent = `Show ${Math.min(left, page)} more of ${left}`;
    };
    more.addEventListener("click", next);
    next();
    const toggle = h("label", { class: "only" },
      h("input", { type: "checkbox", id: "only", checked: this.#only, change: (e) => { this.#only = e.target.checked; this.#render(); this.#root.querySelector("#only").focus(); } }),
      "selected only");
    replace(this.#root,
      h("div", { class: "heading" }, h("h2", {}, "Log lines"), h("span", { class: "dim" }, plural(lines.length, "line")), h("span", { class: "grow" }), toggle),
      lines.length ? body : h("p", { class: "none" }, only ? "What is selected has no lines." : "No lines."),
      more);
  }

  #line(l, mine) {
    const span = this.#names.get(`${l.trace_id}${l.span_id}`);
    const kind = l.level >= 17 ? "bad" : l.level >= 13 ? "warn" : l.level > 0 && l.level < 9 ? "debug" : "info";
    const fields = Object.entries(l.attributes ?? {}).filter(([k, v]) => !hidden.has(k) && !(k === "service" && v === l.service));
    return h("li", { class: `${kind}${mine ? " mine" : ""}` },
      h("span", { class: "at", title: clock(l.time) }, `${l.offset_ms < 0 ? "−" : "+"}${duration(Math.abs(l.offset_ms))}`),
      h("span", { class: `level ${kind}` }, visible(l.severity.toLowerCase() || "line")),
      h("span", { class: "said" },
        h("span", { class: "body" }, visible(l.body)),
        l.recorded && h("span", { class: "badge", title: "kept by the flight recorder, written because the request failed or was slow" }, "recorded"),
        l.other_goroutine && l.attributes?.["thread.name"] && h("span", { class: "badge job", title: "on a goroutine of its own, which began with this function" }, text(l.attributes["thread.name"])),
        l.after_span && h("span", { class: "badge", title: "its span had ended: a goroutine that goes on" }, "after its span"),
        fields.map(([k, v]) => [" ", h("span", { class: "field" }, h("span", { class: "key" }, `${visible(k)}=`), short(text(v)))])),
      span
        ? h("button", { type: "button", class: "where", title: `${visible(span.name)} · ${visible(span.service)}`, click: () => this.#pick(span) }, visible(span.name))
        : h("span", { class: "where dim" }, visible(l.service)));
  }
}

function short(s) {
  if (s.length <= inline) return s;
  const el = h("button", { type: "button", class: "cut", title: "Show all" }, `${s.slice(0, inline)}…`);
  el.addEventListener("click", () => { el.replaceWith(s); });
  return el;
}
