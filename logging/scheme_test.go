// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

var update = flag.Bool("update", false, "write the golden files")

// The keys and forms that each vendor documents, read in November 2026. A golden
// file shows, in turn: a request with a sampled span, one whose span is not
// sampled, one without a span, and a line outside of everything.
var schemes = []struct {
	name   string
	scheme logging.Scheme
	page   string
	keys   map[string]any // what the page asks for, for span A
}{
	{
		"otel", logging.OTel(),
		"https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/",
		map[string]any{"trace_id": traceA, "span_id": spanA, "trace_flags": "01"},
	},
	{
		"ecs", logging.ECS(),
		// http.request.id is of https://www.elastic.co/guide/en/ecs/current/ecs-http.html. The page has
		// transaction.id too: the id of an APM agent's transaction, which no OTel span says it is.
		"https://www.elastic.co/guide/en/ecs/current/ecs-tracing.html",
		map[string]any{"trace.id": traceA, "span.id": spanA, "http.request.id": "r-1"},
	},
	{
		"gcp", logging.GCP("my-project"),
		// The form of the values: https://cloud.google.com/trace/docs/trace-log-integration
		"https://cloud.google.com/logging/docs/structured-logging#structured_logging_special_fields",
		map[string]any{
			"logging.googleapis.com/trace":         "projects/my-project/traces/" + traceA,
			"logging.googleapis.com/spanId":        spanA,
			"logging.googleapis.com/trace_sampled": true,
		},
	},
	{
		"datadog", logging.Datadog(),
		// 0xa3ce929d0e0e4736, the lower half of the trace id, and 0x00f067aa0ba902b7.
		"https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/opentelemetry/",
		map[string]any{"dd.trace_id": "11803532876627986230", "dd.span_id": "67667974448284343"},
	},
	{
		"custom", logging.Custom(logging.Keys{RequestID: "rid", TraceID: "tid"}),
		"", map[string]any{"rid": "r-1", "tid": traceA},
	},
}

func TestSchemes(t *testing.T) {
	t.Parallel()
	for _, tt := range schemes {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s sink
			l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithScheme(tt.scheme)))
			unsampled := trace.SpanContextFromContext(withSpan(context.Background(), t, traceB, spanB)).WithTraceFlags(0)
			for _, ctx := range []context.Context{
				withSpan(context.Background(), t, traceA, spanA),
				trace.ContextWithSpanContext(context.Background(), unsampled),
				context.Background(),
			} {
				store.NewRequest("r-1").Run(ctx, func(ctx context.Context) {
					l.Info("order placed", logging.Ctx(ctx), zap.String("item", "book"))
				})
			}
			store.Exit(func() { l.Info("starting") })
			golden(t, tt.name, strings.Join(s.raw(), "\n")+"\n")

			var first map[string]any
			if err := json.Unmarshal([]byte(s.raw()[0]), &first); err != nil {
				t.Fatal(err)
			}
			for key, want := range tt.keys {
				if first[key] != want {
					t.Errorf("%s is %v, and has to be %v: %s", key, first[key], want, tt.page)
				}
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%swant\n%s", file, got, want)
	}
}

func TestMistakesAtStartUpSayWhatToDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		f    func()
		want string
	}{
		{"a nil core", func() { logging.NewCore(nil) }, "zapcore.NewNopCore()"},
		{"a nil handler", func() { logging.NewHandler(nil) }, "slog.DiscardHandler"},
		{"a nil option", func() { logging.Correlate(nil) }, "a nil Option"},
		{"no project", func() { logging.GCP("") }, "id of the project"},
		{"no lines", func() { logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 0)) }, "lines is 0, and has to be from 1 to 100000"},
		{"no slow", func() { logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 1), logging.WithSlowThreshold(0)) }, "above 0"},
		{"slow alone", func() { logging.Correlate(logging.WithSlowThreshold(1)) }, "WithSlowThreshold without WithFlightRecorder"},
		{"a nil function", func() { logging.Correlate(logging.WithLevel(nil)) }, "WithLevel of a nil function"},
		{"a function for nothing", func() {
			logging.Correlate(logging.WithLevel(logging.LevelOfShare(1, zap.DebugLevel)), logging.WithoutRequestLevel())
		}, "contradict"},
		{"an impossible share", func() { logging.Correlate(logging.WithSampleRatio(1.5)) }, "share is 1.5, and has to be from 0 to 1"},
		{"another", func() { logging.LevelOfShare(-1, zap.DebugLevel) }, "share is -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got, _ := recover().(string); !strings.HasPrefix(got, "logging: ") || !strings.Contains(got, tt.want) {
					t.Errorf("panics with %q, want %q in it", got, tt.want)
				}
			}()
			tt.f()
		})
	}
}
