// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/tracing"
)

const (
	w3cTrace  = "12345678901234567890123456789012"
	w3cParent = "1234567890123456"
	unsampled = "00-" + w3cTrace + "-" + w3cParent + "-00"
	sampled   = "00-" + w3cTrace + "-" + w3cParent + "-01"
)

// request is one message of a case: its fields as "name: value" lines, and what must come out.
type request struct {
	fields string
	same   bool   // the trace goes on, else a new one starts
	state  string // the tracestate sent on
}

func restarts(fields string) request       { return request{fields: fields} }
func continues(fields string) request      { return request{fields: fields, same: true} }
func carries(state, fields string) request { return request{fields, true, state} }
func drops(tracestate string) request      { return continues(join(parent(unsampled), tracestate)) }
func keeps(state, tracestate string) request {
	return carries(state, join(parent(unsampled), tracestate))
}

func join(lines ...string) string { return strings.Join(lines, "\n") }

func parent(value string) string { return "traceparent: " + value }

func state(values ...string) string {
	for i, v := range values {
		values[i] = "tracestate: " + v
	}
	return join(values...)
}

// w3cCases follow the public test suite of W3C Trace Context at its strictest (STRICT_LEVEL and
// SPEC_LEVEL 2), by the names of its cases. Its three cases with several callbacks are in
// TestEveryCallbackIsANewChild.
var w3cCases = map[string][]request{
	"both_traceparent_and_tracestate_missing": {restarts("")},
	"traceparent_included_tracestate_missing": {continues(parent(sampled))},
	"traceparent_duplicated": {
		restarts(join(parent("00-12345678901234567890123456789011-"+w3cParent+"-01"), parent(sampled))),
		restarts(join(parent(sampled), parent(sampled))),
	},
	"traceparent_header_name": {restarts("trace-parent: " + sampled), restarts("trace.parent: " + sampled)},
	"traceparent_header_name_valid_casing": {
		continues("TraceParent: " + sampled),
		continues("TrAcEpArEnT: " + sampled),
		continues("TRACEPARENT: " + sampled),
	},
	"traceparent_version_0x00": {
		restarts(parent(sampled + ".")),
		restarts(parent(sampled + "-")),
		restarts(parent(sampled + "-what-the-future-will-be-like")),
	},
	"traceparent_version_0xcc": {
		continues(parent("cc" + sampled[2:])),
		continues(parent("cc" + sampled[2:] + "-what-the-future-will-be-like")),
		continues(parent("01" + sampled[2:] + "-")),
		restarts(parent("cc" + sampled[2:] + ".what-the-future-will-be-like")),
		restarts(parent("cc" + sampled[2:54])),
	},
	"traceparent_version_0xff": {restarts(parent("ff" + sampled[2:]))},
	"traceparent_version_illegal_characters": {
		restarts(parent(".0" + sampled[2:])),
		restarts(parent("0." + sampled[2:])),
		restarts(parent("CC" + sampled[2:])),
	},
	"traceparent_version_too_long":  {restarts(parent("0" + sampled)), restarts(parent("00" + sampled))},
	"traceparent_version_too_short": {restarts(parent(sampled[1:]))},
	"traceparent_trace_id_all_zero": {restarts(parent("00-" + strings.Repeat("0", 32) + "-" + w3cParent + "-01"))},
	"traceparent_trace_id_illegal_characters": {
		restarts(parent("00-." + w3cTrace[1:] + "-" + w3cParent + "-01")),
		restarts(parent("00-" + w3cTrace[:31] + ".-" + w3cParent + "-01")),
		restarts(parent("00-" + w3cTrace[:31] + "A-" + w3cParent + "-01")),
	},
	"traceparent_trace_id_too_long":  {restarts(parent("00-" + w3cTrace + "3-" + w3cParent + "-01"))},
	"traceparent_trace_id_too_short": {restarts(parent("00-" + w3cTrace[:31] + "-" + w3cParent + "-01"))},
	"traceparent_parent_id_all_zero": {restarts(parent("00-" + w3cTrace + "-0000000000000000-01"))},
	"traceparent_parent_id_illegal_characters": {
		restarts(parent("00-" + w3cTrace + "-." + w3cParent[1:] + "-01")),
		restarts(parent("00-" + w3cTrace + "-" + w3cParent[:15] + ".-01")),
		restarts(parent("00-" + w3cTrace + "-" + w3cParent[:15] + "F-01")),
	},
	"traceparent_parent_id_too_long":  {restarts(parent("00-" + w3cTrace + "-" + w3cParent + "7-01"))},
	"traceparent_parent_id_too_short": {restarts(parent("00-" + w3cTrace + "-" + w3cParent[:15] + "-01"))},
	"traceparent_trace_flags_illegal_characters": {
		restarts(parent(sampled[:53] + ".0")),
		restarts(parent(sampled[:53] + "0.")),
		restarts(parent(sampled[:53] + "0A")),
	},
	"traceparent_trace_flags_too_long":  {restarts(parent(sampled[:53] + "001"))},
	"traceparent_trace_flags_too_short": {restarts(parent(sampled[:53] + "1"))},
	"traceparent_ows_handling": {
		continues(parent(" " + sampled)),
		continues(parent("\t" + sampled)),
		continues(parent(sampled + " ")),
		continues(parent(sampled + "\t")),
		continues(parent("\t " + sampled + " \t")),
	},
	"propagates_random_flag": {continues(parent(sampled[:53] + "02"))},

	"tracestate_included_traceparent_missing":  {restarts(state("foo=1")), restarts(state("foo=1,bar=2"))},
	"tracestate_included_traceparent_included": {keeps("foo=1,bar=2", state("foo=1,bar=2"))},
	"tracestate_header_name":                   {drops("trace-state: foo=1"), drops("trace.state: foo=1")},
	"tracestate_header_name_valid_casing": {
		keeps("foo=1", "TraceState: foo=1"),
		keeps("foo=1", "TrAcEsTaTe: foo=1"),
		keeps("foo=1", "TRACESTATE: foo=1"),
	},
	"tracestate_empty_header": {
		drops(state("")),
		keeps("foo=1", state("foo=1", "")),
		keeps("foo=1", state("", "foo=1")),
		keeps("foo=1,bar=2", state(",foo=1,, \t,bar=2,")),
	},
	"tracestate_multiple_headers_different_keys": {
		keeps("foo=1,bar=2,rojo=1,congo=2,baz=3", state("foo=1,bar=2", "rojo=1,congo=2", "baz=3")),
	},
	"tracestate_duplicated_keys": {
		drops(state("foo=1,foo=1")),
		drops(state("foo=1,foo=2")),
		drops(state("foo=1", "foo=1")),
		drops(state("foo=1", "foo=2")),
	},
	"tracestate_all_allowed_characters": {
		keeps(everyKeyChar+"="+everyValueChar, state(everyKeyChar+"="+everyValueChar)),
		keeps(everyKeyChar+"@a-z0-9_-*/="+everyValueChar, state(everyKeyChar+"@a-z0-9_-*/="+everyValueChar)),
	},
	"tracestate_ows_handling": {
		keeps("foo=1,bar=2,baz=3", state("foo=1 \t , \t bar=2, \t baz=3")),
		keeps("foo=1,bar=2,baz=3", state("foo=1\t \t,\t \tbar=2,\t \tbaz=3")),
		keeps("foo=1", state(" foo=1")),
		keeps("foo=1", state("\tfoo=1")),
		keeps("foo=1", state("foo=1 ")),
		keeps("foo=1", state("foo=1\t")),
		keeps("foo=1", state("\t foo=1 \t")),
		keeps("foo= 1", state("foo= 1 ")),
	},
	"tracestate_key_illegal_characters": {
		drops(state("foo =1")),
		drops(state("FOO=1")),
		drops(state("foo.bar=1")),
		drops(state("-foo=1")),
		drops(state("=1")),
	},
	// Level 2 made "@" a character like others, except at the start; the suite follows since 2026.
	"tracestate_key_illegal_vendor_format": {
		drops(state("@foo=1,bar=2")),
		keeps("foo@=1,bar=2", state("foo@=1,bar=2")),
		keeps("bar=2,foo@@bar=1", state("bar=2,foo@@bar=1")),
		keeps("a=0,foo@bar@baz=1,bar=2", state("a=0,foo@bar@baz=1,bar=2")),
		keeps("0=1,foo@0=2", state("0=1,foo@0=2")),
	},
	"tracestate_member_count_limit": {
		keeps(members(32), state(members(10), strings.TrimPrefix(members(32), members(10)+","))),
		drops(state(members(33))),
		drops(state(members(32), "foo=1")),
		keeps(members(32), state(members(32), ", ,")),
	},
	"tracestate_key_length_limit": {
		keeps("foo=1,"+repeat("z", 256)+"=1", state("foo=1", repeat("z", 256)+"=1")),
		drops(state("foo=1", repeat("z", 257)+"=1")),
		keeps("foo=1,"+repeat("t", 241)+"@"+repeat("v", 14)+"=1", state("foo=1", repeat("t", 241)+"@"+repeat("v", 14)+"=1")),
		keeps("foo=1,"+repeat("t", 242)+"@v=1", state("foo=1", repeat("t", 242)+"@v=1")),
		keeps("foo=1,t@"+repeat("v", 15)+"=1", state("foo=1", "t@"+repeat("v", 15)+"=1")),
		drops(state("foo=1", repeat("t", 241)+"@"+repeat("v", 15)+"=1")),
	},
	"tracestate_value_illegal_characters": {
		drops(state("foo=bar=baz")),
		drops(state("foo=,bar=3")),
		drops(state("foo=b\tar")),
		drops(state("foo=b\u00e4r")),
		drops(state("foo")),
	},
	"tracestate_value_length_limit": {
		keeps("foo="+repeat("v", 256), state("foo="+repeat("v", 256))),
		drops(state("foo=" + repeat("v", 257))),
	},
	"tracestate_total_length_limit": {
		keeps("a="+repeat("v", 253)+",b="+repeat("v", 254), state("a="+repeat("v", 253)+",b="+repeat("v", 254))),
		drops(state("a=" + repeat("v", 253) + ",b=" + repeat("v", 255))),
		drops(state("a="+repeat("v", 254), "b="+repeat("v", 254))),
		drops(state("a=1," + repeat(" ", 505) + ",b=2")),
	},
}

var everyKeyChar = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"

var everyValueChar = func() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		if c != ',' && c != '=' {
			b.WriteByte(c)
		}
	}
	return b.String()
}()

func repeat(s string, n int) string { return strings.Repeat(s, n) }

func members(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("bar%02d=%02d", i+1, i+1)
	}
	return strings.Join(list, ",")
}

func TestW3CSuite(t *testing.T) {
	t.Parallel()
	service := newW3CService(t)
	for name, requests := range w3cCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range requests {
				got := service.send(t, r.fields, 1)[0]
				checkTraceparent(t, r, got.Get("traceparent"))
				if s := got.Get("tracestate"); s != r.state {
					t.Errorf("%q sent on tracestate %q, want %q", r.fields, s, r.state)
				}
			}
		})
	}
}

func checkTraceparent(t *testing.T, r request, sent string) {
	t.Helper()
	if len(sent) != 55 || !strings.HasPrefix(sent, "00-") {
		t.Fatalf("%q sent on traceparent %q, want one of version 00", r.fields, sent)
	}
	if same := sent[3:35] == w3cTrace; same != r.same {
		t.Errorf("%q: the trace goes on: %t, want %t", r.fields, same, r.same)
	}
	if sent[36:52] == w3cParent {
		t.Errorf("%q: the caller's parent id was sent on", r.fields)
	}
}

func TestEveryCallbackIsANewChild(t *testing.T) {
	t.Parallel()
	service := newW3CService(t)
	for name, r := range map[string]request{
		"multiple_requests_with_valid_traceparent":   continues(parent(sampled)),
		"multiple_requests_without_traceparent":      restarts(""),
		"multiple_requests_with_illegal_traceparent": restarts(parent("00-" + repeat("0", 32) + "-" + w3cParent + "-01")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parents := map[string]bool{}
			for _, got := range service.send(t, r.fields, 3) {
				checkTraceparent(t, r, got.Get("traceparent"))
				parents[got.Get("traceparent")[36:52]] = true
			}
			if len(parents) != 3 {
				t.Errorf("3 callbacks had %d parent ids", len(parents))
			}
		})
	}
}

func TestFlagsReachTheNextHop(t *testing.T) {
	t.Parallel()
	service := newW3CService(t)
	for in, want := range map[string]string{"00": "01", "01": "01", "02": "03", "03": "03", "fc": "01", "ff": "03"} {
		got := service.send(t, parent(sampled[:53]+in), 1)[0].Get("traceparent")
		if got[53:] != want { // the service samples always
			t.Errorf("flags %s became %s, want %s", in, got[53:], want)
		}
		extracted := trace.SpanContextFromContext(extract(propagation.MapCarrier{"traceparent": sampled[:53] + in}))
		if flags := extracted.TraceFlags(); flags&^(trace.FlagsSampled|trace.FlagsRandom) != 0 {
			t.Errorf("flags %s were extracted as %s", in, flags)
		}
	}
}

// w3cService is a service under test as the suite has it: it goes on with what a request says, and
// calls back with what it would send. The calls are the fields of its answer, one line each.
type w3cService struct{ address string }

func newW3CService(t *testing.T) w3cService {
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample())).Tracer("w3c")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := tracing.Propagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := tracer.Start(ctx, "server")
		defer span.End()
		for range len(r.URL.Query()["callback"]) {
			ctx, span := tracer.Start(ctx, "client")
			call := propagation.MapCarrier{}
			tracing.Propagator().Inject(ctx, call)
			span.End()
			for _, name := range tracing.Propagator().Fields() {
				w.Header().Add(name, call[name])
			}
		}
	}))
	t.Cleanup(server.Close)
	return w3cService{server.Listener.Addr().String()}
}

// send writes lines as they are, which no HTTP client would, and returns the fields of each callback.
func (s w3cService) send(t *testing.T, lines string, callbacks int) []http.Header {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head := "GET /?" + repeat("callback=1&", callbacks) + " HTTP/1.1\r\nHost: w3c\r\nConnection: close\r\n"
	if lines != "" {
		head += strings.ReplaceAll(lines, "\n", "\r\n") + "\r\n"
	}
	if _, err := conn.Write([]byte(head + "\r\n")); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%q got status %d", lines, response.StatusCode)
	}
	calls := make([]http.Header, callbacks)
	for i := range calls {
		calls[i] = http.Header{}
		for _, name := range tracing.Propagator().Fields() {
			calls[i].Set(name, response.Header.Values(name)[i])
		}
	}
	return calls
}
