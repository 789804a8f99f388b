// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/baggage"

	"github.com/asynclocal/asynclocal/tracing"
)

// Whatever stands around it in the URL, a secret is not recorded.
func FuzzNoSecretIsRecorded(f *testing.F) {
	f.Add("q=1", "sig", "x=2")
	f.Add("", "X-Amz-Signature", "")
	f.Add("a=b&sig=", "Signature", "=&&;")
	f.Add("%zz", "X%2dGoog-Signature", "sig")
	f.Fuzz(func(t *testing.T, before, key, after string) {
		const secret = "s3cr3t-s3cr3t"
		u := &url.URL{Scheme: "http", Host: "example.com", User: url.UserPassword(secret, secret), RawQuery: before + "&" + key + "=" + secret + "&" + after}
		if strings.ContainsAny(key, "&=") || !isSecret(key) {
			u.RawQuery = before + "&" + after
		}
		r := record()
		rt := tracing.Transport(respond(http.StatusOK), tracing.WithTracerProvider(r.provider))
		res, err := rt.RoundTrip(&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}})
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := attributes(ended(t, r, "GET"))["url.full"]; strings.Contains(got, secret) {
			t.Errorf("recorded %q", got)
		}
	})
}

func isSecret(key string) bool {
	switch plain, _ := url.QueryUnescape(key); plain {
	case "AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature", "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token":
		return true
	}
	return false
}

// A list of hosts is refused or means what it says: a host never stands for another.
func FuzzHosts(f *testing.F) {
	f.Add("api.example.com", "http://api.example.com")
	f.Add("*.example.com", "http://evilexample.com")
	f.Add("[::1]:80", "http://[::1]")
	f.Add("a:1@b", "http://b")
	b, err := baggage.Parse("k=v")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, pattern, address string) {
		u, err := url.Parse(address)
		opt, refused := tryHost(pattern)
		if err != nil || u.Host == "" || refused {
			return
		}
		sent := false
		rt := tracing.Transport(roundTripper(func(out *http.Request) (*http.Response, error) {
			sent = out.Header.Get("Baggage") != ""
			return answer(http.StatusOK), nil
		}), opt)
		req := (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}).WithContext(baggage.ContextWithBaggage(bg(), b))
		res, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if sent && !means(pattern, u.Hostname()) {
			t.Errorf("%q allows %q", pattern, address)
		}
	})
}

// means says, in other words than the code does, whether pattern is about host.
func means(pattern, host string) bool {
	tail, star := strings.CutPrefix(pattern, "*")
	if u, err := url.Parse("//" + tail); err == nil {
		tail = u.Hostname()
	}
	tail, host = strings.TrimSuffix(strings.ToLower(tail), "."), strings.TrimSuffix(strings.ToLower(host), ".")
	return host == tail && !star || star && strings.HasSuffix(host, tail)
}

func tryHost(pattern string) (opt tracing.Option, refused bool) {
	defer func() {
		if r, ok := recover().(string); ok {
			refused = strings.HasPrefix(r, "tracing: WithBaggageTo(")
		}
	}()
	return tracing.WithBaggageTo(pattern), false
}
