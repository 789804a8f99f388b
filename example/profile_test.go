// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

const route = "POST /orders"

func TestProfilesAndCrashDumpsShowTheRoute(t *testing.T) {
	t.Parallel()
	p := start(t, []string{"GODEBUG=tracebacklabels=1"})
	hang(t, p)
	eventually(t, "the request to be in its handler", func() bool {
		_, body := get(t, p.url()+"/debug/pprof/goroutine?debug=1")
		return strings.Contains(string(body), `"request":"`+route+`"`)
	})
	t.Run("a goroutine profile, protocol buffers", func(t *testing.T) {
		_, body := get(t, p.url()+"/debug/pprof/goroutine?debug=0")
		if !strings.Contains(unzip(t, body), route) {
			t.Error("no route")
		}
	})
	t.Run("a goroutine profile, stacks", func(t *testing.T) {
		_, body := get(t, p.url()+"/debug/pprof/goroutine?debug=2")
		if !strings.Contains(string(body), route) {
			t.Error("no route")
		}
	})
	t.Run("a CPU profile", func(t *testing.T) {
		sold, _ := sellUntilRefused(t, p)
		// How much of a second is spent where is luck; that orders get some is not.
		eventually(t, "a sample with the route", func() bool {
			status, body := get(t, p.url()+"/debug/pprof/profile?seconds=1")
			return status == 200 && strings.Contains(unzip(t, body), route)
		})
		p.killed.Store(true)
		if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		sold()
	})
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
	dump := strings.Join(p.text(), "\n")
	if !strings.Contains(dump, "SIGQUIT: quit") || !strings.Contains(dump, route) {
		t.Errorf("the crash dump does not show the route:\n%.3000s", dump)
	}
}

// hang sends half a request.
func hang(t *testing.T, p *process) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
}

func unzip(t *testing.T, b []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
