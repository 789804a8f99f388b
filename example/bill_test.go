// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// billed is a request with its spans, as the inspector has them.
type billed struct {
	Spans []struct {
		Name       string
		Kind       string
		RequestID  string  `json:"request_id"`
		Service    string  `json:"service"`
		OffsetMS   float64 `json:"offset_ms"`
		DurationMS float64 `json:"duration_ms"`
		Details    struct{ Attributes map[string]any }
	}
}

// The sums on the span of an order are those of the spans that the exporter has sent, which know
// nothing of a bill.
func TestTheBillOfAnOrderIsTheTruth(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	for _, s := range sell(t, p.url(), 10) {
		var have billed
		var body []byte
		// Its span is sent with those that ended before it, or after them.
		eventually(t, "the order's span in the inspector", func() bool {
			var status int
			status, body = look(t, p, "/api/requests/"+s.requestID+"?details=1")
			have = billed{}
			return status == http.StatusOK && json.Unmarshal(body, &have) == nil && len(have.Spans) > 0 && have.Spans[0].Name == "POST /orders"
		})
		have.check(t, body)
	}
}

func (b *billed) check(t *testing.T, body []byte) {
	t.Helper()
	own := b.Spans[0]
	sure, maybe := sums{}, sums{}
	for _, s := range b.Spans {
		if s.Service != own.Service {
			continue
		}
		to := &sure
		if s.OffsetMS+s.DurationMS > own.DurationMS-slack {
			to = &maybe // as the response is written: by then the bill may be settled
		}
		switch _, query := s.Details.Attributes["db.query.text"]; {
		case s.Kind == "client" && query:
			to.statements, to.statementMS = to.statements+1, to.statementMS+s.DurationMS
		case s.Kind == "client" && s.Details.Attributes["http.request.method"] != nil:
			to.calls, to.callMS = to.calls+1, to.callMS+s.DurationMS
		case s.Kind == "producer":
			to.messages++
		}
	}
	number := func(key string) float64 { n, _ := own.Details.Attributes["bill."+key].(float64); return n }
	between := func(key string, low, more float64) {
		if got := number(key); got < low-slack || got > low+more+slack {
			t.Errorf("bill.%s is %v, and the spans say %v, and %v more at the end: %s", key, got, low, more, body)
		}
	}
	between("statements", sure.statements, maybe.statements)
	between("statements_ms", sure.statementMS, maybe.statementMS)
	between("calls", sure.calls, maybe.calls)
	between("calls_ms", sure.callMS, maybe.callMS)
	between("messages", sure.messages, maybe.messages)
	// The goroutine counts when it begins to run.
	if n := number("statements"); n < 4 || number("calls") != 1 || number("goroutines") > 1 {
		t.Errorf("%v statements, %v calls and %v goroutines: that is no order", n, number("calls"), number("goroutines"))
	}
	if wait := number("wait_ms"); wait <= 0 || wait > own.DurationMS+slack {
		t.Errorf("it waited %v ms of %v", wait, own.DurationMS)
	}
}

// slack is what a span's end and its sum may be apart, in milliseconds.
const slack = 0.5

type sums struct{ statements, statementMS, calls, callMS, messages float64 }
