// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/chromedp/chromedp/kb"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// attacks are strings that would run, break out or mislead if anything took them for more than text.
var attacks = []string{
	`<script>window.pwned = 1</script>`,
	`<img src=x onerror="window.pwned = 1">`,
	`"><svg onload=window.pwned=1>`,
	`</title></head><script>window.pwned = 1</script>`,
	`javascript:window.pwned=1`,
	`{{.Base}} ${window.pwned = 1} <!--`,
	"null \x00 escape \x1b[31m bell \x07 line\nbreak\r tab\t",
	"right \u202eto left\u202c zero\u200bwidth",
	"\ufeff\uffff𝔘𝔫𝔦 👩‍👩‍👧 ü",
}

func TestNothingThatArrivesCanRun(t *testing.T) {
	url := serve(t)
	tb := open(t, 1280, 1000)
	tb.visit(url + "/")
	tb.until("document.getElementById('live').textContent === 'live'")
	for i, a := range attacks {
		s := &sender{t: t, url: url, trace: fmt.Sprint("t", i), request: a, start: time.Now()}
		p := s.span(a, "", serverSpan, 0, 10, str("http.request.method", a), str("http.route", a), str("url.path", "/"+a), str("error.type", a), str(a, a),
			str("url.scheme", "http"), str("server.address", a))
		p.Status = &tracev1.Status{Code: tracev1.Status_STATUS_CODE_ERROR, Message: a}
		p.TraceState = a
		p.Events = []*tracev1.Span_Event{{Name: "exception", Attributes: []*commonv1.KeyValue{str("exception.type", a), str("exception.message", a), str("exception.stacktrace", a)}}, {Name: a, Attributes: []*commonv1.KeyValue{str(a, a)}}}
		p.Links = []*tracev1.Span_Link{{TraceId: tid(a), SpanId: sid(a), Attributes: []*commonv1.KeyValue{str(a, a)}}}
		s.sendSpans(a, p)
		l := s.line(a, a, logsv1.SeverityNumber_SEVERITY_NUMBER_ERROR, 1, str(a, a), str("asynclocal.task.kind", a))
		l.SeverityText = a
		s.sendLogs(a, l)
	}
	tb.rows(len(attacks))
	for i := range attacks {
		tb.visit(fmt.Sprintf("%s/requests/%x", url, tid(fmt.Sprint("t", i))))
		tb.spans("=== 1")
		tb.press("j")
		tb.until("document.querySelectorAll('#detail dl').length > 2")
		if got := eval[string](tb, "String(window.pwned) + document.querySelectorAll('#main script, #main img, #main svg, [onload], [onerror]').length"); got != "undefined0" {
			t.Errorf("attack %d ran: %s", i, got)
		}
		if i == 0 {
			if text := tb.text("#detail"); !strings.Contains(text, attacks[0]) {
				t.Errorf("it is not shown as it is: %q", text)
			}
		}
		if text := tb.text("#main"); strings.ContainsAny(text, "\x00\x1b\x07\u202e\u200b") {
			t.Errorf("attack %d: control characters are in the page", i)
		}
	}
	if text := eval[string](tb, "document.querySelector('.lines').innerText"); !strings.Contains(text, "👧") {
		t.Errorf("what is no attack is not shown: %q", text)
	}
}

func TestThePolicyStopsAScriptThatGotIn(t *testing.T) {
	url := serve(t)
	tb := open(t, 1280, 800)
	tb.visit(url + "/")
	eval[bool](tb, `const s = document.createElement("script"); s.textContent = "window.pwned = 1"; document.body.append(s);
		document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.pwned = 2'>"); true`)
	tb.until("complaints.some((c) => c.startsWith('policy: script-src'))")
	if eval[bool](tb, "window.pwned !== undefined") {
		t.Error("it ran")
	}
	eval[bool](tb, "complaints.length = 0; true")
}

func TestAMegabyteInOneValue(t *testing.T) {
	url := serve(t)
	s := newSender(t, url, "big", time.Now())
	big := strings.Repeat("0123456789abcdef", 1<<16)
	s.sendSpans("shop", s.span("GET /", "", serverSpan, 0, 10, str("big", big)))
	s.sendLogs("shop", s.line("GET /", "line "+big, logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, 1, str("field", big)))
	tb := open(t, 1280, 900)
	tb.visit(url + "/requests/big")
	tb.spans("=== 1")
	tb.press("j")
	tb.until("document.querySelectorAll('#detail dl').length > 0")
	if n := eval[int](tb, "document.body.innerText.length"); n > 20000 {
		t.Errorf("%d characters in the page", n)
	}
	if text := tb.text("#detail"); !strings.Contains(text, "(1048576 bytes in all)") {
		t.Errorf("the cut is not told: %.200q", text)
	}
	if n := eval[int](tb, "fetch(document.querySelector('#detail .ids a').href).then((r) => r.json()).then((s) => s.details.attributes.big.length)"); n != 1<<20 {
		t.Errorf("the link leads to %d bytes", n)
	}
}

// The time is the page's own, from the start of the navigation to its first rows.
func TestTenThousandSpansStayFast(t *testing.T) {
	url := serve(t)
	s := newSender(t, url, "many", time.Now())
	spans := []*tracev1.Span{s.span("GET /report", "", serverSpan, 0, 10000, str("http.request.method", "GET"), str("http.route", "/report"))}
	for i := range 9999 {
		parent := "GET /report"
		if i%10 != 0 {
			parent = fmt.Sprint("query ", i-i%10)
		}
		spans = append(spans, s.span(fmt.Sprint("query ", i), parent, clientSpan, float64(i), float64(i)+0.8, str("db.query.text", "SELECT 1")))
	}
	s.sendSpans("shop", spans...)
	var lines []*logsv1.LogRecord
	for i := range 2000 {
		lines = append(lines, s.line(fmt.Sprint("query ", i), fmt.Sprint("line ", i), logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, float64(i)))
	}
	s.sendLogs("shop", lines...)

	tb := open(t, 1280, 900)
	tb.visit(url + "/requests/many")
	tb.spans("> 20")
	loaded := eval[float64](tb, "performance.now()")
	if loaded > 10_000 {
		t.Errorf("the first rows after %.0f ms", loaded)
	}
	if n := eval[int](tb, "document.querySelectorAll('*').length"); n > 6000 {
		t.Errorf("%d elements in the document", n)
	}
	began := time.Now()
	eval[bool](tb, "document.querySelector('.tree').focus({preventScroll: true}) ?? true")
	tb.press(kb.End)
	tb.until("document.querySelector('.row.selected .label')?.innerText === 'query 9998'")
	t.Logf("first rows after %.0f ms, to the last span in %v", loaded, time.Since(began))
	frame := eval[float64](tb, `new Promise((done) => {
		const times = []; let last = performance.now();
		const step = () => { const now = performance.now(); times.push(now - last); last = now; scrollBy(0, 900); if (times.length < 60) requestAnimationFrame(step); else done(times.sort((a, b) => a - b)[30]); };
		scrollTo(0, 0); requestAnimationFrame(step);
	})`)
	t.Logf("scrolling: %.1f ms a frame (median)", frame)
	if frame > 500 {
		t.Errorf("scrolling takes %.1f ms a frame", frame)
	}
}

func TestLoginOpensThePage(t *testing.T) {
	const token = "a token for this test"
	url := serve(t, inspect.WithToken(token))
	tb := open(t, 1280, 800)
	tb.visit(url + "/")
	tb.fill("input[name=token]", "not the token it is")
	tb.click("button[type=submit]")
	tb.until("document.body.innerText.includes('that is not the token')")
	tb.fill("input[name=token]", token)
	tb.click("button[type=submit]")
	tb.until("document.getElementById('live')?.textContent === 'live' && !document.getElementById('empty').hidden")
	if text := tb.text("#empty"); !strings.Contains(text, "OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20<token>") {
		t.Errorf("an empty page says %q, not what exporters need", text)
	}
	if got := eval[string](tb, "document.cookie + location.href"); strings.Contains(got, token) || strings.Contains(got, "asynclocal") {
		t.Errorf("a script can see the session: %q", got)
	}
}
