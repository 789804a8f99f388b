// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
)

// baggageOf returns what fields are read as, sorted.
func baggageOf(fields ...string) []string {
	var got []string
	for _, m := range baggage.FromContext(extract(propagation.HeaderCarrier{"Baggage": fields})).Members() {
		got = append(got, m.String())
	}
	slices.Sort(got)
	return got
}

func TestBaggage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fields, want []string }{
		"one member":                      {[]string{"user=alice"}, []string{"user=alice"}},
		"properties":                      {[]string{"user=alice;a;b=1"}, []string{"user=alice;a;b=1"}},
		"repeated fields are one list":    {[]string{"a=1", "b=2,c=3"}, []string{"a=1", "b=2", "c=3"}},
		"whitespace around everything":    {[]string{" a \t= 1\t, \tb = 2 "}, []string{"a=1", "b=2"}},
		"equals signs in a value":         {[]string{"a=b=c"}, []string{"a=b=c"}},
		"an empty value":                  {[]string{"a="}, []string{"a="}},
		"percent-encoding":                {[]string{"a=%20%C3%A9%2C"}, []string{"a=%20%C3%A9%2C"}},
		"of one key the last counts":      {[]string{"a=1,a=2", "a=3"}, []string{"a=3"}},
		"no value is a bad member":        {[]string{"a,b=2"}, []string{"b=2"}},
		"no key is a bad member":          {[]string{"=1,b=2"}, []string{"b=2"}},
		"a space inside is a bad member":  {[]string{"a=1 2,b=2"}, []string{"b=2"}},
		"a bad key is a bad member":       {[]string{"a(b)=1,b=2"}, []string{"b=2"}},
		"bad percents are a bad member":   {[]string{"a=%zz,b=2"}, []string{"b=2"}},
		"a bad property, too":             {[]string{"a=1;(,b=2"}, []string{"b=2"}},
		"not UTF-8 is made so":            {[]string{"a=%ff"}, []string{"a=%EF%BF%BD"}},
		"control characters stay encoded": {[]string{"a=%0Aforged"}, []string{"a=%0Aforged"}},
		"empty members are skipped":       {[]string{",,a=1,", "", " ,b=2"}, []string{"a=1", "b=2"}},
		"nothing good":                    {[]string{"x", ",;="}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := baggageOf(c.fields...); !slices.Equal(got, c.want) {
				t.Errorf("%q read as %q, want %q", c.fields, got, c.want)
			}
		})
	}
}

func TestBaggageLimits(t *testing.T) {
	t.Parallel()
	list := func(n int) string {
		items := make([]string, n)
		for i := range items {
			items[i] = fmt.Sprintf("k%03d=v", i)
		}
		return strings.Join(items, ",")
	}
	exactly := func(n int) string { return "a=" + repeat("v", n-2) }
	for name, c := range map[string]struct {
		fields []string
		want   int    // how many members
		last   string // key of the last of them
	}{
		"64 members are kept":                        {[]string{list(64)}, 64, "k063"},
		"of 65 members the first 64 are kept":        {[]string{list(65)}, 64, "k063"},
		"over all fields":                            {[]string{list(60), "m=1,n=2,o=3,p=4,q=5"}, 64, "p"},
		"8192 bytes are kept":                        {[]string{exactly(8192)}, 1, "a"},
		"8193 bytes in one member are none":          {[]string{exactly(8193)}, 0, ""},
		"a member that ends at the limit is kept":    {[]string{exactly(8192) + ",z=1"}, 1, "a"},
		"a member over the limit is dropped":         {[]string{exactly(8189) + ",z=1"}, 1, "a"},
		"a member that just fits is kept":            {[]string{exactly(8188) + ",z=1"}, 2, "z"},
		"the limit is that of all fields together":   {[]string{exactly(8188), "z=1", "y=1"}, 2, "z"},
		"a field that begins beyond is dropped":      {[]string{exactly(8192), "z=1"}, 1, "a"},
		"a long field after a short one is cut":      {[]string{"a=1", "z=1," + exactly(9000)}, 2, "z"},
		"180 list members are looked at":             {[]string{repeat(",", 179) + "a=1,b=1"}, 1, "a"},
		"what grows when sent on is bounded as sent": {[]string{"a=" + repeat("%ff", 900) + ",b=" + repeat("%ff", 900)}, 1, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := extract(propagation.HeaderCarrier{"Baggage": c.fields})
			b := baggage.FromContext(ctx)
			if b.Len() != c.want {
				t.Errorf("%d members were kept, want %d", b.Len(), c.want)
			}
			if c.last != "" && b.Member(c.last).Key() != c.last {
				t.Errorf("member %s was dropped", c.last)
			}
			if n := len(inject(ctx)["baggage"]); n > 8192 {
				t.Errorf("%d bytes are sent on", n)
			}
		})
	}
}
