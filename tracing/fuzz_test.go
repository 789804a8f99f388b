// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

func FuzzTraceparent(f *testing.F) {
	for _, s := range []string{sampled, " " + unsampled + "\t", "cc" + sampled[2:] + "-x", "ff" + sampled[2:], "", "00-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		ctx := extract(propagation.MapCarrier{"traceparent": in})
		sc := trace.SpanContextFromContext(ctx)
		out, ok := inject(ctx)["traceparent"]
		if ok != sc.IsValid() {
			t.Fatalf("%q extracted %v, injected %q", in, sc, out)
		}
		if !ok {
			return
		}
		trimmed := strings.Trim(in, " \t")
		if len(out) != 55 || out[2:53] != trimmed[2:53] || out[:2] != "00" {
			t.Fatalf("%q was sent on as %q", in, out)
		}
		if again := inject(extract(propagation.MapCarrier{"traceparent": out}))["traceparent"]; again != out {
			t.Fatalf("%q was sent on as %q", out, again)
		}
	})
}

func FuzzTracestate(f *testing.F) {
	for _, s := range []string{"foo=1,bar=2", " foo = 1 ,,\tbar=2 ", "1=a,foo@=1,t@s=2", "foo=1,foo=2", members(33), "a=" + repeat("v", 600)} {
		f.Add(s, "baz=3")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		ctx := extract(withValues{"traceparent": {sampled}, "tracestate": {first, second}})
		sc := trace.SpanContextFromContext(ctx)
		if !sc.IsValid() {
			t.Fatal("a bad tracestate took traceparent with it")
		}
		out := inject(ctx)["tracestate"]
		if len(out) > 512 || strings.Count(out, ",") > 31 {
			t.Fatalf("%d characters are sent on: %q", len(out), out)
		}
		if strings.ContainsAny(out, "\t\r\n") || strings.HasPrefix(out, ",") || strings.HasSuffix(out, ",") || strings.Contains(out, ",,") {
			t.Fatalf("not in normal form: %q", out)
		}
		if again := inject(extract(remote(out)))["tracestate"]; again != out {
			t.Fatalf("%q was sent on as %q", out, again)
		}
		joined := trace.SpanContextFromContext(extract(remote(first + "," + second)))
		if !joined.Equal(sc) {
			t.Fatalf("one field reads %q, two read %q", joined.TraceState(), sc.TraceState())
		}
		for item := range strings.SplitSeq(out, ",") {
			if !strings.Contains(first+","+second, item) {
				t.Fatalf("%q came from nowhere", item)
			}
		}
	})
}

func FuzzBaggage(f *testing.F) {
	for _, s := range []string{"user=alice;p=1", "a=%20,b", " a = 1 ", "a=1,a=2", repeat(",", 300) + "a=1", "a=" + repeat("%ff", 3000)} {
		f.Add(s, "tenant=acme")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		ctx := extract(withValues{"baggage": {first, second}})
		b := baggage.FromContext(ctx)
		out := inject(ctx)["baggage"]
		if b.Len() > 64 || len(out) > 8192 {
			t.Fatalf("%d members, %d bytes sent on", b.Len(), len(out))
		}
		if strings.ContainsAny(out, "\r\n\x00") {
			t.Fatalf("control characters sent on: %q", out)
		}
		again := baggage.FromContext(extract(propagation.MapCarrier{"baggage": out}))
		if again.Len() != b.Len() {
			t.Fatalf("%d members were sent on, %d arrived: %q", b.Len(), again.Len(), out)
		}
		for _, m := range b.Members() {
			if got := again.Member(m.Key()); got.Value() != m.Value() {
				t.Fatalf("%s arrived as %s", m, got)
			}
		}
	})
}
