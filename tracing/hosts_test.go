// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/baggage"

	"github.com/asynclocal/asynclocal/tracing"
)

func TestWhoMayReceiveBaggage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		allowed []string
		url     string
		want    bool
	}{
		{"no host, by default", nil, "http://api.example.com", false},
		{"a host", []string{"api.example.com"}, "http://api.example.com:8080/x", true},
		{"in any case", []string{"API.example.com"}, "http://api.EXAMPLE.com", true},
		{"with the dot of a complete name", []string{"api.example.com"}, "http://api.example.com./", true},
		{"another host", []string{"api.example.com"}, "http://example.com", false},
		{"one that only ends alike", []string{"*.example.com"}, "http://evilexample.com", false},
		{"one that only begins alike", []string{"api.example.com"}, "http://api.example.com.evil.org", false},
		{"a host in the credentials", []string{"api.example.com"}, "http://api.example.com@evil.org", false},
		{"a subdomain", []string{"*.example.com"}, "http://a.b.example.com", true},
		{"not the domain of subdomains", []string{"*.example.com"}, "http://example.com", false},
		{"a port", []string{"localhost:8080"}, "http://localhost:8080", true},
		{"another port", []string{"localhost:8080"}, "http://localhost:8081", false},
		{"the port of the scheme", []string{"example.com:443"}, "https://example.com", true},
		{"not that of another scheme", []string{"example.com:443"}, "http://example.com", false},
		{"IPv6", []string{"[::1]:80"}, "http://[::1]", true},
		{"everybody", []string{"*"}, "http://whoever.org", true},
		{"the second of two", []string{"a.org", "b.org"}, "http://b.org", true},
	}
	members, err := baggage.Parse("k=v")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rt := tracing.Transport(roundTripper(func(out *http.Request) (*http.Response, error) {
				if got := out.Header.Get("Baggage") == "k=v"; got != tt.want {
					t.Errorf("sent: %v, want %v", got, tt.want)
				}
				return answer(200), nil
			}), tracing.WithBaggageTo(tt.allowed...))
			get(baggage.ContextWithBaggage(bg(), members), t, rt, tt.url)
		})
	}
}

func TestTransportRemovesBaggageThatOthersPutThere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, allowed, want string }{
		{"for a host that may not have it", "other.org", ""},
		{"not for one that may", "example.com", "from=stranger"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rt := tracing.Transport(roundTripper(func(out *http.Request) (*http.Response, error) {
				if got := out.Header.Get("Baggage"); got != tt.want {
					t.Errorf("baggage = %q, want %q", got, tt.want)
				}
				return answer(200), nil
			}), tracing.WithBaggageTo(tt.allowed))
			req, _ := http.NewRequest(http.MethodGet, "http://example.com", nil)
			req.Header.Set("Baggage", "from=stranger")
			res, err := rt.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if req.Header.Get("Baggage") != "from=stranger" {
				t.Error("the caller's request was changed")
			}
		})
	}
}
