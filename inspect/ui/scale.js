// SPDX-License-Identifier: Apache-2.0
import { duration } from "./dom.js";

const gapShare = 0.04; // of the width, for a stretch in which nothing ran
const day = 86400000;

// makeScale maps milliseconds to a share of the width. A request whose job ran ten seconds after its
// 40 ms would be a hairline beside emptiness: long stretches in which no span ran are folded.
export function makeScale(spans) {
  const sane = spans.filter((s) => Math.abs(s.offset_ms) < day && s.duration_ms < day);
  const busy = merge(sane.map((s) => [s.offset_ms, s.offset_ms + s.duration_ms]));
  if (!busy.length) return { at: () => 0, ticks: () => [], gaps: [] };
  const active = busy.reduce((sum, [a, b]) => sum + b - a, 0) || 1;
  const pieces = []; // [from, to, weight, folded]
  busy.forEach(([a, b], i) => {
    if (i > 0) {
      const from = busy[i - 1][1];
      const fold = a - from > active * 0.5;
      pieces.push([from, a, fold ? 0 : a - from, fold]);
    }
    pieces.push([a, b, b - a, false]);
  });
  place(pieces);
  const at = (ms) => {
    const p = pieces.find((q) => ms <= q[1]) ?? pieces.at(-1);
    const share = p[1] > p[0] ? Math.min(Math.max((ms - p[0]) / (p[1] - p[0]), 0), 1) : 0;
    return p.x + share * p.w;
  };
  return { at, ticks: (width) => ticks(pieces, at, 60 / Math.max(width, 60)), gaps: pieces.filter((p) => p[3]).map((p) => ({ x: p.x, w: p.w, label: duration(p[1] - p[0]) })) };
}

function place(pieces) {
  const folded = pieces.filter((p) => p[3]).length;
  const share = Math.min(gapShare, 0.4 / Math.max(folded, 1));
  const total = pieces.reduce((sum, p) => sum + p[2], 0) || 1;
  let x = 0;
  for (const p of pieces) {
    p.x = x;
    p.w = p[3] ? share : (p[2] / total) * (1 - share * folded);
    x += p.w;
  }
}

function merge(intervals) {
  intervals.sort((a, b) => a[0] - b[0]);
  const out = [];
  for (const [a, b] of intervals) {
    const last = out.at(-1);
    if (last && a <= last[1]) last[1] = Math.max(last[1], b);
    else out.push([a, b]);
  }
  return out;
}

// ticks puts round times on the axis, at least a share of the width apart.
function ticks(pieces, at, apart) {
  const out = [];
  const room = (x) => x <= 1 - apart / 2 && (!out.length || x - out.at(-1).x >= apart);
  const put = (ms) => { const x = at(ms); if (room(x)) out.push({ x, label: brief(ms) }); };
  for (const p of pieces) {
    if (p[3]) continue;
    const step = round((p[1] - p[0]) / Math.max(1, Math.floor(p.w / apart)));
    put(p[0]);
    for (let t = Math.ceil(p[0] / step) * step; t < p[1] && out.length < 20; t += step) if (t > p[0]) put(t);
  }
  return out;
}

function round(step) {
  if (!(step > 0)) return 1;
  const mag = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((m) => m * mag).find((s) => s >= step) ?? step;
}

// brief drops the digits that say nothing on a round time.
const brief = (ms) => duration(ms).replace(/(\.\d*?)0+ /, "$1 ").replace(". ", " ");
