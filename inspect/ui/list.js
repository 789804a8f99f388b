// SPDX-License-Identifier: Apache-2.0
import { $, base, bytes, clock, duration, getJSON, h, plural, repeated, replace, requestURL, statusOf, visible } from "./dom.js";
import { Stream } from "./follow.js";
import { keys } from "./keys.js";

const maxRows = 500;
const wantsToken = "token" in document.documentElement.dataset;
const body = $("requests").tBodies[0];
const form = $("filter");
const rows = new Map(); // by key: {data, el}
let paused = false;
let waiting = new Map(); // what arrived while paused
const stream = new Stream((data) => receive(JSON.parse(data)), setLive);
let generation = 0; // of the filter; answers to an older one are dropped

const keyOf = (r) => `${r.trace_id ?? ""}|${r.request_id ?? ""}`;

function query() {
  const q = new URLSearchParams();
  for (const [k, v] of new FormData(form)) if (v.trim()) q.set(k, v.trim());
  return q;
}

function cell(kind, ...children) {
  return h("td", { class: `c-${kind}` }, ...children);
}

function build(r) {
  const status = statusOf(r);
  const label = r.route || r.path || r.name || "(no name)";
  const more = r.total_ms > r.duration_ms * 1.5 + 1 ? ` → ${duration(r.total_ms)}` : "";
  return h("tr", { class: r.failed ? "failed" : r.slow ? "slow" : null },
    cell("time", h("time", { datetime: r.start }, clock(r.start))),
    cell("method", visible(r.method ?? "")),
    cell("route", h("a", { href: requestURL(r.id) }, visible(label)), repeated(r),
      r.services.length > 1 && h("span", { class: "services" }, visible(r.services.join(" → ")))),
    cell("status", h("span", { class: `status ${status.kind}`, title: r.error_type ?? null }, status.text),
      r.errors > 0 && h("span", { class: "errors", title: plural(r.errors, "error") }, `✕ ${r.errors}`)),
    cell("duration", h("span", { class: r.slow ? "slow" : null, title: more ? "until the response, and until the last span ended" : null },
      duration(r.duration_ms), more && h("span", { class: "dim" }, more))),
    cell("jobs", r.jobs ? plural(r.jobs, "job") : ""),
    cell("size", `${r.spans} · ${r.logs}`, r.dropped > 0 && h("span", { class: "errors" }, ` −${r.dropped}`)),
    cell("id", h("code", { title: r.request_id ?? r.trace_id ?? "" }, visible(r.request_id ?? r.trace_id ?? ""))));
}

function put(r, fresh) {
  const key = keyOf(r);
  if (r.request_id) { // it was listed under less before more was known
    for (const old of [`${r.trace_id ?? ""}|`, `|${r.request_id}`]) if (old !== key) drop(old);
  }
  const el = build(r);
  const known = rows.get(key);
  if (known) {
    const focused = known.el.contains(document.activeElement);
    known.el.replaceWith(el);
    if (focused) el.querySelector("a").focus();
    rows.set(key, { data: r, el });
    return;
  }
  if (fresh) el.classList.add("fresh");
  rows.set(key, { data: r, el });
  const start = Date.parse(r.start);
  let next = body.firstElementChild;
  while (next && Date.parse(next.querySelector("time").dateTime) > start) next = next.nextElementSibling;
  body.insertBefore(el, next);
}

function drop(key) {
  rows.get(key)?.el.remove();
  rows.delete(key);
}

function trim() {
  while (rows.size > maxRows) {
    const last = body.lastElementChild;
    for (const [key, { el }] of rows) if (el === last) { drop(key); break; }
  }
}

function settle() {
  trim();
  const none = rows.size === 0;
  $("requests").hidden = none;
  $("empty").hidden = !none;
  if (none) {
    const filtered = [...query()].length > 0;
    replace($("empty"), filtered
      ? [h("p", {}, "No request held matches."), h("button", { type: "button", click: clear }, "Clear the filter")]
      : [h("p", {}, "No requests yet. Point an OTLP/HTTP exporter here:"), h("pre", {}, `OTEL_EXPORTER_OTLP_ENDPOINT=${location.origin}${base}${wantsToken ? "\nOTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20<token>" : ""}`)]);
  }
}

function clear() {
  form.reset();
  load();
}

function showHeld(held) {
  $("held").textContent = `${plural(held.traces, "trace")} · ${bytes(held.bytes)} of ${bytes(held.max_bytes)}`;
}

function receive(update) {
  showHeld(update.held);
  if (paused) {
    for (const r of update.requests) waiting.set(keyOf(r), r);
    namePause();
    return;
  }
  for (const r of [...update.requests].reverse()) put(r, true);
  settle();
}

function namePause() {
  $("pause").textContent = !paused ? "Pause" : waiting.size ? `Resume · ${waiting.size} new` : "Resume";
  $("pause").setAttribute("aria-pressed", String(paused));
}

function togglePause() {
  paused = !paused;
  if (!paused) {
    for (const r of waiting.values()) put(r, true);
    waiting = new Map();
    settle();
  }
  namePause();
  setLive();
}

function setLive() {
  const state = paused ? "paused" : stream.open ? "live" : "reconnecting";
  $("live").textContent = state;
  $("live").className = `live ${state}`;
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

// load fetches what is held and follows what has come since then.
async function load() {
  const mine = ++generation;
  const q = query();
  history.replaceState(null, "", `${location.pathname}${[...q].length ? `?${q}` : ""}`);
  stream.stop();
  let after = "0"; // without a list, everything
  try {
    const list = await getJSON(`/api/requests?${q}`);
    if (mine !== generation) return;
    rows.clear();
    waiting.clear();
    body.replaceChildren();
    for (const r of [...list.requests].reverse()) put(r, false);
    showHeld(list.held);
    notice("");
    after = list.seq;
  } catch (e) {
    if (mine !== generation) return;
    notice(e.message);
    if (e.status === 400) { settle(); return; } // nor would the stream take this filter
  }
  settle();
  namePause();
  stream.follow(q, after);
}

function move(step) {
  const links = [...body.querySelectorAll("a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1)].focus();
}

function restore() {
  // The link that a program prints leads here straight away when the browser has been let in before.
  if (location.hash.startsWith("#token=")) history.replaceState(null, "", location.pathname + location.search);
  const q = new URLSearchParams(location.search);
  for (const el of form.elements) {
    const v = q.get(el.name) ?? "";
    if (el.tagName === "SELECT" && v && ![...el.options].some((o) => o.value === v)) el.add(new Option(v, v));
    el.value = v;
  }
}

let typing;
form.addEventListener("submit", (e) => { e.preventDefault(); load(); });
form.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(load, 150); });
body.addEventListener("click", (e) => {
  if (e.target.closest("a") || getSelection().toString()) return;
  const a = e.target.closest("tr")?.querySelector("a");
  if (a) location.assign(a.href);
});
$("pause").addEventListener("click", togglePause);
addEventListener("pageshow", (e) => { if (e.persisted) load(); });

keys({
  "/": ["Search", () => $("q").focus()],
  j: ["Next request", () => move(1)],
  ArrowDown: ["Next request", () => move(1)],
  k: ["Previous request", () => move(-1)],
  ArrowUp: ["Previous request", () => move(-1)],
  p: ["Pause or resume", togglePause],
  Escape: ["Clear the filter", clear],
});
restore();
load();
