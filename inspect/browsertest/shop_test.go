// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// shop starts the example as a newcomer does, and returns the address of its page:
// what it prints first.
func shop(t *testing.T) (page string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "shop")
	build := exec.Command("go", "build", "-o", binary, "./example")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, out)
	}
	cmd := exec.Command(binary, "-addr", "127.0.0.1:0", "-data", t.TempDir())
	cmd.Env = append(os.Environ(), "NATS_URL=", "DATABASE_URL=", "OTEL_EXPORTER_OTLP_ENDPOINT=")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the shop ended with %v", err)
		}
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if page = regexp.MustCompile(`http://\S+/inspect/#token=\S+`).FindString(lines.Text()); page != "" {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return page
		}
	}
	t.Fatal("the shop does not say where its page is")
	return ""
}

// What the README promises, in a real browser on the real example: an order shows
// up while one looks, and its view has everything that it did as one tree.
func TestAnOrderOfTheShop(t *testing.T) {
	tb := open(t, 1440, 1330)
	page := shop(t)
	tb.visit(page) // one click, as the terminal offers it
	tb.until("document.getElementById('live').textContent === 'live'")
	if at := eval[string](tb, "location.href + document.cookie"); strings.Contains(at, "token") || strings.Contains(at, "asynclocal") {
		t.Errorf("the token is still to be seen: %s", at)
	}
	page, _, _ = strings.Cut(page, "/#")
	eval[bool](tb, "window.notReloaded = true")
	order(t, strings.TrimSuffix(page, "/inspect"), "look-at-me")

	const row = `[...document.querySelectorAll('#requests tbody tr')].find((r) => r.innerText.includes('look-at-me'))`
	tb.until(row + "?.querySelector('td.c-jobs')?.innerText === '1 job'")
	for _, want := range []string{"POST", "/orders", "201"} {
		if text := eval[string](tb, row+".innerText"); !strings.Contains(text, want) {
			t.Errorf("the row %q lacks %q", text, want)
		}
	}
	if !eval[bool](tb, "window.notReloaded === true") {
		t.Error("the page was loaded again")
	}
	tb.fill("#q", "look-at-me")
	tb.rows(1)

	tb.visit(page + "/requests/look-at-me")
	for _, span := range []string{"POST /orders", "PUT /payments/:order", "process send-receipt"} {
		tb.until(fmt.Sprintf("[...document.querySelectorAll(%s)].some((e) => e.innerText === %s)", quote(spanNames), quote(span)))
	}
	if roots := eval[int](tb, `document.querySelectorAll('.tree .row[aria-level="1"]').length`); roots != 1 {
		t.Errorf("%d trees of\n%s", roots, tb.texts(spanNames))
	}
	if all := tb.texts(".tree .row"); !strings.Contains(all, "UPDATE items") {
		t.Errorf("no SQL among\n%s", all)
	}
	for _, line := range []string{"order received", "stock reserved", "payment accepted", "audit", "receipt sent", "request completed"} {
		tb.until(fmt.Sprintf("[...document.querySelectorAll('.lines .body')].some((e) => e.innerText.startsWith(%s))", quote(line)))
	}
	for _, work := range []string{"request POST /orders shop-api", "call PUT /payments/:order shop-payments", "go order.(*Shop).sendLater.func1 shop-api",
		"job process send-receipt shop-worker", "goroutine audit.(*Trail).Record.func1 shop-api"} {
		tb.until(fmt.Sprintf(`[...document.querySelectorAll('.work li')].some((e) => e.innerText.replace(/\s+/g, " ").startsWith(%s))`, quote(work)))
	}
	if got := tb.texts(".legend li"); got != "shop-api\nshop-payments\nshop-worker" {
		t.Errorf("services %q", got)
	}
	tb.shoot("shop")
	// A goroutine that has only logged leads to its lines.
	eval[bool](tb, `[...document.querySelectorAll('.work .where')].find((e) => e.innerText.startsWith("audit.")).click() ?? true`)
	if got := tb.texts(".lines li.mine .body"); got != "audit" {
		t.Errorf("lines of the goroutine: %q", got)
	}
}

func order(t *testing.T, url, id string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url+"/orders", strings.NewReader(`{"item":"book","quantity":2}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Request-Id", id)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatal(res.Status)
	}
}
