// SPDX-License-Identifier: Apache-2.0
import { base, clock, copy, duration, getJSON, h, replace, requestURL, visible } from "./dom.js";
import { text } from "./logs.js";

const limit = 4096; // bytes per value; all of a longer one is one click away

// Detail shows one span's attributes, events and links.
export class Detail {
  #root; #close; #wanted = "";

  constructor(root, close) {
    this.#root = root;
    this.#close = close;
  }

  async show(span) {
    const path = span ? `/api/spans/${span.trace_id}/${span.span_id}` : "";
    this.#wanted = path;
    this.#root.hidden = !span;
    document.body.classList.toggle("detailed", Boolean(span));
    if (!span) return;
    try {
      const full = await getJSON(`${path}?max=${limit}`);
      if (this.#wanted === path) this.#render(full, path);
    } catch (e) {
      if (this.#wanted === path) replace(this.#root, this.#head(span), h("p", { class: "none" }, e.message));
    }
  }

  #head(s) {
    return h("div", { class: "heading" },
      h("h2", {}, visible(s.name)),
      h("button", { type: "button", class: "quiet", "aria-label": "Close details", title: "Close (Esc)", click: () => this.#close() }, "✕"));
  }

  #render(s, path) {
    const d = s.details ?? {};
    replace(this.#root, this.#head(s),
      h("p", { class: "facts" }, [visible(s.service), s.kind, duration(s.duration_ms), `at ${clock(d.start)}`, d.scope && visible(d.scope)].filter(Boolean).join(" · ")),
      d.status && h("p", { class: "failure" }, visible(d.status)),
      table("Attributes", d.attributes),
      d.dropped_attributes > 0 && h("p", { class: "dim" }, `${d.dropped_attributes} attributes were dropped by the sender`),
      (s.events ?? []).map((e) => table(`${visible(e.name)} · +${duration(e.offset_ms)}`, e.attributes ?? {})),
      s.links?.length > 0 && h("section", {}, h("h3", {}, "Links"), h("ul", { class: "links" }, s.links.map((l) =>
        h("li", {}, h("a", { href: `${requestURL(l.trace_id)}#${l.span_id}` }, h("code", {}, l.trace_id)), l.here ? " (here)" : "")))),
      table("Resource", d.resource),
      h("p", { class: "ids" }, "span ", h("code", {}, s.span_id), " ", h("a", { href: base + path }, "JSON")));
  }
}

function table(title, attributes) {
  const entries = Object.entries(attributes ?? {});
  if (!entries.length && !attributes) return null;
  return h("section", {}, h("h3", {}, title),
    h("dl", { class: "attributes" }, entries.map(([k, v]) => {
      const s = text(v);
      const button = h("button", { type: "button", class: "quiet copy", "aria-label": `Copy ${visible(k)}` }, "Copy");
      button.addEventListener("click", () => copy(typeof v === "string" ? v : JSON.stringify(v), button));
      return [h("dt", {}, visible(k)), h("dd", {}, h("span", { class: s.includes("\n") ? "pre" : null }, s), button)];
    }).flat()));
}
