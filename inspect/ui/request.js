// SPDX-License-Identifier: Apache-2.0
import { $, base, clock, copy, duration, getJSON, h, plural, repeated, replace, requestURL, statusOf, visible } from "./dom.js";
import { Stream } from "./follow.js";
import { keys } from "./keys.js";
import { Detail } from "./detail.js";
import { Logs } from "./logs.js";
import { showTasks } from "./tasks.js";
import { Waterfall } from "./waterfall.js";

const id = document.documentElement.dataset.id;
const path = `/api/requests/${encodeURIComponent(id)}`;
const valueLimit = 2048; // bytes per value of a log line

let view = null;
let selected = null;

const waterfall = new Waterfall($("waterfall"), (s) => select(s, true));
const logs = new Logs($("logs"), (s) => select(s, true));
const detail = new Detail($("detail"), () => select(null));

const same = (a, b) => a && b && a.span_id === b.span_id && a.trace_id === b.trace_id;

function select(span, reveal) {
  selected = span;
  waterfall.select(span, reveal);
  logs.select(span);
  detail.show(span);
  history.replaceState(null, "", span ? `#${span.span_id}` : location.pathname + location.search);
}

function summary(v) {
  const r = v.request;
  const status = statusOf(r);
  const copyID = h("button", { type: "button", class: "quiet" }, "Copy");
  copyID.addEventListener("click", () => copy(r.request_id ?? r.trace_id, copyID));
  const curl = v.curl && h("button", { type: "button", id: "curl", title: "Copy as curl (c)" }, "Copy as curl");
  if (curl) curl.addEventListener("click", () => copy(v.curl, curl));
  replace($("summary"),
    h("div", { class: "title" },
      h("h1", {}, r.method && h("span", { class: "method" }, visible(r.method)), " ", visible(r.route || r.path || r.name || id)),
      h("span", { class: `status ${status.kind}` }, status.text),
      r.slow && h("span", { class: "badge warn" }, "slow"), repeated(r),
      h("span", { class: "grow" }), curl,
      h("a", { class: "button", href: base + path }, "JSON")),
    h("dl", { class: "facts" },
      fact("Duration", duration(r.duration_ms)),
      r.total_ms > r.duration_ms + 0.001 && fact("Until the last span", duration(r.total_ms)),
      fact("Started", `${new Date(r.start).toLocaleDateString()} ${clock(r.start)}`),
      r.path && r.path !== r.route && fact("Path", visible(r.path)),
      r.request_id && fact("Request id", h("code", {}, visible(r.request_id)), copyID),
      r.trace_id && fact("Trace", h("code", {}, r.trace_id)),
      r.jobs > 0 && fact("Jobs", String(r.jobs)),
      r.repeated && fact("Repeated", r.repeated.map((text) => h("code", { class: "repeated" }, visible(text)))),
      fact("Services", visible(r.services.join(", ") || "–")),
      r.dropped > 0 && fact("Dropped", plural(r.dropped, "record") + " over the size one request may have")),
    v.others?.length > 0 && h("p", { class: "dim" }, "Also under this id: ", v.others.map((o) => [h("a", { href: requestURL(o.id) }, clock(o.start)), " "])),
    v.causes?.length > 0 && h("p", { class: "dim" }, "Caused by ", v.causes.map((t) => [h("a", { href: requestURL(t) }, h("code", {}, t)), " "])));
  document.title = `${r.method ?? ""} ${r.route || r.name} · inspect`.trim();
}

function fact(name, ...value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, ...value));
}

function errors(v) {
  const list = v.errors ?? [];
  $("errors").hidden = list.length === 0;
  if (!list.length) return;
  const item = (e) => {
    const span = v.spans.find((s) => same(s, e));
    return h("li", {},
      h("p", {}, h("b", {}, "✕ ", visible(e.type ?? e.where)), e.message && [" ", h("span", { class: "message" }, visible(e.message))],
        " ", span ? h("button", { type: "button", class: "where", click: () => select(span, true) }, `${visible(span.name)} · ${visible(e.service)}`) : h("span", { class: "dim" }, visible(e.service))),
      e.stack && h("details", {}, h("summary", {}, "Stack"), h("pre", {}, visible(e.stack))));
  };
  replace($("errors"),
    h("ol", {}, item(list[0])),
    list.length > 1 && h("details", {}, h("summary", {}, plural(list.length - 1, "more error")), h("ol", {}, list.slice(1).map(item))));
}

function render(v) {
  const first = view === null;
  view = v;
  summary(v);
  errors(v);
  showTasks($("tasks"), v.tasks ?? [], (t) => {
    if (t.spans) { select(v.spans.find((s) => same(s, t)), true); return; }
    select(null);
    logs.selectGoroutine(t);
  });
  waterfall.show(v.spans, v.logs);
  logs.show(v.logs, v.spans);
  const wanted = selected ?? (first && location.hash ? { span_id: location.hash.slice(1) } : null);
  const found = wanted && v.spans.find((s) => s.span_id === wanted.span_id && (!wanted.trace_id || s.trace_id === wanted.trace_id));
  if (found && (first || !same(found, selected))) select(found, first);
  else if (found) { selected = found; waterfall.select(found); logs.select(found); }
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

let loading = false;
let stale = false;

// load fetches the request; while one answer is on its way, further changes make one more.
async function load() {
  if (loading) { stale = true; return; }
  loading = true;
  const began = performance.now();
  try {
    render(await getJSON(`${path}?details=0&max=${valueLimit}`));
    notice("");
  } catch (e) {
    if (!view && e.status === 404) replace($("summary"), h("div", { class: "title" }, h("h1", {}, "Unknown id ", h("code", {}, visible(id)))));
    if (!view || e.status !== 404) notice(e.status === 404 ? "Nothing is held under this id. The page waits for it." : e.message);
    else notice("This request has been evicted. What you see is what was loaded.");
  }
  const rest = Math.max(300, 3 * (performance.now() - began)); // a page that is slow to draw asks less often
  setTimeout(() => { loading = false; if (stale) { stale = false; load(); } }, rest);
}

const stream = new Stream(load);

function follow() {
  stream.follow({ q: view?.request.trace_id ?? id }, view?.seq ?? "0");
}

addEventListener("pageshow", (e) => { if (e.persisted) { follow(); load(); } });

const step = (key) => () => { $("waterfall").querySelector(".tree")?.dispatchEvent(new KeyboardEvent("keydown", { key })); };

keys({
  j: ["Next span", step("ArrowDown")],
  k: ["Previous span", step("ArrowUp")],
  ArrowRight: ["Unfold", step("ArrowRight")],
  ArrowLeft: ["Fold", step("ArrowLeft")],
  e: ["First error", () => { const s = view?.spans.find((x) => same(x, view.errors?.[0])); if (s) select(s, true); }],
  c: ["Copy as curl", () => $("curl")?.click()],
  u: ["All requests", () => location.assign(`${base}/`)],
  Escape: ["Close details", () => select(null)],
});
load().then(follow);
