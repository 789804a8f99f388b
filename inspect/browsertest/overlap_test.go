// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// overlaps returns the texts that run, where they can be seen, over another text or over a box that they
// are not in: bars, folded stretches, dots, badges, buttons.
const overlaps = `(() => {
	const clips = (e) => getComputedStyle(e).overflowX !== "visible";
	const cut = (r, e) => { // what ancestors leave to be seen of it
		let [l, t, b, ri] = [r.left, r.top, r.bottom, r.right];
		for (; e && e !== document.body; e = e.parentElement) if (clips(e)) {
			const c = e.getBoundingClientRect();
			[l, t, b, ri] = [Math.max(l, c.left), Math.max(t, c.top), Math.min(b, c.bottom), Math.min(ri, c.right)];
		}
		return { left: l, top: t, bottom: b, right: ri };
	};
	const floats = (e) => e.closest(".foot, .bar:not(.track .bar), #detail, noscript, dialog, [hidden], option, #requests thead");
	const seen = (r) => r.right - r.left > 1 && r.bottom - r.top > 1;
	const texts = [], boxes = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.textContent.trim() || floats(e) || !e.checkVisibility()) continue;
		const range = document.createRange();
		range.selectNodeContents(walk.currentNode);
		for (const r of range.getClientRects()) { const c = cut(r, e); if (seen(c)) texts.push({ e, c, text: walk.currentNode.textContent.trim().slice(0, 30) }); }
	}
	for (const e of document.querySelectorAll(".track, .track > *, .gap, .badge, .status, .swatch, button, input, select")) {
		if (floats(e) || !e.checkVisibility()) continue;
		const c = cut(e.getBoundingClientRect(), e.parentElement);
		if (seen(c)) boxes.push({ e, c, text: "<" + e.className + ">" });
	}
	const touch = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
	const bad = new Set();
	for (const a of texts) {
		for (const b of boxes) if (!b.e.contains(a.e) && touch(a.c, b.c)) bad.add(a.text + " over " + b.text);
		for (const b of texts) if (a.e !== b.e && !a.e.contains(b.e) && !b.e.contains(a.e) && touch(a.c, b.c)) bad.add(a.text + " over " + b.text);
	}
	return [...bad].slice(0, 10).join("\n");
})()`

// sendCrowded sends a request that leaves little room: deep, with long names, and with pauses.
func sendCrowded(t *testing.T, url string) {
	s := newSender(t, url, "crowded", time.Now())
	spans := []*tracev1.Span{s.span("POST /a/route/with/many/parts/:id/and/more", "", serverSpan, 0, 4000, str("http.request.method", "POST"), str("http.route", "/a/route/with/many/parts/:id/and/more"))}
	parent := spans[0].Name
	for i := range 24 {
		name := fmt.Sprintf("%d a step with a name that takes all the room that there is, and some more", i)
		from := float64(i * 150)
		spans = append(spans, s.span(name, parent, internalSpan, from, from+140,
			str("asynclocal.task.kind", "context"), str("db.query.text", "SELECT "+strings.Repeat("column, ", 20))))
		parent = name
	}
	for i := range 6 { // with an hour between
		at := float64((i + 1) * 3_600_000)
		spans = append(spans, s.span(fmt.Sprint("job ", i), spans[0].Name, consumerSpan, at, at+float64(1+i*700)))
	}
	s.sendSpans("shop", spans...)
}

func TestNoLabelRunsOverAnother(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 10)
	sendCrowded(t, url)
	tb := open(t, 1280, 900)
	for _, page := range []string{"/", "/requests/order-02", "/requests/order-03", "/requests/crowded", "/requests/unknown"} {
		tb.visit(url + page)
		tb.until(`document.querySelectorAll("#requests tbody tr, .row, #summary h1").length > 0`)
		for _, width := range []int64{320, 360, 400, 480, 600, 720, 721, 768, 900, 901, 1024, 1099, 1100, 1280, 1440, 1920, 2560} {
			tb.do(chromedp.EmulateViewport(width, 900))
			eval[bool](tb, "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
			if bad := eval[string](tb, overlaps); bad != "" {
				t.Errorf("%s, %d px wide:\n%s", page, width, bad)
				tb.shoot(fmt.Sprintf("overlap%s-%d", strings.ReplaceAll(page, "/", "-"), width))
			}
		}
	}
}
