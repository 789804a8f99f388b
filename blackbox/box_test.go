// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/blackbox"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func bg() context.Context { return context.Background() }

// process has what a process has: a provider, the box and what it exports.
type process struct {
	box      *blackbox.Box
	provider *sdktrace.TracerProvider
	exported *tracetest.InMemoryExporter
}

func newProcess(t testing.TB, base sdktrace.Sampler, opts ...blackbox.Option) *process {
	t.Helper()
	p := &process{exported: tracetest.NewInMemoryExporter()}
	p.box = blackbox.New(sdktrace.NewSimpleSpanProcessor(p.exported), opts...)
	p.provider = sdktrace.NewTracerProvider(sdktrace.WithSampler(p.box.Sampler(base)), sdktrace.WithSpanProcessor(p.box))
	t.Cleanup(func() { _ = p.provider.Shutdown(bg()) })
	return p
}

func (p *process) tracer() trace.Tracer { return tracing.Wrap(p.provider).Tracer("test") }

// request runs f in a request with a server's span, as a middleware does.
func (p *process) request(f func(ctx context.Context, s trace.Span)) {
	r := store.NewRequest("")
	ctx, s := tracing.StartRequest(bg(), p.tracer(), r, "GET /", trace.WithSpanKind(trace.SpanKindServer))
	r.Run(ctx, func(ctx context.Context) {
		defer s.End()
		_, child := p.tracer().Start(ctx, "child")
		child.End()
		f(ctx, s)
	})
}

// names are those of the exported spans, in the order of their ends.
func (p *process) names() (names []string) {
	for _, s := range p.exported.GetSpans() {
		names = append(names, s.Name)
	}
	return names
}

func (p *process) reason() string {
	for _, s := range p.exported.GetSpans() {
		for _, a := range s.Attributes {
			if a.Key == blackbox.ReasonKey {
				return a.Value.AsString()
			}
		}
	}
	return ""
}

func TestARequestIsExportedForAReason(t *testing.T) {
	t.Parallel()
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{}), zapcore.AddSync(discard{}), zap.InfoLevel),
		logging.Correlate(logging.WithLevel(func(r *store.Request) (zapcore.Level, bool) { return zap.DebugLevel, r.ID() == "wanted" })))
	whole := []string{"child", "GET /"}
	tests := []struct {
		name   string
		base   sdktrace.Sampler
		opts   []blackbox.Option
		do     func(p *process)
		want   []string
		reason string
	}{
		{"not if it goes well", nil, nil, func(p *process) { p.request(func(context.Context, trace.Span) {}) }, nil, ""},
		{"its span has the status Error", nil, nil, func(p *process) {
			p.request(func(_ context.Context, s trace.Span) { s.SetStatus(codes.Error, "no") })
		}, whole, blackbox.ReasonFailed},
		{"not if only a child has it", nil, nil, func(p *process) {
			p.request(func(ctx context.Context, _ trace.Span) {
				_, s := p.tracer().Start(ctx, "handled")
				s.SetStatus(codes.Error, "no")
				s.End()
			})
		}, nil, ""},
		{"it is slow", nil, []blackbox.Option{blackbox.WithSlowThreshold(time.Second)}, func(p *process) {
			begin := time.Now()
			_, s := p.tracer().Start(bg(), "slow", trace.WithTimestamp(begin))
			s.End(trace.WithTimestamp(begin.Add(time.Second)))
		}, []string{"slow"}, blackbox.ReasonSlow},
		{"not if it is nearly slow", nil, []blackbox.Option{blackbox.WithSlowThreshold(time.Second)}, func(p *process) {
			begin := time.Now()
			_, s := p.tracer().Start(bg(), "slow", trace.WithTimestamp(begin))
			s.End(trace.WithTimestamp(begin.Add(time.Second - 1)))
		}, nil, ""},
		{"it logs an error, without a ctx", nil, nil, func(p *process) {
			p.request(func(context.Context, trace.Span) { logger.Error("lost a shoe") })
		}, whole, blackbox.ReasonLogged},
		{"not if it logs a warning", nil, nil, func(p *process) {
			p.request(func(context.Context, trace.Span) { logger.Warn("lost a shoe") })
		}, nil, ""},
		{"not for an error line that is not to count", nil, []blackbox.Option{blackbox.WithoutErrorLines()}, func(p *process) {
			p.request(func(context.Context, trace.Span) { logger.Error("lost a shoe") })
		}, nil, ""},
		{"who served it says that it failed", nil, nil, func(p *process) {
			p.request(func(ctx context.Context, _ trace.Span) { logging.Complete(ctx, logging.Outcome{Failed: true}) })
		}, whole, blackbox.ReasonFailed},
		{"the level rule asks for it", nil, nil, func(p *process) {
			r := store.NewRequest("wanted")
			ctx, s := tracing.StartRequest(bg(), p.tracer(), r, "GET /")
			r.Run(ctx, func(context.Context) {
				logger.Debug("seen")
				s.End()
			})
		}, []string{"GET /"}, blackbox.ReasonAsked},
		{"code below asks for it, without a ctx", nil, nil, func(p *process) {
			p.request(func(context.Context, trace.Span) { p.box.ExportFrom(nil) })
		}, whole, blackbox.ReasonAsked},
		{"a rule asks for it", nil, []blackbox.Option{blackbox.WithRule(func(s sdktrace.ReadOnlySpan) bool { return s.Name() == "GET /" })}, func(p *process) {
			p.request(func(context.Context, trace.Span) {})
		}, whole, blackbox.ReasonAsked},
		{"head sampling takes it", sdktrace.AlwaysSample(), nil, func(p *process) { p.request(func(context.Context, trace.Span) {}) }, whole, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !store.Ambient() && slices.Contains([]string{blackbox.ReasonLogged, blackbox.ReasonAsked}, tt.reason) && tt.opts == nil {
				t.Skip("what has no ctx has no span without the ambient half")
			}
			p := newProcess(t, tt.base, tt.opts...)
			tt.do(p)
			if got := p.names(); !slices.Equal(got, tt.want) {
				t.Errorf("exported %q, want %q", got, tt.want)
			}
			if got := p.reason(); got != tt.reason {
				t.Errorf("exported because %q, want %q", got, tt.reason)
			}
			if got := p.box.Stats().Held; got != 0 {
				t.Errorf("%d spans are held at the end", got)
			}
		})
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func TestWhatIsExportedIsSampled(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil)
	p.request(func(_ context.Context, s trace.Span) { s.SetStatus(codes.Error, "no") })
	for _, s := range p.exported.GetSpans() {
		if !s.SpanContext.IsSampled() || s.Parent.IsValid() && !s.Parent.IsSampled() {
			t.Errorf("%s: flags %v, its parent's %v", s.Name, s.SpanContext.TraceFlags(), s.Parent.TraceFlags())
		}
	}
}

func TestASpanThatEndsLateGoesTheWayOfItsRequest(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		p := newProcess(t, nil)
		var late trace.Span
		p.request(func(ctx context.Context, s trace.Span) {
			_, late = p.tracer().Start(ctx, "late")
			if fails {
				s.SetStatus(codes.Error, "no")
			}
		})
		late.End()
		if got := slices.Contains(p.names(), "late"); got != fails {
			t.Errorf("the request failed: %v, the late span is exported: %v", fails, got)
		}
		if s := p.box.Stats(); s.Held != 0 || fails == (s.Dropped > 0) {
			t.Errorf("the request failed: %v, %+v", fails, s)
		}
	}
}

func TestATraceWithTwoRequestsInOneProcessIsOne(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil)
	ctx, outer := p.tracer().Start(bg(), "outer")
	remote := trace.ContextWithRemoteSpanContext(bg(), outer.SpanContext())
	_, inner := p.tracer().Start(remote, "inner")
	inner.End() // well, but the trace goes on
	_ = ctx
	outer.SetStatus(codes.Error, "no")
	outer.End()
	if got, want := p.names(), []string{"inner", "outer"}; !slices.Equal(got, want) {
		t.Errorf("exported %q, want %q", got, want)
	}
}

func TestShutdownExportsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil)
	p.request(func(context.Context, trace.Span) {})
	ctx, s := p.tracer().Start(bg(), "under way")
	_, child := p.tracer().Start(ctx, "done")
	child.End()
	exporter := &names{}
	q := blackbox.New(sdktrace.NewSimpleSpanProcessor(exporter))
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(q.Sampler(nil)), sdktrace.WithSpanProcessor(q))
	ctx, under := provider.Tracer("x").Start(bg(), "under way")
	_, done := provider.Tracer("x").Start(ctx, "done")
	done.End()
	_, well := provider.Tracer("x").Start(bg(), "well")
	well.End()
	if err := provider.Shutdown(bg()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"done"}; !slices.Equal(exporter.names, want) {
		t.Errorf("exported %q, want %q", exporter.names, want)
	}
	under.End()
	s.End()
}

type names struct{ names []string }

func (e *names) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, s := range spans {
		e.names = append(e.names, s.Name())
	}
	return nil
}
func (*names) Shutdown(context.Context) error { return nil }

func TestAPanicThatEndsTheProcessLosesNothing(t *testing.T) {
	t.Parallel()
	exporter := &names{}
	box := blackbox.New(sdktrace.NewBatchSpanProcessor(exporter, sdktrace.WithBatchTimeout(time.Hour)))
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(box.Sampler(nil)), sdktrace.WithSpanProcessor(box))
	func() {
		defer func() { _ = recover() }() // what the runtime does is end the process
		defer func() { _ = provider.Shutdown(bg()) }()
		tracer := tracing.Wrap(provider).Tracer("x")
		ctx, s := tracer.Start(bg(), "request")
		defer s.End()
		_, query := tracer.Start(ctx, "query")
		query.End()
		panic("out of everything")
	}()
	if !slices.Contains(exporter.names, "query") {
		t.Errorf("exported %q, want the query", exporter.names)
	}
}

func TestTheBoundsHold(t *testing.T) {
	t.Parallel()
	t.Run("of one request, whose own span is always there", func(t *testing.T) {
		t.Parallel()
		p := newProcess(t, nil, blackbox.WithSpanLimit(3))
		ctx, s := p.tracer().Start(bg(), "request")
		for range 10 {
			_, c := p.tracer().Start(ctx, "child")
			c.End()
		}
		s.SetStatus(codes.Error, "no")
		s.End()
		spans := p.exported.GetSpans()
		if got, want := p.names(), []string{"child", "child", "child", "request"}; !slices.Equal(got, want) {
			t.Errorf("exported %q, want %q", got, want)
		}
		if want := blackbox.LostKey.Int(7); !slices.Contains(spans[len(spans)-1].Attributes, want) {
			t.Errorf("the request's span has %v, want %v", spans[len(spans)-1].Attributes, want)
		}
	})
	t.Run("of all, and a request that made room still says that it failed", func(t *testing.T) {
		t.Parallel()
		p := newProcess(t, nil, blackbox.WithLimit(1000))
		var open []trace.Span
		for range 2000 {
			ctx, s := p.provider.Tracer("test").Start(bg(), "request")
			_, c := p.provider.Tracer("test").Start(ctx, "child")
			c.End()
			open = append(open, s)
		}
		if held := p.box.Stats().Held; held > 1000 {
			t.Errorf("%d spans are held, want at most 1000", held)
		}
		for _, s := range open {
			s.SetStatus(codes.Error, "no")
			s.End()
		}
		requests := 0
		for _, n := range p.names() {
			if n == "request" {
				requests++
			}
		}
		if s := p.box.Stats(); requests != 2000 || s.Evicted < 1000 || s.Held != 0 {
			t.Errorf("%d requests exported, want 2000; %+v", requests, s)
		}
	})
}

func TestSpansEndOnManyGoroutines(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil)
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for n := range 10 {
				p.request(func(ctx context.Context, s trace.Span) {
					var inner sync.WaitGroup
					for range 4 {
						inner.Go(func() {
							_, c := p.tracer().Start(ctx, "parallel", trace.WithAttributes(attribute.Int("i", i)))
							c.End()
						})
					}
					inner.Wait()
					if n == 7 {
						s.RecordError(errors.New("no"))
						s.SetStatus(codes.Error, "no")
					}
				})
			}
		})
	}
	all.Wait()
	if got, want := len(p.exported.GetSpans()), 64*6; got != want {
		t.Errorf("%d spans exported, want %d", got, want)
	}
	if s := p.box.Stats(); s.Exported != 64 || s.Held != 0 || s.Dropped != 64*9*6 {
		t.Errorf("%+v", s)
	}
}
