// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/report"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// kinds are those that were found, each with its count.
func kinds() map[string]int {
	all := map[string]int{}
	for _, f := range doctor.Findings() {
		all[f.Kind] += f.Count
	}
	return all
}

func TestWhatIsRightIsNoFinding(t *testing.T) {
	needAmbient(t)
	stop := doctor.Start()
	t.Cleanup(stop)
	l := logger()
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("shop")
	elsewhere(func() { l.Info("starting") }) // before the first request
	inRequest("r-1", func(ctx context.Context) {
		l.Info("in a request")
		l.Info("in it, with its ctx", logging.Ctx(ctx))
		_, span := tracer.Start(ctx, "load")
		span.End()
		var wg sync.WaitGroup
		wg.Go(func() { l.Info("on its goroutine") })
		done := make(chan struct{})
		store.AfterFunc(0, func() { l.Info("in its timer"); close(done) })
		<-done
		wg.Wait()
		store.Exit(func() { wg.Go(func() { l.Info("a refresher's, which says so") }) })
		wg.Wait()
	})
	tenant := store.New("tenant", "")
	elsewhere(func() {
		tenant.Run("acme", func() { l.Info("in a context of its own") })
		store.Snapshot{}.Run(func() { l.Info("bound, to nothing") })
		_, span := tracer.Start(context.Background(), "consume", trace.WithSpanKind(trace.SpanKindConsumer))
		span.End()
		_, span = tracer.Start(context.Background(), "sweep", trace.WithNewRoot())
		span.End()
	})
	if got := doctor.Findings(); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
}

func TestAPlaceIsReportedOnceAndCounted(t *testing.T) {
	needAmbient(t)
	core, lines := observer.New(zap.InfoLevel)
	var told []doctor.Finding
	var text bytes.Buffer
	stop := start(t, doctor.WithLogger(zap.New(core, logging.Correlate())), doctor.WithReporter(func(f doctor.Finding) { told = append(told, f) }),
		doctor.WithHandler(logging.NewHandler(slog.NewTextHandler(&text, nil))))
	l := logger()
	for range 5 {
		elsewhere(func() { l.Info("lost") })
	}
	stop()
	found := doctor.Findings()
	if len(found) != 1 || found[0].Count != 5 || found[0].Kind != "orphan-line" || found[0].Cure == "" {
		t.Fatalf("found %+v", found)
	}
	file, line, _ := report.Place(found[0].Where)
	created, _, ok := report.Place(found[0].CreatedBy)
	if !strings.HasSuffix(file, "doctor_test.go") || line == 0 || !ok || !strings.HasSuffix(created, "main_test.go") {
		t.Errorf("it is at %s, created by %s", found[0].Where, found[0].CreatedBy)
	}
	if len(told) != 1 || told[0].Where != found[0].Where {
		t.Errorf("was told %+v", told)
	}
	if lines.Len() != 1 || lines.All()[0].ContextMap()["where"] != found[0].Where || lines.All()[0].Level != zap.WarnLevel {
		t.Errorf("wrote %+v", lines.All())
	}
	if !strings.Contains(text.String(), found[0].Where) || strings.Count(text.String(), "\n") != 1 {
		t.Errorf("slog wrote %q", text.String())
	}
	elsewhere(func() { l.Info("lost") })
	if again := doctor.Findings(); len(again) != 1 {
		t.Errorf("found more after stop: %+v", again)
	}
}

func TestASpanThatIsLostIsFound(t *testing.T) {
	needAmbient(t)
	start(t)
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("shop")
	elsewhere(func() {
		_, span := tracer.Start(context.Background(), "load")
		span.End()
	})
	if got := kinds(); got["orphan-span"] != 1 || len(got) != 1 {
		t.Errorf("found %v", got)
	}
}

func TestACtxOfAnotherRequestIsFound(t *testing.T) {
	needAmbient(t)
	start(t)
	l := logger()
	inRequest("r-1", func(one context.Context) {
		inRequest("r-2", func(context.Context) { l.Info("mixed", logging.Ctx(one)) })
	})
	found := doctor.Findings()
	if len(found) != 1 || found[0].Kind != "foreign-ctx" || found[0].Request != "GET /orders/:id r-1, on a goroutine of GET /orders/:id r-2" {
		t.Errorf("found %+v", found)
	}
}

// The ctx of work that outlives its request is right where there is nothing else.
func TestACtxThatIsOverIsFoundOnceItHasExpired(t *testing.T) {
	needAmbient(t)
	start(t)
	l := logger()
	for want, linger := range []time.Duration{time.Hour, 0} { // in this order: findings stay
		var kept context.Context
		r := store.NewRequest("r-1")
		r.SetLinger(linger)
		r.Run(context.Background(), func(ctx context.Context) { kept = ctx })
		elsewhere(func() { l.Info("later", logging.Ctx(kept)) })
		if got := kinds(); got["ended-ctx"] != want {
			t.Errorf("with a linger of %v found %v, want %d", linger, got, want)
		}
	}
}

func TestALateReadIsFoundWithItsGoStatement(t *testing.T) {
	needAmbient(t)
	start(t)
	over, done := make(chan struct{}), make(chan struct{})
	r := store.NewRequest("r-1")
	r.SetLinger(0)
	r.Run(context.Background(), func(context.Context) {
		go func() {
			defer close(done)
			<-over
			store.Current()
		}()
	})
	close(over)
	<-done
	found := doctor.Findings()
	if len(found) != 1 || found[0].Kind != "read-after-end" || found[0].Request != "r-1" || !strings.Contains(found[0].CreatedBy, "doctor_test.go:") {
		t.Errorf("found %+v", found)
	}
}

func TestStartTwiceAndWhatIsNilPanicWithTheCure(t *testing.T) {
	start(t)
	for want, misuse := range map[string]func(){
		"doctor: Start while a doctor is on; call the stop of the other first": func() { doctor.Start() },
		"doctor: Start with a nil Option; leave it out":                        func() { doctor.Start(nil) },
		"doctor: WithLogger(nil); leave the option out for no lines":           func() { doctor.WithLogger(nil) },
		"doctor: WithHandler(nil); leave the option out for no lines":          func() { doctor.WithHandler(nil) },
		"doctor: WithReporter(nil); leave the option out":                      func() { doctor.WithReporter(nil) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %q, want %q", got, want)
				}
			}()
			misuse()
		}()
	}
}

func TestStopMayBeCalledAgainAndLeavesTheNextDoctorAlone(t *testing.T) {
	needAmbient(t)
	first := doctor.Start()
	first()
	start(t)
	first()
	l := logger()
	elsewhere(func() { l.Info("lost") })
	if got := kinds(); got["orphan-line"] != 1 {
		t.Errorf("found %v", got)
	}
}

func TestManyGoroutinesAreCountedToTheLast(t *testing.T) {
	needAmbient(t)
	stop := start(t, doctor.WithReporter(func(doctor.Finding) { runtime.Gosched() }))
	l := logger()
	const goroutines, lines = 8, 50
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range lines {
				l.Info("lost")
				_ = doctor.Findings()
			}
		})
	}
	wg.Wait()
	stop()
	if got := kinds(); got["orphan-line"] != goroutines*lines {
		t.Errorf("counted %v, want %d", got, goroutines*lines)
	}
}

func TestTheDefaultTransportIsGivenBack(t *testing.T) {
	transport := http.DefaultTransport.(*http.Transport)
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	get := func() {
		inRequest("r-1", func(ctx context.Context) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := (&http.Client{Transport: transport.Clone()}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
		})
	}
	stop := start(t, doctor.WithDefaultTransport())
	get()
	stop()
	get()
	found := doctor.Findings()
	if n := len(found); n == 0 || found[n-1].Kind != "client-not-injecting" || found[n-1].Count != 1 {
		t.Errorf("found %+v", found)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestThePageShowsWhatWasFoundAsTextAndAsAReport(t *testing.T) {
	needAmbient(t)
	start(t)
	l := logger()
	inRequest("<script>alert(1)</script>", func(one context.Context) {
		inRequest("r-2", func(context.Context) { l.Info("mixed", logging.Ctx(one)) })
	})
	ask := func(method, target string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		doctor.Handler().ServeHTTP(w, httptest.NewRequest(method, target, nil))
		return w
	}
	html := ask(http.MethodGet, "/doctor").Body.String()
	if !strings.Contains(html, "foreign-ctx") || !strings.Contains(html, "doctor_test.go:") || strings.Contains(html, "<script") {
		t.Errorf("the page is %s", html)
	}
	w := ask(http.MethodGet, "/doctor?format=json")
	r, err := report.Read(w.Body)
	if err != nil || len(r.Findings) != 1 || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("the report is %+v, %v", r, err)
	}
	if w := ask(http.MethodPost, "/doctor"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered with %d", w.Code)
	}
}

func TestAReportOfTheDoctorIsOneThatVetReads(t *testing.T) {
	start(t)
	var b bytes.Buffer
	if err := (report.Report{Findings: doctor.Findings()}).Write(&b); err != nil || !json.Valid(b.Bytes()) {
		t.Fatal(err)
	}
	if _, err := report.Read(&b); err != nil {
		t.Error(err)
	}
}
