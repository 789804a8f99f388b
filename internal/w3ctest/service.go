// SPDX-License-Identifier: Apache-2.0

package w3ctest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Call makes one callback of a service that handles r, and returns the header that the callback
// carried.
type Call func(r *http.Request) (http.Header, error)

// Handler returns what a service under test serves: it makes the callbacks that a request asks for,
// and answers with what they carried.
func Handler(call Call) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls := make([]http.Header, len(r.URL.Query()["callback"]))
		for i := range calls {
			var err error
			if calls[i], err = call(r); err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
		}
		_ = json.NewEncoder(w).Encode(calls)
	})
}

// Callback returns a Call that sends an HTTP request to a separate server, through the transport
// that wrap makes from that server's. The request has the context of the one that is handled.
func Callback(t *testing.T, wrap func(http.RoundTripper) http.RoundTripper) Call {
	t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(r.Header)
	}))
	t.Cleanup(receiver.Close)
	client := &http.Client{Transport: wrap(receiver.Client().Transport)}
	return func(r *http.Request) (carried http.Header, err error) {
		req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, receiver.URL, http.NoBody)
		if err != nil {
			return nil, err
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		err = json.NewDecoder(resp.Body).Decode(&carried)
		return carried, err
	}
}

// send sends fields to a server that serves Handler, and returns what each of the callbacks
// carried.
func send(t *testing.T, s *httptest.Server, fields string, callbacks int) (calls []http.Header) {
	t.Helper()
	target := "/?" + repeat("callback=1&", callbacks)
	exchange := overTCP
	if s.EnableHTTP2 {
		exchange = overHTTP2
	}
	resp, err := exchange(t, s, target, fields)
	if err != nil {
		t.Fatalf("%q: %v", fields, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || s.EnableHTTP2 && resp.ProtoMajor != 2 {
		t.Fatalf("%q was answered %s %s", fields, resp.Proto, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&calls); err != nil || len(calls) != callbacks {
		t.Fatalf("%q was answered %d callbacks, %v", fields, len(calls), err)
	}
	return calls
}

// overTCP writes the fields unchanged.
func overTCP(t *testing.T, s *httptest.Server, target, fields string) (*http.Response, error) {
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	head := "GET " + target + " HTTP/1.1\r\nHost: w3c\r\nConnection: close\r\n"
	if fields != "" {
		head += strings.ReplaceAll(fields, "\n", "\r\n") + "\r\n"
	}
	if _, err := fmt.Fprint(conn, head+"\r\n"); err != nil {
		return nil, err
	}
	return http.ReadResponse(bufio.NewReader(conn), nil)
}

// overHTTP2 sends the fields as far as HTTP/2 allows: names are in lower case, and net/http's
// server does not trim what surrounds a value.
func overHTTP2(t *testing.T, s *httptest.Server, target, fields string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+target, http.NoBody)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(fields) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		req.Header.Add(name, value)
	}
	return s.Client().Do(req)
}
