// SPDX-License-Identifier: Apache-2.0
// The one place where data becomes document. Text is set as text: nothing here parses markup.

export const base = document.documentElement.dataset.base;
export const slowMS = Number(document.documentElement.dataset.slow);

export const $ = (id) => document.getElementById(id);

// h makes an element: h("a", {href, class}, child, …). A prop that is a function is an event listener;
// children that are null or false are left out.
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(props ?? {})) {
    if (v === null || v === undefined || v === false) continue;
    if (typeof v === "function") el.addEventListener(k, v);
    else el.setAttribute(k, v === true ? "" : v);
  }
  append(el, children);
  return el;
}

export function append(el, children) {
  for (const c of children.flat(Infinity)) {
    if (c !== null && c !== undefined && c !== false) el.append(c);
  }
  return el;
}

export function replace(el, ...children) {
  el.replaceChildren();
  return append(el, children);
}

export function duration(ms) {
  const n = Math.abs(ms);
  if (n === 0) return "0";
  if (n < 1) return `${Math.round(ms * 1000)} µs`;
  if (n < 10) return `${ms.toFixed(2)} ms`;
  if (n < 1000) return `${ms.toFixed(n < 100 ? 1 : 0)} ms`;
  if (n < 60000) return `${(ms / 1000).toFixed(2)} s`;
  if (n < 3600000) return `${(ms / 60000).toFixed(1)} min`;
  return `${(ms / 3600000).toFixed(1)} h`;
}

const two = (n) => String(n).padStart(2, "0");

export function clock(iso) {
  const d = new Date(iso);
  if (Number.isNaN(d.getTime())) return "";
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, "0")}`;
}

export function bytes(n) {
  if (n < 1024) return `${n} B`;
  if (n < 1 << 20) return `${(n / 1024).toFixed(0)} KiB`;
  return `${(n / (1 << 20)).toFixed(1)} MiB`;
}

// visible shows control and direction-changing characters as escapes, so that no text can pose as
// another. Line breaks and tabs stay, and so do the joiners that scripts and emoji need.
export function visible(s) {
  return String(s).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

// repeated is the badge of a request in which a statement or a call was made again and again.
export function repeated(r) {
  return r.repeated && h("span", { class: "badge warn repeats", title: visible(r.repeated.join("\n")) }, "repeated");
}

export function statusOf(r) {
  if (r.pending && !r.spans) return { text: "lines only", kind: "pending" };
  if (r.pending) return { text: "in flight", kind: "pending" };
  if (r.status) return { text: String(r.status), kind: r.status >= 500 ? "bad" : r.status >= 400 ? "warn" : "good" };
  return r.failed ? { text: "failed", kind: "bad" } : { text: "ok", kind: "good" };
}

export function requestURL(id) {
  return `${base}/requests/${encodeURIComponent(id)}`;
}

export async function getJSON(path) {
  const res = await fetch(base + path, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  const body = await res.json().catch(() => ({ error: res.statusText }));
  if (!res.ok) throw Object.assign(new Error(body.error ?? res.statusText), { status: res.status });
  return body;
}

// inert is what is copied: text that has line breaks or control characters, which a terminal obeys as
// soon as they are pasted, becomes a JSON string.
export function inert(text) {
  const s = String(text);
  if (!/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(s)) return s;
  return JSON.stringify(s).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export async function copy(text, button) {
  const was = button.textContent;
  try {
    await navigator.clipboard.writeText(inert(text));
    button.textContent = "Copied";
  } catch {
    button.textContent = "Copy failed";
  }
  setTimeout(() => { button.textContent = was; }, 1200);
}
