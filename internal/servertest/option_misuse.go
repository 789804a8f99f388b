// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"path"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// A mistake is said where it is made, with the cure.
func aBadOptionPanicsWithTheCure(t *testing.T, f *Framework) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opt  Option
		want string
	}{
		"no skipper":                        {With("WithSkipper", nil), "WithSkipper(nil); leave the option out"},
		"no generator":                      {With("WithRequestIDGenerator", nil), "WithRequestIDGenerator(nil); leave the option out"},
		"no trust":                          {With("WithTrustRequestID", nil), "WithTrustRequestID(nil); leave the option out"},
		"nothing on an error":               {With("WithOnError", nil), "WithOnError(nil); leave the option out"},
		"no formatter":                      {With("WithSpanNameFormatter", nil), "WithSpanNameFormatter(nil); leave the option out"},
		"no attributes of the span":         {With("WithSpanAttributes", nil), "WithSpanAttributes(nil); leave the option out"},
		"no attributes of the metrics":      {With("WithMetricAttributes", nil), "WithMetricAttributes(nil); leave the option out"},
		"no tracer provider":                {With("WithTracerProvider", nil), "WithTracerProvider(nil); leave the option out"},
		"no meter provider":                 {With("WithMeterProvider", nil), "WithMeterProvider(nil); leave the option out"},
		"no propagators":                    {With("WithPropagators", nil), "WithPropagators(nil); leave the option out"},
		"no logger":                         {With("WithLogger", nil), "WithLogger(nil); leave the option out for no completion line"},
		"no handler":                        {With("WithSlog", nil), "WithSlog(nil); leave the option out for no completion line"},
		"no stranger":                       {With("WithPublicEndpoint", nil), "WithPublicEndpoint(nil); leave the function out for all requests"},
		"no route":                          {With("WithRoute", nil), "WithRoute(nil); leave the option out"},
		"no scheme":                         {With("WithScheme", nil), "WithScheme(nil); leave the option out"},
		"no client address":                 {With("WithClientAddress", nil), "WithClientAddress(nil); leave the option out"},
		"no header":                         {With("WithRequestIDHeader", ""), `WithRequestIDHeader(""); it takes the name of a header`},
		"a bad header":                      {With("WithRequestIDHeader", "a b"), `WithRequestIDHeader("a b"); it takes`},
		"no methods":                        {With("WithKnownMethods"), "WithKnownMethods without a method; name at least one"},
		"a URL as a name":                   {With("WithServerName", "http://shop"), `WithServerName("http://shop"); it takes a host or host:port of at most 255 bytes`},
		"an empty list":                     {With("WithKnownMethods", ""), `WithKnownMethods names the method ""; it takes`},
		"a list with spaces":                {With("WithKnownMethods", "GET", " PUT"), `WithKnownMethods names the method " PUT"; it takes`},
		"a name with no port":               {With("WithServerName", "shop:http"), `WithServerName("shop:http"); it takes a host or host:port of at most 255 bytes, the port from 1 to 65535`},
		"a name with a port over the bound": {With("WithServerName", "shop:65536"), `WithServerName("shop:65536"); it takes`},
		"a port alone":                      {With("WithServerName", ":8080"), `WithServerName(":8080"); it takes`},
		"half an address":                   {With("WithServerName", "[::1"), `WithServerName("[::1"); it takes`},
		"a name that is long":               {With("WithServerName", strings.Repeat("a", 256)), `WithServerName("aaa`},
		"a captured header of the response": {With("WithResponseHeaders", ""), `WithResponseHeaders names the header ""; it takes names of headers`},
		"a captured header":                 {With("WithRequestHeaders", "a b"), `WithRequestHeaders names the header "a b"; it takes names of headers`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.need(t, Trait(tt.opt.name))
			f.mustPanic(t, f.from(tt.opt)+": "+tt.want, func() { f.middleware(t, tt.opt) })
		})
	}
	t.Run("no option", func(t *testing.T) {
		t.Parallel()
		f.mustPanic(t, f.Package+": ", func() { f.middleware(t, Option{}) })
	})
}

// from is the package that an option is taken from.
func (f *Framework) from(o Option) string {
	dir, _, _ := strings.Cut(path.Base(runtime.FuncForPC(reflect.ValueOf(f.Options[o.name]).Pointer()).Name()), ".")
	return dir
}

// mustPanic fails if misuse does not panic with a message that begins so, and has a cure.
func (f *Framework) mustPanic(t *testing.T, want string, misuse func()) {
	t.Helper()
	defer func() {
		got, _ := recover().(string)
		if !strings.HasPrefix(got, want) || !strings.Contains(got, "; ") && !strings.Contains(got, "name at least one") {
			t.Errorf("panicked with %q, want %q", got, want)
		}
	}()
	misuse()
}
