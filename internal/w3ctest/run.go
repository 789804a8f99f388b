// SPDX-License-Identifier: Apache-2.0

package w3ctest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Run sends every case to s, which must serve [Handler] and sample every trace that starts there:
// over HTTP/2 if s speaks that, else over HTTP/1.1.
func Run(t *testing.T, s *httptest.Server) {
	t.Helper()
	for name, requests := range Cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range requests {
				r.check(t, send(t, s, r.Fields, 1)[0])
			}
		})
	}
	for name, r := range map[string]Request{
		"multiple_requests_with_valid_traceparent":   continues(parent(Sampled)),
		"multiple_requests_without_traceparent":      restarts(""),
		"multiple_requests_with_illegal_traceparent": restarts(parent("00-" + repeat("0", 32) + "-" + Parent + "-01")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parents := map[string]bool{}
			for _, carried := range send(t, s, r.Fields, 3) {
				parents[r.check(t, carried)] = true
			}
			if len(parents) != 3 {
				t.Errorf("3 callbacks had %d parent ids", len(parents))
			}
		})
	}
}

// RunFlags tests which flags reach the callbacks of s. always says that s samples whatever its
// caller says.
func RunFlags(t *testing.T, s *httptest.Server, always bool) {
	t.Helper()
	for in, want := range map[string]string{"00": "00", "01": "01", "02": "02", "03": "03", "fc": "00", "ff": "03"} {
		if always {
			want = "0" + string(want[1]|1)
		}
		carried := send(t, s, parent(Sampled[:53]+in), 1)[0]
		if got := continues("flags "+in).traceparent(t, carried)[53:]; got != want {
			t.Errorf("flags %s became %s, want %s", in, got, want)
		}
	}
}

// check compares what one callback carried with what it must carry, and returns its parent id.
func (r Request) check(t *testing.T, carried http.Header) (parent string) {
	t.Helper()
	got := r.traceparent(t, carried)
	if same := got[3:35] == Trace; same != r.Same {
		t.Errorf("%q: the trace goes on: %t, want %t", r.Fields, same, r.Same)
	}
	if got[36:52] == Parent {
		t.Errorf("%q: the caller's parent id was sent on", r.Fields)
	}
	if s := strings.Join(carried.Values("Tracestate"), "; "); s != r.State {
		t.Errorf("%q sent on tracestate %q, want %q", r.Fields, s, r.State)
	}
	return got[36:52]
}

func (r Request) traceparent(t *testing.T, carried http.Header) string {
	t.Helper()
	sent := carried.Values("Traceparent")
	if len(sent) != 1 || len(sent[0]) != 55 || !strings.HasPrefix(sent[0], "00-") {
		t.Fatalf("%q sent on traceparent %q, want one of version 00", r.Fields, sent)
	}
	return sent[0]
}
