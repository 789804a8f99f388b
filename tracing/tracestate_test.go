// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/tracing"
)

// withState returns ctx with its span's tracestate changed, as a sampler or a vendor's SDK does.
func withState(ctx context.Context, t *testing.T, change func(trace.TraceState) (trace.TraceState, error)) context.Context {
	t.Helper()
	sc := trace.SpanContextFromContext(ctx)
	state, err := change(sc.TraceState())
	if err != nil {
		t.Fatal(err)
	}
	return trace.ContextWithSpanContext(ctx, sc.WithTraceState(state))
}

func insert(key, value string) func(trace.TraceState) (trace.TraceState, error) {
	return func(s trace.TraceState) (trace.TraceState, error) { return s.Insert(key, value) }
}

func del(key string) func(trace.TraceState) (trace.TraceState, error) {
	return func(s trace.TraceState) (trace.TraceState, error) { return s.Delete(key), nil }
}

func TestTracestateAfterAChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		received string
		change   func(trace.TraceState) (trace.TraceState, error)
		want     string
	}{
		"an added member goes to the left":              {"foo=1,bar=2", insert("new", "0"), "new=0,foo=1,bar=2"},
		"a changed member goes to the left":             {"foo=1,bar=2", insert("bar", "3"), "bar=3,foo=1"},
		"a deleted member is gone":                      {"foo=1,bar=2", del("foo"), "bar=2"},
		"with Level 2 keys, added":                      {"1=a,foo=1,x@=b,bar=2", insert("new", "0"), "new=0,1=a,foo=1,x@=b,bar=2"},
		"with Level 2 keys, changed":                    {"1=a,foo=1,x@=b,bar=2", insert("bar", "3"), "bar=3,1=a,foo=1,x@=b"},
		"with Level 2 keys, deleted":                    {"1=a,foo=1,x@=b,bar=2", del("foo"), "1=a,x@=b,bar=2"},
		"with Level 2 keys alone, added":                {"1=a,x@=b", insert("new", "0"), "new=0,1=a,x@=b"},
		"with Level 2 keys, put back as it was":         {"1=a,foo=1", insert("foo", "1"), "1=a,foo=1"},
		"a full list loses its right-most member":       {members(32), insert("new", "0"), "new=0," + members(31)},
		"a full list with a Level 2 key loses it, last": {members(31) + ",1=a", insert("new", "0"), "new=0," + members(31)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := withState(extract(remote(c.received)), t, c.change)
			if got := inject(ctx)["tracestate"]; got != c.want {
				t.Errorf("sent on %q, want %q", got, c.want)
			}
		})
	}
}

func TestLevel2KeysAreNotSeenInTraceState(t *testing.T) {
	t.Parallel()
	ctx := extract(remote("1=a, foo=1 ,x@=b"))
	if got := trace.SpanContextFromContext(ctx).TraceState().String(); got != "foo=1" {
		t.Errorf("TraceState is %q", got)
	}
}

// TraceState checks a list once more. It does not see the members it cannot hold.
func TestMembersWithLevel2KeysKeepTheRules(t *testing.T) {
	t.Parallel()
	for name, received := range map[string]string{
		"33 members":                      "0=1," + members(32),
		"a value too long":                "foo=1,0=" + repeat("v", 257),
		"a key too long":                  "foo=1,0" + repeat("k", 256) + "=1",
		"an equals sign in a value":       "foo=1,0=a=b",
		"a control character in a value":  "foo=1,0=a\tb",
		"a character beyond ASCII":        "foo=1,0=\u00e4",
		"the character between the two":   "foo=1,0=\x7f",
		"an upper-case letter in its key": "foo=1,0A=1",
		"no value":                        "foo=1,0=",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := inject(extract(remote(received)))
			if out["traceparent"] != sampled || out["tracestate"] != "" {
				t.Errorf("%q was sent on as %q", received, out)
			}
		})
	}
}

// The day this fails, received.go has nothing left to keep, and can go.
func TestTraceStateStillRefusesLevel2Keys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"1", "foo@", "foo@@bar", "a@b@c", "foo@1", strings.Repeat("t", 242) + "@v", "t@" + strings.Repeat("v", 15)} {
		if _, err := (trace.TraceState{}).Insert(key, "1"); err == nil {
			t.Errorf("TraceState takes %q now", key)
		}
	}
}

func TestLevel2KeysStayWithTheirTrace(t *testing.T) {
	t.Parallel()
	p := tracing.Propagator()
	first := extract(remote("1=a,foo=1"))

	t.Run("a new trace sends none of them", func(t *testing.T) {
		t.Parallel()
		fresh := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})
		if got, ok := inject(trace.ContextWithSpanContext(first, fresh))["tracestate"]; ok {
			t.Errorf("sent on %q", got)
		}
	})
	t.Run("a later message of the same trace has its own", func(t *testing.T) {
		t.Parallel()
		if got := inject(p.Extract(first, remote("bar=2")))["tracestate"]; got != "bar=2" {
			t.Errorf("sent on %q", got)
		}
		if got := inject(p.Extract(first, remote("2=b")))["tracestate"]; got != "2=b" {
			t.Errorf("sent on %q", got)
		}
	})
	t.Run("a later message without a trace changes nothing", func(t *testing.T) {
		t.Parallel()
		if got := inject(p.Extract(first, remote("")))["tracestate"]; got != "" {
			t.Errorf("sent on %q", got)
		}
	})
}
