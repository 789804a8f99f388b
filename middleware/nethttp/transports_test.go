// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// The peer on a Unix socket has no address, unless it has bound one.
func TestThePeerOnAUnixSocket(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		local string // the client's own end
		opts  []nethttp.Option
		peer  any
		host  any
	}{
		"without a name": {},
		"with a name":    {local: "client.sock", peer: "client.sock", host: "client.sock"},
		"without a name, and a proxy's word": {
			opts: []nethttp.Option{nethttp.WithClientAddress(func(*http.Request) string { return "203.0.113.9" })}, host: "203.0.113.9",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			listener, err := net.Listen("unix", filepath.Join(dir, "s")) //nolint:noctx // it is closed by the server
			if err != nil {
				t.Skip(err)
			}
			tel := newTelemetry()
			s := httptest.NewUnstartedServer(tel.wrap(http.NotFoundHandler(), tt.opts...))
			_ = s.Listener.Close()
			s.Listener = listener
			servertest.Launch(t, s, s.Start)
			var local *net.UnixAddr
			if tt.local != "" {
				local = &net.UnixAddr{Name: filepath.Join(dir, tt.local), Net: "unix"}
			}
			client := &http.Client{Timeout: servertest.Deadline, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
				return net.DialUnix("unix", local, listener.Addr().(*net.UnixAddr))
			}}}
			res, err := client.Get("http://shop/x")
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			got := servertest.Map(tel.Ended(t, 1)[0].Attributes())
			for key, want := range map[string]any{"network.peer.address": tt.peer, "client.address": tt.host} {
				if path, ok := got[key].(string); ok {
					got[key] = filepath.Base(path)
				}
				if got[key] != want {
					t.Errorf("%s is %v, want %v", key, got[key], want)
				}
			}
			said, _ := tel.Lines(t, "request completed")[0]["client"].(string)
			if want, _ := tt.host.(string); want != filepath.Base("/"+said) && said+want != "" {
				t.Errorf("the client on the line is %q, want %q", said, want)
			}
		})
	}
}

// Headers that net/http keeps elsewhere are recorded like others.
func TestHeadersThatAreKeptElsewhere(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	s := servertest.Serve(t, tel.wrap(http.NotFoundHandler(), nethttp.WithRequestHeaders("host", "Transfer-Encoding", "Trailer", "Content-Length")))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, struct{ *strings.Reader }{strings.NewReader("chunked")})
	req.Host = "shop.example.com:8080"
	req.Trailer = http.Header{"X-Sum": {"1"}, "X-A": {"2"}}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	got := map[string]string{}
	for _, a := range tel.Ended(t, 1)[0].Attributes() {
		got[string(a.Key)] = strings.Join(a.Value.AsStringSlice(), ",")
	}
	for key, want := range map[string]string{"host": "shop.example.com:8080", "transfer-encoding": "chunked", "trailer": "X-A,X-Sum", "content-length": ""} {
		if key = "http.request.header." + key; got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
}
