// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const patience = 60 * time.Second // for what should take a moment

// One Chromium serves all tests, each in a tab of its own; the inspectors have different ports, which
// keeps their storage and cookies apart.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	profile, err := os.MkdirTemp("", "browsertest")
	if err != nil {
		return nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true),
	)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, _ := chromedp.NewContext(alloc)
	quit = func() {
		_ = chromedp.Cancel(ctx)
		stop()
		_ = os.RemoveAll(profile)
	}
	return ctx, chromedp.Do(ctx)
})

var quit = func() {}

func findChromium() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", err
}

func TestMain(m *testing.M) {
	code := m.Run()
	quit()
	os.Exit(code)
}

// tab is a page in a headless Chromium.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// A page that reports what it should not: exceptions, and whatever the content security policy stopped.
const watch = `window.complaints = [];
	addEventListener("error", (e) => complaints.push("error: " + e.message));
	addEventListener("unhandledrejection", (e) => complaints.push("rejection: " + e.reason));
	addEventListener("securitypolicyviolation", (e) => complaints.push("policy: " + e.violatedDirective + " " + e.blockedURI));`

// open opens a tab, or skips the test where there is no Chromium. In CI there has to be one. A page
// that complained fails the test.
func open(t *testing.T, width, height int64) *tab {
	t.Helper()
	if _, err := findChromium(); err != nil && os.Getenv("CI") != "true" {
		t.Skip("no Chromium on this machine")
	}
	parent, err := chromium()
	if err != nil {
		t.Fatalf("start Chromium: %v; CI installs Debian's package chromium", err)
	}
	ctx, closeTab := chromedp.NewContext(parent)
	tb := &tab{t: t, ctx: ctx}
	tb.do(chromedp.EmulateViewport(width, height))
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			if all := eval[[]string](tb, "window.complaints ?? []"); len(all) > 0 {
				t.Errorf("the page complained: %s", strings.Join(all, "; "))
			}
		}
		closeTab()
	})
	return tb
}

func (tb *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := chromedp.Do(tb.ctx, steps...); err != nil {
		tb.t.Fatal(err)
	}
}

// prefer sets a media feature, such as prefers-color-scheme.
func (tb *tab) prefer(feature, value string) {
	tb.t.Helper()
	_, err := chromedp.Call(tb.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	if err != nil {
		tb.t.Fatal(err)
	}
}

func (tb *tab) visit(url string) { tb.t.Helper(); tb.do(chromedp.Navigate(url)) }
func (tb *tab) press(k string)   { tb.t.Helper(); tb.do(chromedp.KeyEvent(k)) }
func (tb *tab) click(sel string) { tb.t.Helper(); tb.do(chromedp.Click(chromedp.CSS(sel))) }

func (tb *tab) fill(sel, text string) {
	tb.t.Helper()
	tb.do(chromedp.SendKeys(chromedp.CSS(sel), text))
}

// eval returns what a JavaScript expression is worth in the page.
func eval[T any](tb *tab, js string) T {
	tb.t.Helper()
	v, err := chromedp.Run(tb.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// text returns what the first match of a selector shows.
func (tb *tab) text(sel string) string {
	tb.t.Helper()
	return eval[string](tb, "document.querySelector("+quote(sel)+")?.innerText ?? ''")
}

// texts returns what every match of a selector shows, one a line.
func (tb *tab) texts(sel string) string {
	tb.t.Helper()
	return eval[string](tb, "[...document.querySelectorAll("+quote(sel)+")].map((e) => e.innerText).join('\\n')")
}

// until waits for a JavaScript expression to become true.
func (tb *tab) until(js string) {
	tb.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		ok, err := chromedp.Run(tb.ctx, chromedp.Evaluate[bool](js))
		if err == nil && ok {
			return
		}
		if tb.ctx.Err() != nil || time.Now().After(deadline) {
			tb.shoot("failed")
			tb.t.Fatalf("never true: %s (%v)\nthe page shows:\n%s", js, err, eval[string](tb, "document.body.innerText.slice(0, 3000)"))
		}
	}
}

func quote(s string) string { return "`" + s + "`" }

// shoot writes what the tab shows to a file in the directory that BROWSERTEST_SHOTS names, if it does.
func (tb *tab) shoot(name string) {
	tb.t.Helper()
	dir := os.Getenv("BROWSERTEST_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(tb.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(dir+"/"+name+".png", png, 0o644)
	}
	if err != nil {
		tb.t.Fatal(err)
	}
}
