// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// answersPanics answers panics, as routers' middleware does.
func answersPanics(report func(*http.Request, any)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if value := recover(); value != nil {
					report(r, value)
					w.WriteHeader(http.StatusInternalServerError)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// A panic that is answered inside of the middleware is told: with its value by who
// reports it, and with its stack in any case.
func TestAPanicIsToldThatIsAnsweredInside(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		report     func(*http.Request, any)
		said, kind string
	}{
		"reported": {func(r *http.Request, value any) {
			nethttp.Report(r.Context(), value.(error))
		}, "plain", "*errors.errorString"},
		"reported as another error": {func(r *http.Request, value any) {
			nethttp.Report(r.Context(), fmt.Errorf("a panic: %w", value.(error)))
		}, "a panic: plain", "*errors.errorString"},
		"not reported": {func(*http.Request, any) {}, "a panic that was recovered inside of the middleware", "500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry()
			s := servertest.Serve(t, tel.wrap(answersPanics(tt.report)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(servertest.ErrPlain) }))))
			if got := servertest.Get(t, s, "/"); got.Status != http.StatusInternalServerError {
				t.Errorf("answered %d", got.Status)
			}
			span := tel.Ended(t, 1)[0]
			line := tel.Lines(t, "request completed")[0]
			if stack, _ := line["stack"].(string); line["error"] != tt.said || !strings.Contains(stack, "report_test.go") {
				t.Errorf("the completion line is %v", line)
			}
			if servertest.Map(span.Attributes())["error.type"] != tt.kind || span.Status().Code != codes.Error || len(span.Events()) != 1 {
				t.Errorf("the span has %v, %v", span.Attributes(), span.Events())
			}
		})
	}
}

// An error that is no panic's is told by who reports it, and does not change whose
// fault the answer is.
func TestAnErrorIsToldThatIsAnsweredInside(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	s := servertest.Serve(t, tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nethttp.Report(r.Context(), servertest.ErrPlain)
		nethttp.Report(r.Context(), errors.New("another"))
		nethttp.Report(r.Context(), nil)
		w.WriteHeader(http.StatusConflict)
	})))
	servertest.Get(t, s, "/")
	tel.Ended(t, 1)
	if line := tel.Lines(t, "request completed")[0]; line["error"] != "plain" || line["level"] != "warn" || line["stack"] != nil {
		t.Errorf("the completion line is %v", line)
	}
	nethttp.Report(context.Background(), servertest.ErrPlain) // no request is there to be told
}
