// SPDX-License-Identifier: Apache-2.0

//go:build unix

package otlptest_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

var (
	loadRounds = flag.Int("load.rounds", 16, "rounds of BenchmarkLoad, each of five parts")
	loadRound  = flag.Duration("load.round", 250*time.Millisecond, "how long each part of a round takes")
	loadRate   = flag.Int("load.rate", 2000, "requests per second")
	loadQuery  = flag.Duration("load.query", time.Millisecond, "how long a request waits for each of its five queries")
)

// BenchmarkLoad sends requests at a fixed rate to an instrumented app, with the inspector as its
// exporters' target and, by turns, with one that takes every export and drops it. A round is without,
// with, with and without, the next one the other way round, so that what drifts on the machine hits
// both alike; what a part has left to export is exported before the next begins. A request waits for
// its queries as requests do: next to one that takes no time, any disturbance is a multiple. What it
// reports:
//
//   - p50-ratio, p95-ratio: the app's latency with the inspector over that without, of all parts of
//     the run together
//   - p95-ratio-lowest, -median, -highest: the same of single rounds, of which other work on the machine
//     spoils some
//   - p95-noise: the same of the parts without over the other parts without: what the ratio would be
//     here if the inspector cost nothing. Where that is far from 1 the others say little.
//   - cpu-ratio: of the processor time of all of it, the load included; other work on the
//     machine does not change it
//   - page-p95-ms: how long the page's list and searches took, at the same rate of requests
//   - held-MiB, heap-MiB: what the inspector counts as held, and how much the heap is over the app's
//
// One iteration is one run; use -benchtime=1x.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		insp := inspect.New(inspect.WithoutToken())
		c := &comparison{on: newShop(b, insp), off: newShop(b, http.HandlerFunc(drop))}
		before := heap()
		for _, s := range []*shop{c.on, c.off} { // warm up
			s.drive(*loadRound/2, *loadRate)
			s.flush()
		}
		var page []time.Duration
		for round := range *loadRounds {
			c.round(round%2 == 1)
			page = append(page, c.look(b)...)
		}
		c.report(b)
		b.ReportMetric(millis(percentile(page, 95)), "page-p95-ms")
		held := c.on.held(b)
		b.ReportMetric(float64(held)/(1<<20), "held-MiB")
		b.ReportMetric(float64(int64(heap())-int64(before))/(1<<20), "heap-MiB")
		if held > 64<<20 {
			b.Errorf("%d bytes are held, over the bound", held)
		}
		c.on.close()
		c.off.close()
		insp.Close()
	}
}

func drop(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// comparison is of an app whose exports are inspected with one whose are not.
type comparison struct {
	on, off       *shop
	with          []time.Duration
	without       [2][]time.Duration // the earlier and the later parts of the rounds
	ratios        []float64          // of the rounds
	cpuOn, cpuOff time.Duration
}

func (c *comparison) round(onFirst bool) {
	parts := []*shop{c.off, c.on, c.on, c.off}
	if onFirst {
		parts = []*shop{c.on, c.off, c.off, c.on}
	}
	var with, without []time.Duration
	for i, s := range parts {
		began := cpu()
		took := s.drive(*loadRound, *loadRate)
		s.flush()
		if s == c.on {
			c.cpuOn += cpu() - began
			with = append(with, took...)
			continue
		}
		c.cpuOff += cpu() - began
		without = append(without, took...)
		c.without[i/2] = append(c.without[i/2], took...)
	}
	c.with = append(c.with, with...)
	c.ratios = append(c.ratios, ratio(with, without, 95))
}

// look is a part with somebody at the page, and returns how long that took to answer.
func (c *comparison) look(b *testing.B) []time.Duration {
	stop := make(chan struct{})
	watched := make(chan []time.Duration)
	go func() { watched <- watch(b, c.on.otlp+"/inspect", stop) }()
	c.on.drive(*loadRound, *loadRate)
	close(stop)
	c.on.flush()
	return <-watched
}

func (c *comparison) report(b *testing.B) {
	all := slices.Concat(c.without[0], c.without[1])
	b.ReportMetric(ratio(c.with, all, 50), "p50-ratio")
	b.ReportMetric(ratio(c.with, all, 95), "p95-ratio")
	slices.Sort(c.ratios)
	b.ReportMetric(c.ratios[0], "p95-ratio-lowest")
	b.ReportMetric(c.ratios[len(c.ratios)/2], "p95-ratio-median")
	b.ReportMetric(c.ratios[len(c.ratios)-1], "p95-ratio-highest")
	b.ReportMetric(ratio(c.without[1], c.without[0], 95), "p95-noise")
	b.ReportMetric(float64(c.cpuOn)/float64(c.cpuOff), "cpu-ratio")
	b.ReportMetric(millis(percentile(all, 50)), "app-p50-ms")
	b.ReportMetric(millis(percentile(all, 95)), "app-p95-ms")
	b.ReportMetric(float64(len(c.with)+len(all)), "requests")
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// cpu is the processor time of this process.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func ratio(a, b []time.Duration, p int) float64 {
	return float64(percentile(a, p)) / float64(percentile(b, p))
}

func percentile(d []time.Duration, p int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)*p/100]
}

// shop is an instrumented app that exports to a handler of its own process.
type shop struct {
	*app
	url, otlp string
	close     func()
}

func newShop(b *testing.B, target http.Handler) *shop {
	b.Helper()
	otlp := httptest.NewServer(target)
	te, err := otlptracehttp.New(b.Context(), otlptracehttp.WithEndpointURL(otlp.URL+"/inspect/v1/traces"))
	if err != nil {
		b.Fatal(err)
	}
	le, err := otlploghttp.New(b.Context(), otlploghttp.WithEndpointURL(otlp.URL+"/inspect/v1/logs"))
	if err != nil {
		b.Fatal(err)
	}
	a := &app{
		traces: sdktrace.NewTracerProvider(sdktrace.WithBatcher(te, sdktrace.WithBatchTimeout(200*time.Millisecond), sdktrace.WithMaxQueueSize(1<<16))),
		logs:   sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(le, sdklog.WithExportInterval(200*time.Millisecond), sdklog.WithMaxQueueSize(1<<16)))),
	}
	s := &shop{app: a, otlp: otlp.URL}
	api := httptest.NewServer(http.HandlerFunc(s.serve))
	s.url = api.URL
	s.close = func() {
		api.Close()
		_ = a.traces.Shutdown(context.Background())
		_ = a.logs.Shutdown(context.Background())
		otlp.CloseClientConnections()
		otlp.Close()
	}
	return s
}

// flush sends what is left.
func (s *shop) flush() {
	_ = s.traces.ForceFlush(context.Background())
	_ = s.logs.ForceFlush(context.Background())
}

// serve is a request of six spans and four lines, which waits for five queries.
func (s *shop) serve(w http.ResponseWriter, r *http.Request) {
	id := attribute.String("request.id", r.URL.Query().Get("id"))
	tracer := s.traces.Tracer("shop")
	ctx, span := tracer.Start(r.Context(), "GET /items/:id", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(id,
		attribute.String("http.request.method", "GET"), attribute.String("http.route", "/items/:id"), attribute.String("url.path", r.URL.Path),
		attribute.String("url.scheme", "http"), attribute.String("server.address", "localhost"), attribute.String("user_agent.original", r.UserAgent())))
	logger := s.logs.Logger("shop")
	for i := range 5 {
		_, child := tracer.Start(ctx, "SELECT items", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(id,
			attribute.String("db.query.text", "SELECT name, price FROM items WHERE id = ?"), attribute.Int("row", i)))
		time.Sleep(*loadQuery)
		if i > 0 {
			var rec log.Record
			rec.SetTimestamp(time.Now())
			rec.SetSeverity(log.SeverityInfo)
			rec.SetBody(attribute.StringValue("item read"))
			rec.AddAttributes(attribute.String("request_id", id.Value.AsString()), attribute.Int("row", i))
			logger.Emit(ctx, rec)
		}
		child.End()
	}
	span.SetAttributes(attribute.Int("http.response.status_code", 200))
	_, _ = io.WriteString(w, "ok")
	span.End()
}

// drive sends requests at a rate, whether or not earlier ones were answered, and returns how long each
// took. A sender that is late counts as part of it, the timer that sends is not.
func (s *shop) drive(d time.Duration, rate int) []time.Duration {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
	defer client.CloseIdleConnections()
	n := int(d.Seconds() * float64(rate))
	took := make([]time.Duration, n)
	var wg sync.WaitGroup
	next := make(chan int, n)
	sent := make([]time.Time, n)
	start := time.Now()
	due := func(i int) time.Time { return start.Add(time.Duration(i) * time.Second / time.Duration(rate)) }
	for range 128 {
		wg.Go(func() {
			for i := range next {
				res, err := client.Get(fmt.Sprintf("%s/items/%d?id=%s-%d", s.url, i, start.Format("150405.000000"), i))
				if err != nil {
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				took[i] = time.Since(sent[i])
			}
		})
	}
	for i := range n {
		if wait := time.Until(due(i)); wait > 0 {
			time.Sleep(wait)
		}
		sent[i] = time.Now()
		next <- i
	}
	close(next)
	wg.Wait()
	return took
}

// watch is somebody at the page: the list, and each fourth time a search for what is not there, ten times a second.
func watch(b *testing.B, url string, stop <-chan struct{}) (took []time.Duration) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return took
		case <-time.After(100 * time.Millisecond):
		}
		query := ""
		if i%4 == 3 {
			query = "?q=not-to-be-found"
		}
		began := time.Now()
		res, err := http.Get(url + "/api/requests" + query)
		if err != nil {
			b.Error(err)
			return took
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		took = append(took, time.Since(began))
	}
}

func (s *shop) held(b *testing.B) int {
	res, err := http.Get(s.otlp + "/inspect/api/stats")
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	var v struct {
		Held struct {
			Bytes int `json:"bytes"`
		} `json:"held"`
	}
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		b.Fatal(err)
	}
	return v.Held.Bytes
}
