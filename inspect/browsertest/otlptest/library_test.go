// SPDX-License-Identifier: Apache-2.0

package otlptest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

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
	tracer := tracing.Wrap(a.traces, tracing.WithGoroutines()).Tracer("app")
	core, err := zapcore.NewIncreaseLevelCore(otelzap.NewCore("app", otelzap.WithLoggerProvider(a.logs)), zap.InfoLevel)
	if err != nil {
		t.Fatal(err)
	}
	logger := zap.New(core, logging.Correlate(logging.WithContext(), logging.WithGoroutines(), logging.WithFlightRecorder(zap.DebugLevel, 100)))
	defer tracing.TraceTasks()()

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
			refresh(tracer)
			<-answered
			logger.Info("bare goroutine, after the request")
		}()
		done := make(chan struct{})
		go audit(logger, done)
		<-done
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
		work = append(work, fmt.Sprintf("%s%s %s %d/%d", strings.Repeat(".", k.Depth), k.Kind, k.Name, k.Spans, k.Logs))
	}
	slices.Sort(work[1:])
	const in = "otlptest_test.TestWhatThisModuleExports.func1"
	want := []string{"request POST /orders 1/2", ".go " + in + ".1 1/1", ".goroutine " + in + ".2 1/1", ".goroutine otlptest_test.audit 0/1"}
	if !slices.Equal(work, want) {
		t.Errorf("work:\n%s\nwant\n%s", strings.Join(work, "\n"), strings.Join(want, "\n"))
	}
	for _, l := range v.Logs {
		if l.Recorded {
			recorded = append(recorded, l.Body)
		}
	}
	if len(v.Logs) != 5 || strings.Join(recorded, "; ") != "kept by the recorder" {
		t.Errorf("%d lines, recorded: %q", len(v.Logs), recorded)
	}
}

// refresh makes a span which is over before the request is.
func refresh(tracer trace.Tracer) {
	_, s := tracer.Start(context.Background(), "refresh cache")
	s.End()
}

// audit only logs, and the request waits for it.
func audit(logger *zap.Logger, done chan<- struct{}) {
	defer close(done)
	logger.Info("bare goroutine, in the request")
}

type ownView struct {
	Tasks []struct {
		Kind  string `json:"kind"`
		Name  string `json:"name"`
		Depth int    `json:"depth"`
		Spans int    `json:"spans"`
		Logs  int    `json:"logs"`
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
