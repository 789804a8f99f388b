// SPDX-License-Identifier: Apache-2.0
// Runs before the first paint, so that a chosen theme does not flash.
(() => {
  try {
    const chosen = localStorage.getItem("inspect.theme");
    if (chosen) document.documentElement.dataset.theme = chosen;
  } catch { /* storage may be off: the system's choice stands */ }
})();
