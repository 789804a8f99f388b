// SPDX-License-Identifier: Apache-2.0
import { duration, h, plural, replace, visible } from "./dom.js";
import { explain } from "./waterfall.js";

const most = 40; // units of work shown

const storage = "inspect.work";

function closed() {
  try { return localStorage.getItem(storage) === "closed"; } catch { return false; }
}

function remember(isClosed) {
  try { localStorage.setItem(storage, isClosed ? "closed" : "open"); } catch { /* for this page only, then */ }
}

// showTasks lists what the request set in motion: calls, goroutines, bound work and jobs.
export function showTasks(root, tasks, pick) {
  root.hidden = tasks.length < 2;
  if (root.hidden) return;
  const above = (i) => tasks.slice(0, i).findLast((t) => t.depth < tasks[i].depth); // what the indentation shows
  const line = (t, i) => {
    const label = [t.kind, t.name, t.failed ? "failed" : null, above(i) && `set in motion by ${above(i).name}`].filter(Boolean).join(", ");
    const name = h("button", { type: "button", class: "where", "aria-label": visible(label), click: () => pick(t) }, visible(t.name));
    const li = h("li", { class: t.failed ? "failed" : null },
      h("span", { class: "what" }, h("span", { class: "badge job", title: explain(t.kind) }, visible(t.kind)), t.failed && h("b", { class: "cross" }, "✕ "), name),
      h("span", { class: "dim" }, visible(t.service)),
      h("span", { class: "dim" }, `${t.offset_ms < 0 ? "−" : "+"}${duration(Math.abs(t.offset_ms))}`),
      h("span", {}, t.duration_ms ? duration(t.duration_ms) : ""),
      h("span", { class: "dim" }, [t.after_response ? "after the response" : null, t.spans ? plural(t.spans, "span") : null, t.logs ? plural(t.logs, "line") : null].filter(Boolean).join(" · ")));
    li.firstElementChild.style.paddingLeft = `${Math.min(t.depth, 12) * 18}px`;
    return li;
  };
  replace(root,
    h("details", { open: !closed(), toggle: (e) => remember(!e.target.open) },
      h("summary", { class: "heading" }, h("h2", {}, "Work"), h("span", { class: "dim" }, "what the request set in motion")),
      h("ol", { class: "work" }, tasks.slice(0, most).map(line)),
      tasks.length > most && h("p", { class: "none" }, `and ${tasks.length - most} more`)));
}
