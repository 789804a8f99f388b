// SPDX-License-Identifier: Apache-2.0

//go:build linux

package attacktest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// observer is the others: somebody who looks at pages, and an application that exports.
type observer struct {
	tg   *target
	stop chan struct{}
	done sync.WaitGroup

	mu      sync.Mutex
	pages   []time.Duration
	exports []time.Duration
	lost    int // exports that were not taken, though sent as often as tries says
	wrong   []string
}

func (tg *target) observe() *observer {
	o := &observer{tg: tg, stop: make(chan struct{})}
	o.done.Go(o.look)
	o.done.Go(o.export)
	tg.t.Cleanup(func() { o.end() })
	return o
}

func (o *observer) end() {
	select {
	case <-o.stop:
	default:
		close(o.stop)
	}
	o.done.Wait()
}

func (o *observer) rest(d time.Duration) bool {
	select {
	case <-o.stop:
		return false
	case <-time.After(d):
		return true
	}
}

// look is at the list, at a search, and at the request that was exported last.
func (o *observer) look() {
	for i := 0; o.rest(15 * time.Millisecond); i++ {
		path := []string{"/api/requests", "/", "/api/requests?q=honest&limit=20", "/api/requests/honest-0", "/api/stats"}[i%5]
		status, body, took := o.tg.get(path)
		o.mu.Lock()
		o.pages = append(o.pages, took)
		if status != 200 && !(status == 404 && strings.Contains(path, "honest-0")) { // an attack may have it evicted
			o.wrong = append(o.wrong, fmt.Sprintf("%s: %d %.200s", path, status, body))
		}
		o.mu.Unlock()
	}
}

// export is a request every 40 ms, as an SDK sends it: again when it is told to come back.
func (o *observer) export() {
	for i := 0; o.rest(40 * time.Millisecond); i++ {
		body := export(shop, spanOf(10_000_000+i%50, 1, -1, server, "GET /honest", attrField(attr("request.id", fmt.Sprintf("honest-%d", i%50)))))
		began := time.Now()
		code := 0
		for range tries {
			if code = o.tg.spans(body); code == 200 {
				break
			}
			o.rest(time.Second)
		}
		o.mu.Lock()
		o.exports = append(o.exports, time.Since(began))
		if code != 200 {
			o.lost++
		}
		o.mu.Unlock()
	}
}

func (o *observer) seen() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.pages)
}

func (o *observer) sum(from int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.pages[from:]
	return fmt.Sprintf("%d pages, p50 %v, p95 %v", len(p), percentile(p, 50), percentile(p, 95))
}

func percentile(d []time.Duration, p int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Clone(d)
	slices.Sort(d)
	return d[len(d)*p/100].Round(100 * time.Microsecond)
}

// tries are how often an export is sent: an SDK does so for a minute.
const tries = 10

// window is how many pages are judged together: a machine that others use, too, has bad seconds.
const window = 50

// judge looks at all that was seen. Of the windows, half have to keep the time: an inspector that an
// attack slows down misses it in all of the attack's.
func (o *observer) judge() {
	o.end()
	t := o.tg.t
	var p95 []time.Duration
	for w := range slices.Chunk(o.pages, window) {
		p95 = append(p95, percentile(w, 95))
	}
	median := percentile(p95, 50)
	t.Logf("%d pages in all, p50 %v, p95 %v, in the median window %v; %d exports, p95 %v, %d lost",
		len(o.pages), percentile(o.pages, 50), percentile(o.pages, 95), median, len(o.exports), percentile(o.exports, 95), o.lost)
	if len(o.pages) < pages() {
		t.Errorf("only %d pages were looked at", len(o.pages))
	}
	if *full && median >= pageTime {
		t.Errorf("p95 of the pages is %v in the median window, want less than %v", median, pageTime)
	}
	if o.lost > 0 {
		t.Errorf("%d of %d exports of an honest application were refused %d times", o.lost, len(o.exports), tries)
	}
	if len(o.wrong) > 0 {
		t.Errorf("%d pages were refused:\n%s", len(o.wrong), strings.Join(o.wrong[:min(len(o.wrong), 5)], "\n"))
	}
}
