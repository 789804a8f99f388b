// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// pages visits every kind of page, in a state that shows all of its parts.
func (tb *tab) pages(url string, each func(name string)) {
	tb.t.Helper()
	tb.visit(url + "/")
	tb.until(rowCount + " >= 5")
	each("list")
	tb.visit(url + "/requests/order-02")
	tb.spans("=== 11")
	each("request")
	tb.visit(url + "/requests/order-03")
	tb.spans("=== 8")
	tb.press("e")
	tb.until("document.querySelectorAll('#detail dl').length > 0")
	each("error")
	tb.visit(url + "/?q=nowhere-to-be-found")
	tb.until("!document.getElementById('empty').hidden")
	each("empty")
}

func TestNothingIsWiderThanAPhone(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 10)
	tb := open(t, 400, 860)
	tb.pages(url, func(name string) {
		if w := eval[int](tb, "document.documentElement.scrollWidth"); w > 400 {
			t.Errorf("%s is %d px wide", name, w)
		}
		cut := eval[string](tb, `[...document.querySelectorAll("button, a, input, select")].filter((e) => {
			const r = e.getBoundingClientRect();
			return r.width > 0 && (r.right > 401 || r.left < -1);
		}).map((e) => e.outerHTML).join("\n")`)
		if cut != "" {
			t.Errorf("%s: out of sight:\n%s", name, cut)
		}
		tb.shoot(name + "-phone")
	})
}

func TestDarkAndLight(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 5)
	tb := open(t, 1440, 900)
	background := func() string { return eval[string](tb, "getComputedStyle(document.body).backgroundColor") }
	tb.visit(url + "/")
	tb.prefer("prefers-color-scheme", "dark")
	dark := background()
	tb.prefer("prefers-color-scheme", "light")
	light := background()
	if dark == light {
		t.Fatalf("both are %s", dark)
	}
	tb.press("d")
	tb.until("document.documentElement.dataset.theme === 'dark'")
	tb.visit(url + "/requests/order-02")
	if got := background(); got != dark {
		t.Errorf("the choice is forgotten: %s, want %s", got, dark)
	}
	tb.click("#theme")
	if got := background(); got != light {
		t.Errorf("back to light: %s, want %s", got, light)
	}
}

// contrasts returns the texts on the page whose contrast with what is behind them is below WCAG's AA.
const contrasts = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
	const rgba = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
	const luminance = ([r, g, b]) => [r, g, b].map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; })
		.reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
	const bad = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.textContent.trim() || e.closest("noscript, .inside, option, [hidden]") || !e.checkVisibility({opacityProperty: true})) continue;
		const a = luminance(rgba(getComputedStyle(e).color)), b = luminance(behind(e));
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 4.5) bad.push(ratio.toFixed(2) + " " + e.className + " " + e.textContent.slice(0, 30));
	}
	return [...new Set(bad)].join("\n");
})()`

func TestTextCanBeRead(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 10)
	tb := open(t, 1440, 900)
	for _, theme := range []string{"light", "dark"} {
		tb.prefer("prefers-color-scheme", theme)
		tb.pages(url, func(name string) {
			tb.until("document.getAnimations().length === 0")
			if bad := eval[string](tb, contrasts); bad != "" {
				t.Errorf("%s, %s: contrast below 4.5:\n%s", name, theme, bad)
			}
			tb.shoot(name + "-" + theme)
		})
	}
}

// What a screen reader is told of: everything that can be used has a name.
func TestEverythingThatCanBeUsedHasAName(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 5)
	tb := open(t, 1440, 900)
	usable := []string{"button", "link", "textbox", "searchbox", "combobox", "checkbox", "tree", "treeitem", "table", "region", "complementary", "search", "dialog", "DisclosureTriangle"}
	tb.pages(url, func(name string) {
		res, err := chromedp.Call(tb.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, n := range res.Nodes {
			if n.Ignored || n.Role == nil {
				continue
			}
			role := strings.Trim(n.Role.Value.String(), `"`)
			seen[role]++
			if slices.Contains(usable, role) && (n.Name == nil || strings.Trim(n.Name.Value.String(), `" `) == "") {
				t.Errorf("%s: a %s without a name", name, role)
			}
		}
		for role, least := range map[string]map[string]int{"list": {"table": 1, "searchbox": 1, "combobox": 2, "row": 6, "columnheader": 8}, "request": {"tree": 1, "treeitem": 11}, "error": {"complementary": 1, "treeitem": 8}}[name] {
			if seen[role] < least {
				t.Errorf("%s: %d of role %s, want at least %d (%v)", name, seen[role], role, least, seen)
			}
		}
	})
}

func TestAnimationsAreOffWhereTheyAreNotWanted(t *testing.T) {
	url := serve(t)
	tb := open(t, 1280, 800)
	tb.prefer("prefers-reduced-motion", "reduce")
	tb.visit(url + "/")
	tb.until("document.getElementById('live').textContent === 'live'")
	newSender(t, url, "first", time.Now()).order(false)
	tb.rows(1)
	if got := eval[string](tb, "getComputedStyle(document.querySelector('#requests tbody tr')).animationName"); got != "none" {
		t.Errorf("animation %q", got)
	}
}
