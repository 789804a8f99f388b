// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/telemetry"
)

func TestMain(m *testing.M) {
	for _, v := range os.Environ() { // tests do not depend on the caller's environment
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "OTEL_") {
			_ = os.Unsetenv(name)
		}
	}
	goleak.VerifyTestMain(m)
}

// output is where lines are written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// lines are those that were written, by their message.
func (o *output) lines(t *testing.T) map[string]map[string]any {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string]map[string]any{}
	for line := range strings.Lines(o.b.String()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		message, _ := l[slog.MessageKey].(string)
		all[message] = l
	}
	return all
}

// start starts a telemetry that ends with the test.
func start(t *testing.T, opts ...telemetry.Option) (*telemetry.Telemetry, *output) {
	t.Helper()
	out := new(output)
	tel, err := telemetry.Start(t.Context(), append([]telemetry.Option{telemetry.WithOutput(out)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tel, out
}

// collector is an inspector that is exported to over HTTP, as a collector is.
func collector(t *testing.T) (*inspect.Inspector, string) {
	t.Helper()
	insp := inspect.New()
	srv := httptest.NewServer(insp)
	t.Cleanup(func() {
		_ = insp.Close()
		srv.Close()
	})
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20"+insp.Token())
	return insp, srv.URL + "/inspect"
}

// request is what an inspector shows of one.
type request struct {
	Spans []struct {
		Name    string `json:"name"`
		Service string `json:"service"`
		Logs    int    `json:"logs"`
		Details struct {
			Attributes map[string]any `json:"attributes"`
			Resource   map[string]any `json:"resource"`
		} `json:"details"`
	} `json:"spans"`
	Logs []struct {
		Body       string         `json:"body"`
		SpanID     string         `json:"span_id"`
		Service    string         `json:"service"`
		Severity   string         `json:"severity"`
		Attributes map[string]any `json:"attributes"`
	} `json:"logs"`
	Tasks []struct {
		Kind string `json:"kind"`
	} `json:"tasks"`
}

func ask(insp *inspect.Inspector, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/inspect/api/"+path, http.NoBody)
	r.Header.Set("Authorization", "Bearer "+insp.Token())
	w := httptest.NewRecorder()
	insp.ServeHTTP(w, r)
	return w
}

// shown waits until an inspector has so many spans and lines of a request.
func shown(t *testing.T, insp *inspect.Inspector, id string, spans, lines int) (v request) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		w := ask(insp, "requests/"+id)
		v = request{}
		if err := json.Unmarshal(w.Body.Bytes(), &v); err == nil && len(v.Spans) == spans && len(v.Logs) == lines {
			return v
		}
		if time.Now().After(until) {
			t.Fatalf("%d spans and %d lines are not there: %s", spans, lines, w.Body)
		}
	}
}

// withoutTime leaves the time, which is another in each run, out of lines.
type withoutTime struct{ w io.Writer }

var timeField = regexp.MustCompile(`"time":"[^"]*",?`)

func (o withoutTime) Write(p []byte) (int, error) {
	_, err := o.w.Write(timeField.ReplaceAll(p, nil))
	return len(p), err
}
