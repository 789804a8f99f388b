// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
)

const spanNames = ".tree .row .label"

func (tb *tab) spans(n string) {
	tb.t.Helper()
	tb.until("document.querySelectorAll('.tree .row').length " + n)
}

func TestARequestIsOneTreeWithItsLines(t *testing.T) {
	url := serve(t)
	newSender(t, url, "order-1", time.Now()).order(false)
	tb := open(t, 1280, 1000)
	tb.visit(url + "/requests/order-1")
	tb.spans("=== 11")
	want := strings.Join([]string{"POST /orders", "reserve stock", "BEGIN", "UPDATE stock", "COMMIT", "charge", "POST /charge",
		"SELECT cards", "send send-receipt", "job send-receipt", "write receipt"}, "\n")
	if got := tb.texts(spanNames); got != want {
		t.Errorf("tree\n%s", got)
	}
	if got := tb.texts(".lines .body"); got != "order received\nstock reserved\ncharging card, issuer acme\naudit: order placed\nrequest completed\nreceipt sent" {
		t.Errorf("lines\n%s", got)
	}
	if got := tb.texts("#tasks .where"); got != "POST /orders\nPOST /charge\njob send-receipt" {
		t.Errorf("work\n%s", got)
	}
	if got := tb.text("#summary"); !strings.Contains(got, "201") || !strings.Contains(got, "1.21 s") {
		t.Errorf("summary %q", got)
	}
	tb.shoot("request")
}

func TestTheErrorComesFirst(t *testing.T) {
	url := serve(t)
	newSender(t, url, "order-1", time.Now()).order(true)
	tb := open(t, 1440, 900)
	tb.visit(url + "/requests/order-1")
	tb.spans("=== 8")
	if got := tb.text("#errors"); !strings.HasPrefix(got, "✕ *payments.TimeoutError card issuer did not answer within 20ms") {
		t.Errorf("errors %q", got)
	}
	tb.press("e")
	tb.until("document.querySelector('#detail h2')?.innerText === 'POST /charge'")
	if got := tb.text("#detail"); !strings.Contains(got, "exception.stacktrace") || !strings.Contains(got, "issuer.go:88") {
		t.Errorf("details %q", got)
	}
	tb.shoot("error")
	tb.press(kb.Escape)
	tb.until("document.getElementById('detail').hidden")
}

func TestAttributesOnClickAndDeepLinks(t *testing.T) {
	url := serve(t)
	newSender(t, url, "order-1", time.Now()).order(false)
	tb := open(t, 1440, 900)
	tb.visit(url + "/requests/order-1")
	tb.spans("=== 11")
	eval[bool](tb, "[...document.querySelectorAll('.tree .row')].find((r) => r.innerText.includes('UPDATE stock')).click() ?? true")
	tb.until("document.querySelector('#detail h2')?.innerText === 'UPDATE stock'")
	if got := tb.text("#detail"); !strings.Contains(got, "UPDATE stock SET left = left - ? WHERE item = ?") {
		t.Errorf("details %q", got)
	}
	if got := tb.texts(".lines li.mine .body"); got != "stock reserved" {
		t.Errorf("its lines: %q", got)
	}
	tb.click("#only")
	tb.until("document.querySelectorAll('.lines li').length === 1")
	link := eval[string](tb, "location.href")
	tb.visit("about:blank")
	tb.visit(link)
	tb.until("document.querySelector('#detail h2')?.innerText === 'UPDATE stock'")
}

func TestTheTreeByKeyboard(t *testing.T) {
	url := serve(t)
	newSender(t, url, "order-1", time.Now()).order(false)
	tb := open(t, 1280, 1000)
	tb.visit(url + "/requests/order-1")
	tb.spans("=== 11")
	tb.press("j")
	tb.press("j")
	tb.until("document.querySelector('.row.selected .label').innerText === 'reserve stock'")
	tb.press(kb.ArrowLeft) // folds
	tb.spans("=== 8")
	tb.press("j")
	tb.until("document.querySelector('.row.selected .label').innerText === 'charge'")
	tb.press("k")
	tb.press(kb.ArrowRight)
	tb.spans("=== 11")
	if got := eval[string](tb, "document.getElementById(document.querySelector('.tree').getAttribute('aria-activedescendant')).innerText"); !strings.Contains(got, "reserve stock") {
		t.Errorf("the active descendant is %q", got)
	}
}

func TestTheViewGrowsWhileItIsOpen(t *testing.T) {
	url := serve(t)
	s := newSender(t, url, "order-1", time.Now())
	tb := open(t, 1280, 1000)
	tb.visit(url + "/requests/order-1")
	tb.until("document.getElementById('notice').innerText.includes('waits for it')")
	s.order(true)
	tb.spans("=== 8")
	tb.until("document.getElementById('notice').hidden")
	tb.press("j")
	tb.until("document.querySelector('.row.selected .label')?.innerText === 'POST /orders'")
	s.job()
	tb.spans("=== 11")
	if got := tb.text(".row.selected .label"); got != "POST /orders" {
		t.Errorf("selected is now %q", got)
	}
	s.sendLogs("worker", s.line("job send-receipt", "one more", logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, 1300))
	tb.until("document.querySelector('.lines').innerText.includes('one more')")
}

func TestCopyAsCurl(t *testing.T) {
	url := serve(t)
	newSender(t, url, "order-1", time.Now()).order(false)
	tb := open(t, 1280, 1000)
	tb.visit(url + "/requests/order-1")
	tb.spans("=== 11")
	eval[bool](tb, "navigator.clipboard.writeText = async (s) => { window.copied = s; }; true")
	tb.press("c")
	tb.until("window.copied === 'curl -g -i -X POST --url \"http://localhost:8080/orders\"'")
	tb.until("document.getElementById('curl').innerText === 'Copied'")
}

func TestARequestThatWasEvicted(t *testing.T) {
	url := serve(t)
	tb := open(t, 1280, 800)
	tb.visit(url + "/requests/never-was")
	tb.until("document.getElementById('notice').innerText.includes('Nothing is held')")
}
