// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"strings"
	"testing"
	"time"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
)

func TestARequestThatRepeatsHasABadge(t *testing.T) {
	url := serve(t)
	repeated := &commonv1.KeyValue{Key: "bill.repeated", Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_ArrayValue{
		ArrayValue: &commonv1.ArrayValue{Values: []*commonv1.AnyValue{
			{Value: &commonv1.AnyValue_StringValue{StringValue: "12 × SELECT a FROM t WHERE b = ? <b>"}},
		}},
	}}}
	s := newSender(t, url, "loop", time.Now())
	s.sendSpans("shop", s.span("GET /loop", "", serverSpan, 0, 5, str("http.request.method", "GET"), str("http.route", "/loop"), repeated))
	newSender(t, url, "plain", time.Now().Add(time.Second)).order(false)
	tb := open(t, 1280, 800)
	tb.visit(url + "/")
	tb.rows(2)
	if n := eval[int](tb, "document.querySelectorAll('#requests .repeats').length"); n != 1 {
		t.Errorf("%d of two rows have the badge, want one", n)
	}
	if title := eval[string](tb, "document.querySelector('#requests .repeats').title"); title != "12 × SELECT a FROM t WHERE b = ? <b>" {
		t.Errorf("the badge says %q", title)
	}
	tb.visit(url + "/requests/loop")
	tb.until("document.querySelector('#summary code.repeated') !== null")
	if text := tb.text("#summary"); !strings.Contains(text, "repeated") || !strings.Contains(text, "12 × SELECT a FROM t WHERE b = ? <b>") {
		t.Errorf("the page says %q", text)
	}
}
