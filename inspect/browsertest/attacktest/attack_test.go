// SPDX-License-Identifier: Apache-2.0

//go:build linux

package attacktest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	bound    = 64                     // MiB, the default
	pageTime = 200 * time.Millisecond // of 95 in a hundred pages
)

var (
	full  = flag.Bool("attack.full", false, "attack at full size and hold the pages to their time: two minutes on a machine that does nothing else")
	only  = flag.String("attack.only", "", "run the attacks whose names have this in them")
	trace = flag.Bool("attack.gctrace", false, "have the target print its garbage collections")
	limit = flag.String("attack.memlimit", "off", "GOMEMLIMIT of the target")
)

// sized is n at full size, and a tenth of it by default.
func sized(n int) int {
	if *full {
		return n
	}
	return n / 10
}

// attacks are run one after the other against one inspector, which serves others meanwhile.
var attacks = []struct {
	name string
	run  func(tg *target)
}{
	{"malformed bodies", (*target).malformed},
	{"request ids of one trace", (*target).manyIDs},
	{"spans side by side", (*target).siblings},
	{"spans one below the other", (*target).depth},
	{"links", (*target).links},
	{"threads", (*target).threads},
	{"resources of 4 MiB", (*target).resources},
	{"attributes", (*target).attributes},
	{"names and scopes", (*target).names},
	{"exports of 15 MiB at once", (*target).large},
	{"tiny records in 15 MiB", (*target).tiny},
	{"compressed zeros", (*target).bombs},
	{"JSON of brackets", (*target).brackets},
	{"clients that leave", (*target).leave},
	{"views of 9 MiB", (*target).views},
	{"slow clients", (*target).slow},
}

func TestAttackOfEachKindLeavesTheRestServed(t *testing.T) {
	if race && *full {
		t.Skip("the race detector would be what takes the time")
	}
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	tg := start(t)
	o := tg.observe()
	for _, a := range attacks {
		if !strings.Contains(a.name, *only) {
			continue
		}
		tg.forget()
		began := time.Now()
		before := o.seen()
		a.run(tg)
		for o.seen() < before+pages()/len(attacks) { // looked at during the attack, or right after
			time.Sleep(10 * time.Millisecond)
		}
		t.Logf("%-28s %6v, at most %3d MiB in memory; %s", a.name, time.Since(began).Round(10*time.Millisecond), tg.memory(), o.sum(before))
		if m := tg.memory(); m >= 2*bound {
			t.Errorf("%s: %d MiB in memory, twice the bound is %d", a.name, m, 2*bound)
		}
	}
	o.judge()
}

// valid are bodies to damage.
func valid() [][]byte {
	return [][]byte{
		export(shop, spanOf(1, 1, -1, server, "GET /", attrField(attr("request.id", "r")), linkField(2, 2)), spanOf(1, 2, 1, 1, "sql", attrField(numAttr("thread.id", 7)))),
		export(shop, lineOf(1, 1, "hello", field(nil, 6, attr("request_id", "r")))),
	}
}

func (tg *target) malformed() {
	bodies := valid()
	var next sync.Mutex
	left := sized(60_000)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 7))
			for {
				next.Lock()
				left--
				done := left < 0
				next.Unlock()
				if done {
					return
				}
				tg.damaged(rnd, bodies)
			}
		})
	}
	wg.Wait()
}

func (tg *target) damaged(rnd *rand.Rand, bodies [][]byte) {
	i := rnd.IntN(len(bodies))
	b := bytes.Clone(bodies[i])
	for range 1 + rnd.IntN(4) {
		switch at := rnd.IntN(len(b)); rnd.IntN(4) {
		case 0:
			b[at] = byte(rnd.Uint32())
		case 1:
			b = b[:at+1]
		case 2:
			b = append(b[:at], append([]byte{0xff, 0xff, 0xff, 0xff, 0x7f}, b[at:]...)...)
		case 3:
			b = append(b, b[at:]...)
		}
	}
	kind, encoding := "application/x-protobuf", ""
	switch rnd.IntN(8) {
	case 0:
		kind = "application/json"
	case 1:
		encoding = "gzip"
	}
	switch code := tg.send([]string{"traces", "logs"}[i], kind, encoding, b); code {
	case 200, 400, 413, 429:
	default:
		tg.t.Errorf("%d for %x", code, b)
	}
}

// inSteps sends n records in exports of 5000.
func (tg *target) inSteps(n int, path string, record func(i int) []byte) {
	for from := 0; from < n; from += 5000 {
		var records [][]byte
		for i := from; i < min(from+5000, n); i++ {
			records = append(records, record(i))
		}
		body := export(shop, records...)
		if code := tg.send(path, "application/x-protobuf", "", body); code != 200 && code != 429 {
			tg.t.Errorf("%d", code)
		}
	}
}

// or is for what a tenth of would be no attack.
func or(atFullSize, byDefault int) int {
	if *full {
		return atFullSize
	}
	return byDefault
}

// pages is how many are looked at, at least.
func pages() int { return sized(1000) }

// hostile is how many records of one trace are sent: at full size ten times what once took six seconds
// for a look at the list, by default as many.
func hostile() int { return sized(200_000) }

func (tg *target) manyIDs() {
	tg.inSteps(hostile(), "traces", func(i int) []byte {
		return spanOf(10, i, -1, server, "GET /", attrField(attr("request.id", fmt.Sprint("id-", i))))
	})
	tg.inSteps(hostile(), "logs", func(i int) []byte {
		return lineOf(11, i, "hello", field(nil, 6, attr("request_id", fmt.Sprint("id-", i))))
	})
}

func (tg *target) siblings() {
	tg.inSteps(hostile(), "traces", func(i int) []byte { return spanOf(20, i, min(i, 1)-1, 1, "s") })
}

func (tg *target) depth() {
	tg.inSteps(hostile(), "traces", func(i int) []byte { return spanOf(30, i, i-1, 1, "s") })
	tg.inSteps(hostile(), "traces", func(i int) []byte { // the deepest first, and each a request of its own
		return spanOf(31, hostile()-i, hostile()-i-1, server, "s", attrField(attr("request.id", fmt.Sprint("deep-", i))))
	})
}

func (tg *target) links() {
	all := func(i int) (fields [][]byte) {
		for l := range 64 {
			fields = append(fields, linkField(1_000_000+(i*7+l)%5000, 1))
		}
		return fields
	}
	tg.inSteps(sized(20_000), "traces", func(i int) []byte { return spanOf(40, i, -1, consumer, "job", all(i)...) })          // of one trace to many
	tg.inSteps(sized(20_000), "traces", func(i int) []byte { return spanOf(1_000_000+i, 1, -1, consumer, "job", all(i)...) }) // of many among each other
	tg.inSteps(sized(50_000), "traces", func(i int) []byte { return spanOf(2_000_000+i, 1, -1, 1, "job", linkField(41, 1)) }) // of many to one
	tg.inSteps(sized(50_000), "traces", func(i int) []byte { return spanOf(3_000_000+i, 1, -1, 1, "job", linkField(3_000_001+i, 1)) })
}

func (tg *target) threads() {
	tg.inSteps(hostile(), "traces", func(i int) []byte {
		return spanOf(50, i, min(i, 1)-1, 1, "s", attrField(numAttr("thread.id", uint64(i+1))))
	})
	tg.inSteps(hostile(), "traces", func(i int) []byte { // bound work within bound work
		return spanOf(51, i, i-1, 1, "s", attrField(numAttr("thread.id", uint64(i%2+1))), attrField(attr("asynclocal.task.kind", "go")))
	})
	tg.inSteps(hostile(), "logs", func(i int) []byte {
		return lineOf(50, i%1000, "hello", field(nil, 6, numAttr("thread.id", uint64(i+1))))
	})
}

func (tg *target) resources() {
	filler := strings.Repeat("x", 4<<20)
	for i := range or(200, 25) {
		resource := append(bytes.Clone(shop), field(nil, 1, attr(fmt.Sprint("filler ", i), filler))...)
		tg.spans(export(resource, spanOf(60+i%2*i, i, -1, server, "GET /")))
	}
}

// attributes of two bytes each, which become a hundred when they are decoded.
func (tg *target) attributes() {
	many := bytes.Repeat([]byte{9<<3 | 2, 0}, 4<<20)
	few := bytes.Repeat([]byte{9<<3 | 2, 0}, 9000)
	for i := range 8 {
		tg.spans(export(shop, spanOf(70, i, -1, server, "GET /", many)))
		tg.spans(export(bytes.Repeat([]byte{1<<3 | 2, 0}, 4<<20), spanOf(71, i, -1, server, "GET /")))
	}
	for i := range 200 {
		tg.spans(export(shop, spanOf(72, i, -1, server, "GET /", few)))
	}
	for _, trace := range []int{70, 71, 72} {
		tg.get(fmt.Sprintf("/api/requests/%x", traceID(trace)))
	}
}

func (tg *target) names() {
	tg.inSteps(hostile(), "traces", func(i int) []byte {
		return spanOf(80+i/5000, i, -1, server, fmt.Sprintf("%d %s", i, strings.Repeat("n", 240)))
	})
	for i := range 20 {
		var groups []byte
		for j := range 2000 {
			scope := field(field(nil, 1, field(nil, 1, fmt.Appendf(nil, "scope %d %d", i, j))), 2, spanOf(200+i, j, -1, 1, "s"))
			groups = append(groups, field(nil, 1, field(field(nil, 1, shop), 2, scope))...)
		}
		tg.spans(groups)
	}
}

// fat is an export of about n MiB with spans of one trace.
func fat(trace, n int) []byte {
	filler := strings.Repeat("<", 100<<10)
	var spans [][]byte
	for i := range n * 10 {
		spans = append(spans, spanOf(trace, i, min(i, 1)-1, server, "GET /", attrField(attr("filler", filler))))
	}
	return export(shop, spans...)
}

func (tg *target) large() {
	body := fat(300, 15)
	var wg sync.WaitGroup
	for range or(64, 32) {
		wg.Go(func() { tg.spans(body) })
	}
	wg.Wait()
}

// tiny records are a few bytes on the wire and a hundred when they are decoded.
func (tg *target) tiny() {
	const most = 15 << 20
	span := field(nil, 2, field(field(nil, 1, traceID(301)), 2, spanID(1)))
	line := field(nil, 2, field(nil, 9, traceID(302)))
	whole := func(records []byte) []byte { return field(nil, 1, field(nil, 2, records)) }
	lonely := field(nil, 1, field(nil, 2, span)) // each in a group of its own
	for range or(4, 1) {
		tg.spans(whole(bytes.Repeat(span, most/len(span))))
		tg.send("logs", "application/x-protobuf", "", whole(bytes.Repeat(line, most/len(line))))
		tg.spans(bytes.Repeat(lonely, most/len(lonely)))
		tg.spans(bytes.Repeat([]byte{1<<3 | 2, 0}, most/2))
		tg.spans(whole(bytes.Repeat([]byte{2<<3 | 2, 0}, most/2)))
	}
	tg.get(fmt.Sprintf("/api/requests/%x", traceID(301)))
}

func zipped(b []byte) []byte {
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}

func (tg *target) bombs() {
	zeros, spans := zipped(make([]byte, 256<<20)), zipped(fat(310, 15))
	var wg sync.WaitGroup
	for range or(32, 8) {
		wg.Go(func() {
			tg.send("traces", "application/x-protobuf", "gzip", zeros)
			tg.send("traces", "application/x-protobuf", "gzip", spans)
		})
	}
	wg.Wait()
}

func (tg *target) brackets() {
	const head, tail = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","attributes":[`, `]}]}]}]}`
	bodies := [][]byte{
		[]byte(head + strings.Repeat(`{},`, 80_000) + `{}` + tail),
		[]byte(head + strings.Repeat(`{},`, 1_000_000) + `{}` + tail),
		[]byte(strings.Repeat(`[`, 4<<20)),
		[]byte(strings.Repeat(`{"a":`, 800_000)),
		[]byte(`{"resourceSpans":` + strings.Repeat(`[`, 200_000)),
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, b := range bodies {
				tg.send("traces", "application/json", "", b)
			}
		})
	}
	wg.Wait()
}

func (tg *target) dial(length int, more string) net.Conn {
	c, err := net.Dial("tcp", tg.addr)
	if err != nil {
		return nil
	}
	_, _ = fmt.Fprintf(c, "POST /inspect/v1/traces HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-protobuf\r\n%sContent-Length: %d\r\n\r\n", tg.addr, more, length)
	return c
}

// leave sends bodies and does not wait for what is made of them.
func (tg *target) leave() {
	body := fat(320, 15)
	var wg sync.WaitGroup
	for range or(64, 32) {
		wg.Go(func() {
			if c := tg.dial(len(body), ""); c != nil {
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				_, _ = c.Write(body)
				_ = c.Close()
			}
		})
	}
	wg.Wait()
}

// views are of a large trace, by who reads all of it and by who reads nothing.
func (tg *target) views() {
	tg.spans(fat(330, 9)) // counted as more, and 12 are what one request may have
	path := fmt.Sprintf("/api/requests/%x", traceID(330))
	var wg sync.WaitGroup
	for range or(10, 3) {
		wg.Go(func() { tg.get(path) })
	}
	for range or(10, 3) {
		c, err := net.Dial("tcp", tg.addr)
		if err != nil {
			continue
		}
		tg.t.Cleanup(func() { _ = c.Close() })
		_, _ = fmt.Fprintf(c, "GET /inspect%s HTTP/1.1\r\nHost: %s\r\n\r\n", path, tg.addr)
	}
	wg.Wait()
}

// slow sends a byte now and then, over 64 connections for small bodies and as many for large ones.
func (tg *target) slow() {
	lasts := time.Duration(or(6, 3)) * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 128 {
		wg.Go(func() {
			for ctx.Err() == nil {
				length, start := 50_000, []byte(nil)
				if i%2 == 0 {
					length, start = 15<<20, make([]byte, 2<<20)
				}
				c := tg.dial(length, "")
				if c == nil {
					return
				}
				_ = c.SetDeadline(time.Now().Add(lasts))
				_, err := c.Write(start)
				for err == nil && ctx.Err() == nil {
					_, err = c.Write([]byte{0})
					time.Sleep(50 * time.Millisecond)
				}
				_, _ = io.CopyN(io.Discard, c, 12)
				_ = c.Close()
			}
		})
	}
	wg.Wait()
}
