// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const patience = 60 * time.Second // for what should take a moment

// tab is a page in a headless Chromium.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// open starts a Chromium with a profile of its own, or skips the test where there is none. In CI there
// has to be one.
func open(t *testing.T, width, height int) *tab {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findChromium(t)),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(width, height),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, quit := chromedp.NewContext(alloc)
	t.Cleanup(quit)
	tb := &tab{t: t, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return tb
}

func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium: CI installs Debian's package chromium")
	}
	t.Skip("no Chromium on this machine")
	return ""
}

func (tb *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
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

// eval returns what a JavaScript expression is worth in the page.
func eval[T any](tb *tab, js string) T {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// until waits for a JavaScript expression to become true.
func (tb *tab) until(js string) {
	tb.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ok, err := chromedp.Run(tb.ctx, chromedp.Evaluate[bool](js))
		if err == nil && ok {
			return
		}
		if errors.Is(err, context.Canceled) || time.Now().After(deadline) {
			tb.t.Fatalf("never true: %s (%v)\npage:\n%s", js, err, eval[string](tb, "document.body.innerText.slice(0, 4000)"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// shoot writes what the tab shows to a file.
func (tb *tab) shoot(path string) {
	tb.t.Helper()
	png, err := chromedp.Run(tb.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err != nil {
		tb.t.Fatal(err)
	}
}
