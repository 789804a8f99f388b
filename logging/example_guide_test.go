// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package logging_test

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// checkout is an application's code: it has a logger, and no ctx.
func checkout(logger *zap.Logger, user string, amount int) error {
	logging.Add(zap.String("user", user))
	logger.Debug("reserving stock")
	done := make(chan struct{})
	go func() { // an audit line, by a library
		defer close(done)
		logger.Info("audited", zap.Int("amount", amount))
	}()
	<-done
	if amount > 100 {
		return errors.New("card declined")
	}
	return nil
}

// serve is what middleware does for an application.
func serve(logger *zap.Logger, id, user string, amount int) {
	store.NewRequest(id).Run(context.Background(), func(ctx context.Context) {
		err := checkout(logger, user, amount)
		logging.Complete(ctx, logging.Outcome{Failed: err != nil})
		logger.Info("request completed", zap.Error(err))
	})
}

func Example_before() {
	logger := zap.New(plainCore(zap.InfoLevel))
	serve(logger, "r-1", "ann", 40)
	serve(logger, "r-2", "bob", 400)
	// Output:
	// {"level":"info","msg":"audited","amount":40}
	// {"level":"info","msg":"request completed"}
	// {"level":"info","msg":"audited","amount":400}
	// {"level":"info","msg":"request completed","error":"card declined"}
}

func Example_after() {
	logger := zap.New(plainCore(zap.InfoLevel), logging.Correlate(
		logging.WithFlightRecorder(zap.DebugLevel, 200), logging.WithSlowThreshold(time.Second)))
	serve(logger, "r-1", "ann", 40)
	serve(logger, "r-2", "bob", 400)
	// Output:
	// {"level":"info","msg":"audited","request_id":"r-1","user":"ann","amount":40}
	// {"level":"info","msg":"request completed","request_id":"r-1","user":"ann"}
	// {"level":"info","msg":"audited","request_id":"r-2","user":"bob","amount":400}
	// {"level":"debug","msg":"reserving stock","log_recorded":true,"request_id":"r-2","user":"bob"}
	// {"level":"info","msg":"request completed","request_id":"r-2","user":"bob","error":"card declined"}
}

func ExampleWithScheme() {
	for _, scheme := range []logging.Scheme{
		logging.OTel(),
		logging.ECS(),
		logging.GCP("my-project"),
		logging.Datadog(),
		logging.Custom(logging.Keys{RequestID: "rid", TraceID: "tid"}),
	} {
		logger := zap.New(plainCore(zap.InfoLevel), logging.Correlate(logging.WithScheme(scheme)))
		store.NewRequest("r-1").Run(aSpan(), func(context.Context) { logger.Info("paid") })
	}
	// Output:
	// {"level":"info","msg":"paid","request_id":"r-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01"}
	// {"level":"info","msg":"paid","http.request.id":"r-1","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","span.id":"00f067aa0ba902b7"}
	// {"level":"info","msg":"paid","request_id":"r-1","logging.googleapis.com/trace":"projects/my-project/traces/4bf92f3577b34da6a3ce929d0e0e4736","logging.googleapis.com/spanId":"00f067aa0ba902b7","logging.googleapis.com/trace_sampled":true}
	// {"level":"info","msg":"paid","request_id":"r-1","dd.trace_id":"11803532876627986230","dd.span_id":"67667974448284343"}
	// {"level":"info","msg":"paid","rid":"r-1","tid":"4bf92f3577b34da6a3ce929d0e0e4736"}
}

func ExampleAdd() {
	logger := zap.New(plainCore(zap.InfoLevel), logging.Correlate())
	handler := func() {
		logging.Add(zap.String("user", "ann"), zap.String("plan", "free"))
		logging.Add(zap.String("plan", "trial"))
		logger.Info("by the request")
		logger.Info("by hand", zap.String("plan", "line"))
	}
	store.NewRequest("r-1").Run(context.Background(), func(context.Context) { handler() })
	// Output:
	// {"level":"info","msg":"by the request","request_id":"r-1","user":"ann","plan":"trial"}
	// {"level":"info","msg":"by hand","request_id":"r-1","user":"ann","plan":"line"}
}

func ExampleSetLevel() {
	logger := zap.New(plainCore(zap.InfoLevel), logging.Correlate())
	handle := func(ctx context.Context, r *http.Request) {
		if l, ok := logging.ParseLevel("the-secret", r.Header.Get("X-Log-Level")); ok {
			logging.SetLevel(ctx, l)
		}
		logger.Debug("only for who asks")
	}
	for _, asks := range []string{"", "debug;a guess", "debug;the-secret"} {
		r := &http.Request{Header: http.Header{"X-Log-Level": {asks}}}
		store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) { handle(ctx, r) })
	}
	// Output:
	// {"level":"debug","msg":"only for who asks","request_id":"r-1"}
}

func ExampleWithLevel() {
	logger := zap.New(plainCore(zap.InfoLevel), logging.Correlate(
		logging.WithLevel(func(r *store.Request) (zapcore.Level, bool) {
			return zap.WarnLevel, r.Name() == "GET /healthz"
		})))
	for _, route := range []string{"GET /healthz", "GET /orders/:id"} {
		r := store.NewRequest("")
		r.SetName(route)
		r.Run(context.Background(), func(context.Context) { logger.Info(route, zap.String("request_id", "…")) })
	}
	// Output:
	// {"level":"info","msg":"GET /orders/:id","request_id":"…"}
}

func ExampleWithRedaction() {
	logger := zap.New(plainCore(zap.InfoLevel), logging.Correlate(
		logging.WithRedaction(redact.WithKeys("password", "card"), redact.WithAllowed("Accept"))))
	header := http.Header{"Authorization": {"Bearer 1234"}, "Accept": {"text/html"}}
	logger.Info("login", zap.String("password", "hunter2"), zap.Any("headers", header),
		zap.Any("body", map[string]any{"card": "4111", "item": "book"}))
	// Output:
	// {"level":"info","msg":"login","password":"REDACTED","headers":{"Accept":["text/html"]},"body":{"card":"REDACTED","item":"book"}}
}

func ExampleNewHandler() {
	handler := logging.NewHandler(slog.NewJSONHandler(os.Stdout, withoutTime))
	logger := slog.New(handler)
	old := slog.NewLogLogger(handler, slog.LevelInfo) // what the log package is given
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logger.Info("from slog", "item", "book")
		logAsBefore(old)
	})
	// Output:
	// {"level":"INFO","msg":"from slog","request_id":"r-1","item":"book"}
	// {"level":"INFO","msg":"from a library of 2012","request_id":"r-1"}
}

func logAsBefore(l *log.Logger) { l.Println("from a library of 2012") }
