// SPDX-License-Identifier: Apache-2.0
import { $, h } from "./dom.js";

const root = document.documentElement;
const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function nameTheme() {
  $("theme").textContent = dark() ? "Light" : "Dark";
}

function toggleTheme() {
  root.dataset.theme = dark() ? "light" : "dark";
  try { localStorage.setItem("inspect.theme", root.dataset.theme); } catch { /* for this page only, then */ }
  nameTheme();
}

// keys binds single keys to actions: {key: [what it does, action]}. They rest while a field has the
// focus, and while a modifier is held, which belongs to the browser.
export function keys(map) {
  map.d = ["Dark or light", toggleTheme];
  map["?"] = ["These shortcuts", () => help(map)];
  $("theme").addEventListener("click", toggleTheme);
  $("help").addEventListener("click", () => help(map));
  nameTheme();
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    if (e.target.closest("input, select, textarea")) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    const bound = map[e.key];
    if (!bound) return;
    if (bound[1](e) !== false) e.preventDefault();
  });
}

const names = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };

function help(map) {
  const groups = new Map();
  for (const [key, [what]] of Object.entries(map)) {
    groups.set(what, [...(groups.get(what) ?? []), names[key] ?? key]);
  }
  const dialog = h("dialog", { class: "keys", "aria-label": "Keyboard shortcuts", close: () => dialog.remove() },
    h("h2", {}, "Keyboard"),
    h("dl", {}, [...groups].map(([what, list]) => [h("dt", {}, list.map((k) => h("kbd", {}, k))), h("dd", {}, what)]).flat()),
    h("form", { method: "dialog" }, h("button", { autofocus: true }, "Close")));
  document.body.append(dialog);
  dialog.showModal();
}
