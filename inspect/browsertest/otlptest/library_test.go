// SPDX-License-Identifier: Apache-2.0

package otlptest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// observe makes a span of every piece of bound work, as an application does that wants to see it.
func observe(tracer trace.Tracer) (stop func()) {
	var spans sync.Map // by task id
	return store.Observe(store.Observer{
		Start: func(t store.Task) {
			_, span := tracer.Start(context.Background(), "bound work", trace.WithAttributes(attribute.String("asynclocal.task.kind", t.Kind)))
			spans.Store(t.ID, span)
		},
		End: func(t store.Task) {
			if span, ok := spans.LoadAndDelete(t.ID); ok {
				span.(trace.Span).End()
			}
		},
	})
}

// A request of this module's own making: its goroutines, its bound work and the lines its flight
// recorder kept, told apart on the other side.
func TestWhatThisModuleExports(t *testing.T) {
	if !store.Ambient() {
		t.Skip("bare goroutines are not followed")
	}
	url := serve(t)
	te, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(url+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	le, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL(url+"/v1/logs"))
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t, te, le)
	tracer := tracing.Wrap(a.traces).Tracer("app")
	core, err := zapcore.NewIncreaseLevelCore(otelzap.NewCore("app", otelzap.WithLoggerProvider(a.logs)), zap.InfoLevel)
	if err != nil {
		t.Fatal(err)
	}
	logger := zap.New(core, logging.Correlate(logging.WithContext(), logging.WithFlightRecorder(zap.DebugLevel, 100)))
	defer observe(tracer)()

	var wg sync.WaitGroup
	answered := make(chan struct{})
	req := store.NewRequest("own-1")
	ctx, span := tracing.StartRequest(t.Context(), tracer, req, "POST /orders", trace.WithSpanKind(trace.SpanKindServer))
	req.Run(ctx, func(ctx context.Context) {
		logger.Debug("kept by the recorder")
		wg.Add(2)
		store.Go(func() {
			defer wg.Done()
			logger.Info("bound work")
		})
		go func() {
			defer wg.Done()
			_, s := tracer.Start(context.Background(), "refresh cache")
			<-answered
			logger.Info("bare goroutine")
			s.End()
		}()
		time.Sleep(10 * time.Millisecond) // the work of the request
		logging.Complete(ctx, logging.Outcome{Failed: true})
		logger.Error("request completed")
		span.End()
	})
	close(answered)
	wg.Wait()
	a.shutdown(t)

	v := own(t, url+"/api/requests/own-1")
	var work, recorded []string
	for _, k := range v.Tasks {
		work = append(work, strings.Repeat(".", k.Depth)+k.Kind+" "+k.Name)
	}
	slices.Sort(work[1:])
	if got := strings.Join(work, "; "); got != "request POST /orders; .go bound work; .goroutine refresh cache" {
		t.Errorf("work: %s", got)
	}
	for _, l := range v.Logs {
		if l.Recorded {
			recorded = append(recorded, l.Body)
		}
	}
	if len(v.Logs) != 4 || strings.Join(recorded, "; ") != "kept by the recorder" {
		t.Errorf("%d lines, recorded: %q", len(v.Logs), recorded)
	}
}

type ownView struct {
	Tasks []struct {
		Kind  string `json:"kind"`
		Name  string `json:"name"`
		Depth int    `json:"depth"`
	} `json:"tasks"`
	Logs []struct {
		Body     string `json:"body"`
		Recorded bool   `json:"recorded"`
	} `json:"logs"`
}

func own(t *testing.T, url string) (v ownView) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
