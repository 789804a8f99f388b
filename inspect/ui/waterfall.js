// SPDX-License-Identifier: Apache-2.0
import { duration, h, plural, replace, visible } from "./dom.js";
import { makeScale } from "./scale.js";

const rowHeight = 28;
const overscan = 20;
const deepest = 16; // levels of indentation; deeper ones stay at the last

// Waterfall shows spans as a tree over time. Only the rows in sight are in the document, so ten
// thousand spans cost as much as fifty.
export class Waterfall {
  #root; #list; #select; #spans = []; #shown = []; #folded = new Set(); #selected = null;
  #scale; #axisBar; #marks = new Map(); #services = new Map(); #drawn = "";

  constructor(root, select) {
    this.#root = root;
    this.#select = select;
    const redraw = () => requestAnimationFrame(() => this.#draw());
    addEventListener("scroll", redraw, { passive: true });
    addEventListener("resize", redraw, { passive: true });
    new ResizeObserver(() => this.#fitAxis()).observe(root); // also when the details open beside it
  }

  // show takes the spans in tree order and the log lines, which it marks on their spans' rows.
  show(spans, logs) {
    spans.forEach((s, i) => { s.index = i; });
    this.#spans = spans;
    this.#scale = makeScale(spans);
    this.#marks = new Map();
    for (const l of logs) {
      const key = `${l.trace_id}${l.span_id}`;
      const list = this.#marks.get(key) ?? [];
      if (list.length < 24) list.push(l);
      this.#marks.set(key, list);
    }
    for (const s of spans) if (!this.#services.has(s.service)) this.#services.set(s.service, this.#services.size % 8);
    const list = h("div", { class: "tree", role: "tree", tabindex: "0", "aria-label": "Spans of this request", keydown: (e) => this.#key(e) });
    replace(this.#root, this.#heading(), spans.length ? [this.#axis(), list]
      : h("p", { class: "none" }, "None. The trace was not sampled, or its spans have not arrived."));
    this.#list = list;
    this.#fitAxis();
    this.#layout();
  }

  // select marks a span and, with reveal, brings it into sight. It does not call back.
  select(span, reveal) {
    this.#selected = span && this.#spans.find((s) => s.span_id === span.span_id && s.trace_id === span.trace_id);
    if (this.#selected && reveal) {
      this.#unfold(this.#selected);
      this.#layout();
      this.#scrollTo(this.#shown.indexOf(this.#selected));
    }
    this.#draw(true);
  }

  #heading() {
    const jobs = this.#spans.filter((s) => s.kind === "consumer").length;
    return h("div", { class: "heading" },
      h("h2", {}, "Spans"),
      h("span", { class: "dim" }, [plural(this.#spans.length, "span"), jobs ? plural(jobs, "job") : null].filter(Boolean).join(" · ")),
      h("ul", { class: "legend", "aria-label": "Services" },
        [...this.#services].slice(0, 12).map(([name, i]) => h("li", {}, h("i", { class: `swatch s${i}` }), visible(name)))));
  }

  #axis() {
    this.#axisBar = h("div", { class: "axis", "aria-hidden": "true" });
    return h("div", { class: "axis-row" }, h("span", {}), this.#axisBar, h("span", {}));
  }

  // fitAxis labels the axis as far as there is room: a label ends before the next one begins, before a
  // stretch that is folded, and before the axis does.
  #fitAxis() {
    const axis = this.#axisBar;
    if (!axis?.isConnected) return;
    const { width } = axis.getBoundingClientRect();
    const { gaps } = this.#scale;
    axis.replaceChildren(...gaps.map((g) => at(h("span", { class: "gap", title: `nothing ran for ${g.label}` }), g.x, g.w)));
    let free = 0;
    for (const t of this.#scale.ticks(width)) {
      const tick = at(h("span", { class: "tick" }, t.label), t.x);
      axis.append(tick);
      const from = t.x * width;
      const to = from + tick.getBoundingClientRect().width;
      const fits = from >= free && to <= width && !gaps.some((g) => from < (g.x + g.w) * width - 1 && to > g.x * width);
      if (fits) free = to + 4; else tick.remove();
    }
  }

  // layout lists the rows that no folded ancestor hides.
  #layout() {
    this.#shown = [];
    let hide = Infinity;
    for (const s of this.#spans) {
      if (s.depth > hide) continue;
      hide = this.#folded.has(s) ? s.depth : Infinity;
      this.#shown.push(s);
    }
    this.#list.style.height = `${this.#shown.length * rowHeight}px`;
    this.#draw(true);
  }

  #draw(force) {
    if (!this.#list?.isConnected) return;
    const top = this.#list.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / rowHeight) - overscan);
    const last = Math.min(this.#shown.length, Math.ceil((innerHeight - top) / rowHeight) + overscan);
    const range = `${first}-${last}`;
    if (!force && range === this.#drawn) return;
    this.#drawn = range;
    this.#list.replaceChildren();
    for (let i = first; i < last; i++) this.#list.append(this.#row(this.#shown[i], i));
    const active = this.#selected && this.#shown.includes(this.#selected) ? rowID(this.#selected) : "";
    this.#list.setAttribute("aria-activedescendant", active);
  }

  #row(s, i) {
    const folds = this.#folds(s);
    const row = h("div", {
      class: `row${s === this.#selected ? " selected" : ""}${s.failed ? " failed" : ""}`,
      role: "treeitem", id: rowID(s), "aria-level": s.depth + 1, "aria-selected": String(s === this.#selected),
      "aria-expanded": folds ? String(!this.#folded.has(s)) : null,
      "aria-label": this.#label(s),
      click: (e) => { if (e.target.closest(".fold")) this.#toggle(s); else this.#select(s); },
    }, this.#name(s, folds), this.#track(s), h("span", { class: "length", "aria-hidden": "true" }, duration(s.duration_ms)));
    row.style.top = `${i * rowHeight}px`;
    return row;
  }

  #label(s) {
    return [visible(s.name), s.hint && visible(s.hint), visible(s.service), duration(s.duration_ms), s.failed ? "failed" : null, s.task && !told.has(s.task) ? visible(s.task) : null,
      s.logs ? plural(s.logs, "log line") : null].filter(Boolean).join(", ");
  }

  #name(s, folds) {
    const name = h("span", { class: "name" },
      folds ? h("span", { class: "fold", "aria-hidden": "true" }, this.#folded.has(s) ? "▸" : "▾") : h("span", { class: "fold leaf" }),
      h("i", { class: `swatch s${this.#services.get(s.service)}` }),
      s.failed && h("b", { class: "cross", "aria-hidden": "true" }, "✕"),
      h("span", { class: "text", title: [s.name, s.hint, s.service].filter(Boolean).map(visible).join(" · ") },
        h("span", { class: "label" }, visible(s.name)), s.hint && h("span", { class: "hint" }, ` ${visible(s.hint)}`)),
      badge(s));
    name.style.paddingLeft = `min(${Math.min(s.depth, deepest) * 14}px, 40%)`;
    return name;
  }

  #track(s) {
    const from = this.#scale.at(s.offset_ms);
    const width = this.#scale.at(s.offset_ms + s.duration_ms) - from;
    const track = h("span", { class: "track", "aria-hidden": "true" });
    for (const g of this.#scale.gaps) track.append(at(h("span", { class: "gap" }), g.x, g.w));
    track.append(at(h("span", { class: `bar s${this.#services.get(s.service)}${s.failed ? " failed" : ""}${s.after_response ? " after" : ""}` }), from, width));
    for (const l of this.#marks.get(`${s.trace_id}${s.span_id}`) ?? []) {
      track.append(at(h("span", { class: `mark${l.level >= 17 ? " bad" : l.level >= 13 ? " warn" : ""}` }), this.#scale.at(l.offset_ms)));
    }
    return track;
  }

  #folds(s) {
    const next = this.#spans[s.index + 1];
    return next !== undefined && next.depth > s.depth;
  }

  #toggle(s, folded = !this.#folded.has(s)) {
    if (folded) this.#folded.add(s); else this.#folded.delete(s);
    this.#layout();
  }

  #above(s) {
    for (let i = s.index - 1; i >= 0; i--) if (this.#spans[i].depth < s.depth) return this.#spans[i];
    return null;
  }

  #unfold(s) {
    for (let a = this.#above(s); a; a = this.#above(a)) this.#folded.delete(a);
  }

  #key(e) {
    const s = this.#selected;
    const i = this.#shown.indexOf(s);
    const go = (j) => { const to = this.#shown[Math.min(Math.max(j, 0), this.#shown.length - 1)]; if (to) this.#select(to, true); };
    const keys = {
      ArrowDown: () => go(i + 1), ArrowUp: () => go(i < 0 ? 0 : i - 1), Home: () => go(0), End: () => go(this.#shown.length - 1),
      PageDown: () => go(i + 15), PageUp: () => go(i - 15),
      ArrowRight: () => { if (s && this.#folded.has(s)) this.#toggle(s, false); else if (s && this.#folds(s)) go(i + 1); },
      ArrowLeft: () => { if (s && this.#folds(s) && !this.#folded.has(s)) this.#toggle(s, true); else if (s && this.#above(s)) this.#select(this.#above(s), true); },
    };
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    keys[e.key]();
    e.preventDefault();
    e.stopPropagation();
  }

  #scrollTo(i) {
    if (i < 0) return;
    const y = this.#list.getBoundingClientRect().top + i * rowHeight;
    if (y < 80 || y > innerHeight - 80) scrollTo({ top: scrollY + y - innerHeight / 3 });
  }
}

// explain says what a kind of task is.
export function explain(kind) {
  return {
    request: "the request itself",
    call: "a request to a service",
    job: "a message or job",
    goroutine: "a goroutine of its own, by a bare go statement, or one that went on when its span had ended",
    go: "bound work: store.Go",
    bind: "bound work: store.Bind",
    timer: "bound work: store.AfterFunc",
    context: "bound work: store.ContextAfterFunc",
  }[kind] ?? "bound work";
}

const rowID = (s) => `s-${s.trace_id}-${s.span_id}`;

const told = new Set(["request", "call"]); // what the row says anyway

function badge(s) {
  if (s.task && !told.has(s.task)) {
    return h("span", { class: "badge job", title: explain(s.task) }, s.via === "link" ? `${visible(s.task)} · linked` : visible(s.task));
  }
  if (s.via === "link") return h("span", { class: "badge" }, "linked");
  if (s.via === "orphan" && s.depth === 0 && s.kind !== "server") return h("span", { class: "badge warn", title: "its parent span has not arrived" }, "no parent");
  return null;
}

function at(el, x, w) {
  el.style.left = `${x * 100}%`;
  if (w !== undefined) el.style.width = `${w * 100}%`;
  return el;
}
