// SPDX-License-Identifier: Apache-2.0

package httpconv_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

func TestHostPort(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		host string
		port int
	}{
		"":                  {"", 0},
		"example.com":       {"example.com", 0},
		"example.com:":      {"example.com", 0},
		"example.com:80":    {"example.com", 80},
		"example.com:65535": {"example.com", 65535},
		"example.com:65536": {"example.com", 0},
		"example.com:-1":    {"example.com", 0},
		"example.com:+1":    {"example.com", 0},
		"example.com:http":  {"example.com", 0},
		"[::1]:80":          {"::1", 80},
		"[::1]":             {"::1", 0},
		"[::1":              {"[::1", 0},
		"::1":               {"::1", 0},
		"[fe80::1%eth0]:80": {"fe80::1%eth0", 80},
		":80":               {"", 80},
		"@":                 {"@", 0},
		"a\xff":             {"a\uFFFD", 0},
	} {
		if host, port := httpconv.HostPort(in); host != want.host || port != want.port {
			t.Errorf("HostPort(%q) is %q, %d, want %q, %d", in, host, port, want.host, want.port)
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                        "",
		"a=1&b=2":                 "a=1&b=2",
		"sig=1":                   "sig=REDACTED",
		"a=1&sig=1&b=2":           "a=1&sig=REDACTED&b=2",
		"sig=1&sig=2":             "sig=REDACTED&sig=REDACTED",
		"Sig=1":                   "Sig=1",
		"sig=":                    "sig=",
		"sig":                     "sig",
		"s%69g=1":                 "s%69g=REDACTED",
		"sig=a=b":                 "sig=REDACTED",
		"%zz=1&sig=1":             "%zz=1&sig=REDACTED",
		"X-Goog-Signature=1&&a":   "X-Goog-Signature=REDACTED&&a",
		"a\xff":                   "a\uFFFD",
		strings.Repeat("a", 3000): strings.Repeat("a", 2048),
		// What is cut is redacted before.
		"sig=" + strings.Repeat("a", 9000) + "&b":        "sig=REDACTED",
		"a=" + strings.Repeat("a", 2040) + "&sig=secret": "a=" + strings.Repeat("a", 2040) + "&sig=R",
	} {
		if got := httpconv.Query(in, nil); got != want {
			t.Errorf("Query(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"aä", 2, "a"}, {"ää", 3, "ä"}, {"€", 2, ""}, {"\xff\xfe", 3, "\uFFFD"}, {"\xff\xfe", 2, ""},
		{"a\xffb\xffc\xff", 6, "a\uFFFDb"}, {"", 0, ""},
	} {
		if got := httpconv.Text(tt.in, tt.limit); got != tt.want {
			t.Errorf("Text(%q, %d) is %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"abc": "abc", "äöü€😀": "äöü€😀", "a\nb": "a\nb", "a\xffb": "a\uFFFDb",
		"del\x7f": "del\uFFFD", "next line\u0085": "next line\uFFFD", "red\u009b31m": "red\uFFFD31m",
		"\u2028\u2029": "\uFFFD\uFFFD", "backwards \u202e": "backwards \uFFFD",
		strings.Repeat("\u0085", 600): strings.Repeat("\uFFFD", 341),
	} {
		if got := httpconv.Line(in, 1024); got != want {
			t.Errorf("Line(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestScheme(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"http": "http", "https": "https", "HTTPS": "https", "wss": "wss", "Ws": "ws",
		"": "http", "gopher": "http", "https, http": "http", strings.Repeat("https", 100): "http",
	} {
		if got := httpconv.SchemeOf(in, false).String(); got != want {
			t.Errorf("Scheme(%q) is %q, want %q", in, got, want)
		}
	}
	if got := httpconv.SchemeOf("gopher", true).String(); got != "https" {
		t.Errorf("an encrypted connection is %q", got)
	}
}

func TestRouteOfAPattern(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "/": "/", "GET /x/{id}": "/x/{id}", "example.com/x": "/x", "GET example.com/x/{rest...}": "/x/{rest...}",
	} {
		if got := httpconv.Route(in); got != want {
			t.Errorf("Route(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestProtocol(t *testing.T) {
	t.Parallel()
	for want, in := range map[string][2]int{"1.0": {1, 0}, "1.1": {1, 1}, "2": {2, 0}, "3": {3, 0}, "": {0, 9}} {
		if got := httpconv.Protocol(in[0], in[1]); got != want {
			t.Errorf("HTTP %v is %q, want %q", in, got, want)
		}
	}
}

// No value of a secret parameter survives, and the others do.
func FuzzQuery(f *testing.F) {
	f.Add("a=1&sig=2", "c")
	f.Add("%73ig=2&&=", "=&")
	f.Fuzz(func(t *testing.T, raw, secret string) {
		got := httpconv.Query(raw, nil)
		if !utf8.ValidString(got) || len(got) > httpconv.MaxQuery {
			t.Fatalf("%q became %q", raw, got)
		}
		if len(raw) < 500 && utf8.ValidString(raw) {
			checkRedacted(t, raw, got)
		}
		const shown = "sig=REDACTED"
		if text.IsRequestID(secret) && !strings.Contains(shown, secret) {
			if got := httpconv.Query("sig="+url.QueryEscape(secret), nil); strings.Contains(got, secret) {
				t.Errorf("%q is in %q", secret, got)
			}
		}
	})
}

func checkRedacted(t *testing.T, raw, got string) {
	t.Helper()
	parts := func(s string) []string { return strings.Split(strings.ReplaceAll(s, ";", "&"), "&") }
	was, is := parts(raw), parts(got)
	if len(was) != len(is) {
		t.Fatalf("%q became %q", raw, got)
	}
	for i := range was {
		name, value, _ := strings.Cut(was[i], "=")
		decoded, err := url.QueryUnescape(name)
		switch secret := err == nil && slices.Contains([]string{"sig", "Signature", "X-Amz-Credential", "access_token", "code"}, decoded) && value != ""; {
		case secret && is[i] != name+"=REDACTED":
			t.Errorf("%q became %q", was[i], is[i])
		case !secret && is[i] != was[i] && is[i] != name+"=REDACTED":
			t.Errorf("%q became %q", was[i], is[i])
		}
	}
}

func FuzzHostPort(f *testing.F) {
	f.Add("[::1]:80")
	f.Fuzz(func(t *testing.T, s string) {
		host, port := httpconv.HostPort(s)
		if port < 0 || port > 65535 || len(host) > httpconv.MaxAddress || !utf8.ValidString(host) {
			t.Errorf("HostPort(%q) is %q, %d", s, host, port)
		}
	})
}
