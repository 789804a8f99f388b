// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/chromedp/chromedp/kb"
)

// serve starts an inspector behind a real server and returns its address, with its path.
func serve(t *testing.T, opts ...inspect.Option) string {
	t.Helper()
	insp := inspect.New(append([]inspect.Option{inspect.WithoutToken()}, opts...)...)
	srv := httptest.NewServer(insp)
	t.Cleanup(func() {
		insp.Close() // first: streams end, and the server can
		srv.Close()
	})
	return srv.URL + "/inspect"
}

func newSender(t *testing.T, url, request string, start time.Time) *sender {
	return &sender{t: t, url: url, trace: request, request: request, start: start}
}

// sendDay sends n orders, a second apart; every fifth fails.
func sendDay(t *testing.T, url string, n int) {
	t.Helper()
	for i := range n {
		newSender(t, url, fmt.Sprintf("order-%02d", i), time.Now().Add(time.Duration(i-n)*1100*time.Millisecond)).order(i%5 == 3)
	}
}

const rowCount = "document.querySelectorAll('#requests tbody tr').length"

func (tb *tab) rows(n int) { tb.t.Helper(); tb.until(fmt.Sprint(rowCount, " === ", n)) }

func TestARequestAppearsWithoutReload(t *testing.T) {
	url := serve(t)
	tb := open(t, 1280, 800)
	tb.visit(url + "/")
	tb.until("document.getElementById('live').textContent === 'live' && !document.getElementById('empty').hidden")
	if text := tb.text("#empty"); !strings.Contains(text, "OTEL_EXPORTER_OTLP_ENDPOINT="+url) {
		t.Errorf("an empty page says %q, not where to export to", text)
	}
	eval[bool](tb, "window.notReloaded = true")
	newSender(t, url, "first", time.Now()).order(false)
	tb.rows(1)
	tb.until("document.querySelector('td.c-jobs').innerText === '1 job'")
	row := tb.text("#requests tbody tr")
	for _, want := range []string{"POST", "/orders", "201", "46.2 ms", "1 job", "first", "shop", "payments", "worker"} {
		if !strings.Contains(row, want) {
			t.Errorf("the row %q lacks %q", row, want)
		}
	}
	if !eval[bool](tb, "window.notReloaded === true") {
		t.Error("the page was loaded again")
	}
	newSender(t, url, "second", time.Now().Add(time.Second)).order(true)
	tb.rows(2)
	if top := tb.text("#requests tbody tr"); !strings.Contains(top, "second") || !strings.Contains(top, "502") {
		t.Errorf("on top is %q, want the latest", top)
	}
}

func TestSearchAndFilters(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 10)
	tb := open(t, 1280, 800)
	tb.visit(url + "/")
	tb.rows(10)
	tb.shoot("list")

	tb.press("/")
	tb.until("document.activeElement.id === 'q'")
	eval[bool](tb, "(document.getElementById('q').value = '') === ''") // DevTools types the slash in any case; a keyboard does not
	tb.fill("#q", "order-07")
	tb.rows(1)
	tb.until("location.search === '?q=order-07'")
	tb.press(kb.Escape)
	tb.press(kb.Escape)
	tb.rows(10)

	tb.fill("#q", fmt.Sprintf("%x", tid("order-04")))
	tb.rows(1)
	tb.visit(url + "/?q=issuer&status=5xx") // a filter is an address
	tb.rows(2)
	if v := eval[string](tb, "document.getElementById('q').value + document.querySelector('[name=status]').value"); v != "issuer5xx" {
		t.Errorf("the form shows %q", v)
	}
	newSender(t, url, "fine", time.Now()).order(false)
	newSender(t, url, "broken", time.Now()).order(true)
	tb.rows(3)
	if rows := tb.texts("#requests tbody tr"); strings.Contains(rows, "fine") || !strings.Contains(rows, "broken") {
		t.Errorf("the filter does not hold for what arrives: %s", rows)
	}
	tb.visit(url + "/?q=nowhere-to-be-found")
	tb.until("!document.getElementById('empty').hidden")
	tb.click("#empty button")
	tb.rows(12)
	tb.visit(url + "/?slow=1m")
	tb.until("!document.getElementById('empty').hidden")
	tb.visit(url + "/?route=%2Forders")
	tb.rows(12)
	tb.visit(url + "/?status=teapot")
	tb.until("document.getElementById('notice').innerText.includes('status=')")
}

func TestPauseHoldsTheListAndLosesNothing(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 2)
	tb := open(t, 1280, 800)
	tb.visit(url + "/")
	tb.rows(2)
	tb.until("document.getElementById('live').textContent === 'live'")
	tb.press("p")
	newSender(t, url, "while paused", time.Now()).order(false)
	tb.until("document.getElementById('pause').textContent === 'Resume · 1 new'")
	if n := eval[int](tb, rowCount); n != 2 {
		t.Errorf("%d rows while paused, want 2", n)
	}
	tb.click("#pause")
	tb.rows(3)
	tb.until("document.getElementById('pause').textContent === 'Pause'")
}

func TestTheListByKeyboard(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 3)
	tb := open(t, 1280, 800)
	tb.visit(url + "/")
	tb.rows(3)
	focused := func() string {
		return eval[string](tb, "document.activeElement.closest('tr')?.querySelector('code').innerText ?? ''")
	}
	tb.press("j")
	tb.press(kb.ArrowDown)
	if got := focused(); got != "order-01" {
		t.Errorf("two down: %q", got)
	}
	newSender(t, url, "on top", time.Now()).order(false)
	tb.rows(4)
	s := newSender(t, url, "order-01", time.Now())
	s.sendLogs("shop", s.line("POST /orders", "one more", 9, 50))
	tb.until("[...document.querySelectorAll('td.c-size')].some((e) => e.innerText === '11 · 7')")
	if got := focused(); got != "order-01" {
		t.Errorf("after another row arrived, and this one changed: %q", got)
	}
	tb.press("k")
	tb.press(kb.Enter)
	tb.until("location.pathname.endsWith('/requests/order-02')")
	tb.until("document.querySelectorAll('.tree .row').length > 5")
	tb.press("u")
	tb.rows(4)
	tb.press("?")
	tb.until("document.querySelector('dialog')?.open === true")
	if text := tb.text("dialog"); !strings.Contains(text, "Pause or resume") {
		t.Errorf("help: %q", text)
	}
	tb.press(kb.Escape)
	tb.until("document.querySelector('dialog') === null")
}

func TestABusyListStaysSmall(t *testing.T) {
	url := serve(t)
	tb := open(t, 1280, 800)
	tb.visit(url + "/")
	tb.until("document.getElementById('live').textContent === 'live'")
	for i := range 900 {
		s := newSender(t, url, fmt.Sprint("r", i), time.Now())
		s.sendSpans("shop", s.span("GET /", "", serverSpan, 0, 1, str("http.request.method", "GET"), str("http.route", "/")))
	}
	tb.until(rowCount + " > 150 && document.querySelector('#requests code').innerText === 'r899'")
	if n := eval[int](tb, rowCount); n > 500 {
		t.Errorf("%d rows in the document", n)
	}
}

// A browser has six connections for one host: tabs in the background must leave them to the others.
func TestTabsOutOfSightHoldNoConnection(t *testing.T) {
	url := serve(t)
	sendDay(t, url, 8)
	sight := func(tb *tab, visible bool) {
		eval[bool](tb, fmt.Sprintf(`Object.defineProperty(document, "hidden", {configurable: true, get: () => %t}), document.dispatchEvent(new Event("visibilitychange"))`, !visible))
	}
	var tabs []*tab
	for i := range 8 {
		tb := open(t, 800, 600)
		page := "/"
		if i > 0 {
			page = fmt.Sprintf("/requests/order-%02d", i)
		}
		tb.visit(url + page)
		tb.until("document.querySelectorAll('.tree .row, #requests tbody tr').length > 5")
		sight(tb, false)
		tabs = append(tabs, tb)
	}
	list, request := tabs[0], tabs[1]
	newSender(t, url, "meanwhile", time.Now()).order(false)
	s := newSender(t, url, "order-01", time.Now())
	s.sendLogs("shop", s.line("POST /orders", "meanwhile", 9, 50))
	sight(list, true)
	list.rows(9)
	list.until("document.getElementById('live').textContent === 'live'")
	sight(request, true)
	request.until("[...document.querySelectorAll('.lines .body')].some((e) => e.innerText === 'meanwhile')")
}
