// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/blackbox"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/tracing"
)

// Not in parallel: there is one recorder in a process.
func TestTheExecutionTraceOfAFailureIsSavedOnceInItsInterval(t *testing.T) {
	dir := t.TempDir()
	execution, err := blackbox.RecordExecution(dir, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blackbox.RecordExecution(dir, time.Hour); err == nil {
		t.Error("a second recorder was started, want an error")
	}
	p := newProcess(t, nil, blackbox.WithExecution(execution))
	core, lines := observer.New(zap.InfoLevel)
	h := nethttp.New(nethttp.WithTracerProvider(tracing.Wrap(p.provider)), nethttp.WithLogger(zap.New(core, logging.Correlate())))(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}))
	for _, path := range []string{"/", "/fails", "/fails-too"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	if err := p.provider.Shutdown(bg()); err != nil {
		t.Fatal(err)
	}
	all := lines.All()
	if len(all) != 3 || all[0].Level != zapcore.InfoLevel {
		t.Fatalf("%d lines, want 3", len(all))
	}
	for i, want := range []bool{false, true, false} {
		path, ok := all[i].ContextMap()[blackbox.ExecutionTraceKey].(string)
		if ok != want {
			t.Fatalf("line %d has a path: %v, want %v", i, ok, want)
		}
		if !want {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(text, []byte("go 1.")) || filepath.Dir(path) != dir {
			t.Errorf("%s is no execution trace: %v, it begins with %.10q", path, err, text)
		}
		if id := all[i].ContextMap()["trace_id"].(string); !strings.Contains(path, id) {
			t.Errorf("%s is not named after the trace %s", path, id)
		}
	}
	again, err := blackbox.RecordExecution(dir, time.Hour)
	if err != nil {
		t.Fatalf("Shutdown has left the recorder on: %v", err)
	}
	again.Stop()
	again.Stop()
}

func TestARecorderThatCannotBeSaysWhy(t *testing.T) {
	t.Parallel()
	for want, start := range map[string]func() (*blackbox.Execution, error){
		"every is 0s; give it more than 0":       func() (*blackbox.Execution, error) { return blackbox.RecordExecution(t.TempDir(), 0) },
		`dir "nowhere/else" is no directory; ma`: func() (*blackbox.Execution, error) { return blackbox.RecordExecution("nowhere/else", time.Hour) },
	} {
		if _, err := start(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
