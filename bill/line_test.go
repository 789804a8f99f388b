// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package bill_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/tracing"
)

// server is one with a logger and spans, as a user has it.
type server struct {
	lines    strings.Builder
	logger   *zap.Logger
	spans    *tracetest.InMemoryExporter
	provider trace.TracerProvider
}

func newServer(opts ...tracing.Option) *server {
	s := &server{spans: tracetest.NewInMemoryExporter()}
	s.logger = zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"}), zapcore.AddSync(&s.lines), zap.InfoLevel))
	s.provider = tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.spans)), opts...)
	return s
}

func (s *server) serve(f func(t trace.Tracer)) {
	nethttp.New(nethttp.WithTracerProvider(s.provider), nethttp.WithLogger(s.logger))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		f(s.provider.Tracer("test"))
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
}

// work is what the handler and the job below do.
func work(t trace.Tracer) {
	for range 6 {
		at{0, 1}.span(t, "x", nil, client, sql("SELECT a FROM t WHERE id = 'secret'"))
	}
	at{0, 1}.span(t, "x", nil, client, with(get, attribute.String("error.type", "503")))
}

// wanted is on the line of both.
var wanted = map[string]any{
	"bill.statements": 6., "bill.statements_ms": 6000., "bill.calls": 1., "bill.calls_ms": 1000., "bill.wait_ms": 1000.,
	"bill.errors":   []any{"1 × 503"},
	"bill.repeated": []any{map[string]any{"statement": "SELECT a FROM t WHERE id = ?", "count": 6., "ms": 6000.}},
}

func (s *server) check(t *testing.T) {
	t.Helper()
	var line map[string]any
	if err := json.Unmarshal([]byte(s.lines.String()), &line); err != nil {
		t.Fatalf("%v in %s", err, s.lines.String())
	}
	for key, want := range wanted {
		got, _ := json.Marshal(line[key])
		if want, _ := json.Marshal(want); string(got) != string(want) {
			t.Errorf("the line has %s %s, want %s", key, got, want)
		}
	}
	all := s.spans.GetSpans()
	own := all[len(all)-1]
	attributes := attribute.NewSet(own.Attributes...)
	if n, _ := attributes.Value(bill.StatementsKey); n.AsInt64() != 6 {
		t.Errorf("the span has %v", own.Attributes)
	}
	if l, _ := attributes.Value(bill.RepeatedKey); len(l.AsStringSlice()) != 1 || l.AsStringSlice()[0] != "6 × SELECT a FROM t WHERE id = ?" {
		t.Errorf("the span has %v", own.Attributes)
	}
	if len(own.Events) != 1 || own.Events[0].Name != bill.EventName || own.Events[0].Attributes[0].Value.AsString() != "SELECT a FROM t WHERE id = ?" {
		t.Errorf("the span has the events %v", own.Events)
	}
	if strings.Contains(s.lines.String(), "secret") {
		t.Errorf("a literal is on the line: %s", s.lines.String())
	}
}

func TestTheBillIsOnTheCompletionLineAndOnTheRequestsSpan(t *testing.T) {
	t.Parallel()
	s := newServer(tracing.WithBill())
	s.serve(work)
	s.check(t)
}

func TestAJobHasABillOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newServer(tracing.WithBill())
	_ = jobs.Run(bg(), nil, "receipt", func(context.Context) error { work(s.provider.Tracer("test")); return nil },
		jobs.WithTracerProvider(s.provider), jobs.WithLogger(s.logger))
	s.check(t)
}

func TestWithoutWithBillTheLineIsAsItWas(t *testing.T) {
	t.Parallel()
	_ = tracing.Wrap(s0(), tracing.WithBill()) // another provider's
	s := newServer()
	s.serve(work)
	if strings.Contains(s.lines.String(), "bill.") {
		t.Errorf("the line is %s", s.lines.String())
	}
}

func s0() trace.TracerProvider { return sdktrace.NewTracerProvider() }

func TestTheClientCountsBytesSampledOrNot(t *testing.T) {
	t.Parallel()
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "twelve bytes")
	}))
	t.Cleanup(far.Close)
	for name, sampler := range samplers {
		provider := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler)), tracing.WithBill())
		hc := &http.Client{Transport: tracing.Transport(nil, tracing.WithTracerProvider(provider))}
		sum := request(func() {
			res, err := hc.Post(far.URL+"/x", "text/plain", strings.NewReader("seven b"))
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		})
		hc.CloseIdleConnections()
		if sum.Calls != 1 || sum.BytesSent != 7 || sum.BytesReceived != 12 || sum.CallTime <= 0 {
			t.Errorf("%s: %+v", name, sum)
		}
	}
}

func TestProgramsPutTheSumsOnTheirOwnLine(t *testing.T) {
	t.Parallel()
	sum := request(func() { work(tracer(samplers["unsampled"])) })
	keys := map[string]bool{}
	for _, f := range sum.Fields() {
		keys[f.Key] = true
	}
	for _, a := range sum.Attributes() {
		if !keys[string(a.Key)] {
			t.Errorf("%s is an attribute and no field", a.Key)
		}
	}
	if len(keys) != len(wanted) {
		t.Errorf("the fields are %v, want those of %v", keys, wanted)
	}
}
