// SPDX-License-Identifier: Apache-2.0

package ginmiddleware_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// A gin.Context is a context, which carries the request's if the engine says so; where it
// does not, and in a copy too, the request is found as without a context.
func TestAGinContextIsAContext(t *testing.T) {
	t.Parallel()
	for name, fallback := range map[string]bool{"with the fallback": true, "without": false} {
		for who, run := range map[string]func(c *gin.Context, f func(context.Context)){
			"in the handler": func(c *gin.Context, f func(context.Context)) { f(c) },
			"in a goroutine, by a copy": func(c *gin.Context, f func(context.Context)) {
				cp, done := c.Copy(), make(chan struct{})
				go func() { defer close(done); f(cp) }()
				<-done
			},
			"in a goroutine, by the copy's request": func(c *gin.Context, f func(context.Context)) {
				cp, done := c.Copy(), make(chan struct{})
				go func() { defer close(done); f(cp.Request.Context()) }()
				<-done
			},
		} {
			t.Run(name+" "+who, func(t *testing.T) {
				t.Parallel()
				tel := servertest.NewTelemetry()
				e := gin.New()
				e.ContextWithFallback = fallback
				e.Use(ours(tel))
				carried := fallback || store.Ambient() || who == "in a goroutine, by the copy's request"
				e.GET("/orders/:id", func(c *gin.Context) {
					run(c, func(ctx context.Context) {
						if r, ok := store.CurrentFrom(ctx); ok != carried || ok && r.ID() != "abc" {
							t.Errorf("the request is %v %q", ok, r.ID())
						}
						tel.Logger.Info("with ctx", logging.Ctx(ctx))
						_, span := tracing.Wrap(tel.Tracer).Tracer("test").Start(ctx, "inner")
						span.End()
					})
				})
				r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
				r.Header.Set("X-Request-Id", "abc")
				e.ServeHTTP(httptest.NewRecorder(), r)
				checkInner(t, tel, carried)
			})
		}
	}
}

func checkInner(t *testing.T, tel *servertest.Telemetry, carried bool) {
	t.Helper()
	spans := tel.Ended(t, 2)
	if got := spans[0].Parent().SpanID() == spans[1].SpanContext().SpanID(); got != carried {
		t.Errorf("%q is under %v, want %v", spans[0].Name(), spans[0].Parent().SpanID(), spans[1].SpanContext().SpanID())
	}
	if l := tel.Lines(t, "with ctx")[0]; (l["request_id"] == "abc") != carried {
		t.Errorf("the line is %v", l)
	}
}

// A goroutine with a copy may outlive its handler, and Gin's use of the gin.Context for
// another request.
func TestACopyOutlivesItsHandler(t *testing.T) {
	t.Parallel()
	tel := servertest.NewTelemetry()
	e := gin.New()
	e.Use(ours(tel))
	over, found := make(chan struct{}), make(chan string, 2)
	e.GET("/:id", func(c *gin.Context) {
		cp := c.Copy()
		go func() {
			<-over
			r, _ := store.CurrentFrom(cp.Request.Context())
			found <- r.ID() + " " + cp.Param("id") + " " + cp.FullPath()
		}()
		c.Status(http.StatusAccepted)
	})
	for _, id := range []string{"a", "b"} {
		r := httptest.NewRequest(http.MethodGet, "/"+id, nil)
		r.Header.Set("X-Request-Id", id)
		e.ServeHTTP(httptest.NewRecorder(), r)
	}
	close(over)
	got := map[string]bool{<-found: true, <-found: true}
	if !got["a a /:id"] || !got["b b /:id"] {
		t.Errorf("the copies are of %v", got)
	}
	tel.Ended(t, 2)
}

// What Gin has pooled is used again: nothing of a request is in the next one's writer.
func TestAContextThatIsUsedAgain(t *testing.T) {
	t.Parallel()
	tel := servertest.NewTelemetry()
	e := gin.New()
	e.Use(ours(tel))
	e.GET("/fails", func(c *gin.Context) { _ = c.Error(servertest.ErrPlain) }) // and waits for an answer
	e.GET("/", func(c *gin.Context) {
		if trace.SpanContextFromContext(c.Request.Context()).IsValid() != true {
			t.Error("no span")
		}
		c.String(http.StatusCreated, "fine")
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 100 {
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/fails", nil))
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code != http.StatusCreated || w.Body.String() != "fine" {
			t.Fatalf("answered %d %q", w.Code, w.Body)
		}
	}
	cancel()
	created := 0
	for _, span := range tel.Ended(t, 200) {
		if servertest.Map(span.Attributes())["http.response.status_code"] == int64(http.StatusCreated) {
			created++
		}
	}
	if created != 100 {
		t.Errorf("%d of 100 answers are recorded", created)
	}
}
