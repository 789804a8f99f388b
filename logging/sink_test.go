// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sink is where the lines of a test go.
type sink struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *sink) Sync() error { return nil }

// raw returns the lines as they were written.
func (s *sink) raw() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, l := range bytes.Split(bytes.TrimSpace(s.buf.Bytes()), []byte("\n")) {
		if len(l) > 0 {
			all = append(all, string(l))
		}
	}
	return all
}

type object = map[string]any

// lines returns the lines decoded. It fails the test where a key comes twice.
func (s *sink) lines(t *testing.T) []object {
	t.Helper()
	var all []object
	for _, l := range s.raw() {
		if key := repeatedKey(l); key != "" {
			t.Errorf("%q comes twice in %s", key, l)
		}
		var o object
		if err := json.Unmarshal([]byte(l), &o); err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		all = append(all, o)
	}
	return all
}

// repeatedKey returns a key that the object has twice at its top level, else "".
func repeatedKey(line string) string {
	dec := json.NewDecoder(bytes.NewReader([]byte(line)))
	if _, err := dec.Token(); err != nil {
		return ""
	}
	seen := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return ""
		}
		name, _ := key.(string)
		if seen[name] {
			return name
		}
		seen[name] = true
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return ""
		}
	}
	return ""
}

// messages returns the msg of each line.
func messages(lines []object) []string {
	var all []string
	for _, l := range lines {
		m, _ := l["msg"].(string)
		all = append(all, m)
	}
	return all
}

func (s *sink) core(level zapcore.LevelEnabler) zapcore.Core {
	enc := zap.NewProductionEncoderConfig()
	enc.TimeKey = ""
	return zapcore.NewCore(zapcore.NewJSONEncoder(enc), s, level)
}

const (
	traceA, spanA = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	traceB, spanB = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
)

// withSpan returns ctx with a span of some other tracer's.
func withSpan(ctx context.Context, t testing.TB, traceID, spanID string) context.Context {
	t.Helper()
	tid, err := trace.TraceIDFromHex(traceID)
	if err != nil {
		t.Fatal(err)
	}
	sid, err := trace.SpanIDFromHex(spanID)
	if err != nil {
		t.Fatal(err)
	}
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: tid, SpanID: sid, TraceFlags: trace.FlagsSampled,
	}))
}
