// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// shown prints what the page would show of a request.
func shown(insp *inspect.Inspector, id string) {
	r := httptest.NewRequest(http.MethodGet, "/inspect/api/requests/"+id, nil)
	r.Header.Set("Authorization", "Bearer "+insp.Token())
	w := httptest.NewRecorder()
	insp.ServeHTTP(w, r)
	var found struct {
		Spans []struct{ Name string }
		Logs  []struct{ Body, Severity string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil {
		panic(err)
	}
	fmt.Println(found.Spans, found.Logs)
}

// The spans and the lines of this process, with no exporter between.
func ExampleInspector_SpanExporter() {
	console := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel)

	insp := inspect.New()
	defer insp.Close()
	sdk := sdktrace.NewTracerProvider(sdktrace.WithBatcher(insp.SpanExporter(), sdktrace.WithBatchTimeout(200*time.Millisecond)))
	logger := zap.New(zapcore.NewTee(console, insp.ZapCore(nil, zap.InfoLevel)), logging.Correlate())
	tracer := tracing.Wrap(sdk).Tracer("shop")

	req := store.NewRequest("order-7")
	ctx, span := tracing.StartRequest(context.Background(), tracer, req, "GET /orders/:id", trace.WithSpanKind(trace.SpanKindServer))
	req.Run(ctx, func(ctx context.Context) { logger.Info("loading", logging.Ctx(ctx)) })
	span.End()

	_ = sdk.Shutdown(context.Background())
	shown(insp, "order-7")
	// Output: [{GET /orders/:id}] [{loading info}]
}

func ExampleInspector_SlogHandler() {
	console := slog.NewJSONHandler(io.Discard, nil)

	insp := inspect.New()
	defer insp.Close()
	logger := slog.New(logging.NewHandler(slog.NewMultiHandler(console, insp.SlogHandler(nil, slog.LevelInfo))))

	store.NewRequest("order-7").Run(context.Background(), func(ctx context.Context) {
		logger.InfoContext(ctx, "loading")
	})
	shown(insp, "order-7")
	// Output: [] [{loading INFO}]
}
