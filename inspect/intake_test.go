// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// drip opens a connection that announces an export and sends one byte of it.
func drip(t *testing.T, url string, length int) net.Conn {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_, err = fmt.Fprintf(c, "POST /inspect/v1/traces HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n\n", host, length)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func export(t *testing.T, url string, m *tracev1.TracesData) int {
	t.Helper()
	res, err := http.Post(url+"/v1/traces", "application/x-protobuf", strings.NewReader(string(encode(t, m))))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// Sixty-four senders that send nothing are all that are read at once; the next takes the place of one.
func TestSlowSendersGiveWay(t *testing.T) {
	insp, url := serve(t)
	for range 80 {
		drip(t, url, 100_000)
	}
	time.Sleep(1500 * time.Millisecond) // as long as a sender has to show that it sends
	for i := range 20 {
		if code := export(t, url, traces("shop", request(fmt.Sprint(i), "s", fmt.Sprint("r", i), "GET", "/", 200))); code != 200 {
			t.Errorf("export %d: %d", i, code)
		}
	}
	if n := len(get[listing](t, insp, "requests").Requests); n != 20 {
		t.Errorf("%d requests, want 20", n)
	}
}

// The same where what is short is the place of large bodies.
func TestASlowLargeBodyGivesWay(t *testing.T) {
	insp, url := serve(t)
	for range 3 {
		c := drip(t, url, 10<<20)
		_, _ = c.Write(make([]byte, 2<<20))
	}
	big := traces("shop", request("t", "s", "r", "GET", "/", 200, attrs(str("filler", strings.Repeat("x", 3<<20)))))
	if code := export(t, url, big); code != 200 {
		t.Errorf("a large export: %d", code)
	}
	if n := len(get[listing](t, insp, "requests").Requests); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// Who has left does not wait for an answer, and would send it all again.
func TestTheBodyOfWhoHasLeftIsNotDecoded(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	r := newRequest("POST", "/inspect/v1/traces", encode(t, traces("shop", request("t", "s", "r", "GET", "/", 200))))
	r.Header.Set("Content-Type", "application/x-protobuf")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	do(insp, r.WithContext(ctx))
	if got := get[listing](t, insp, "requests"); len(got.Requests) != 0 || got.Stats.Spans != 0 {
		t.Errorf("%+v", got)
	}
}

// Resources and scopes are memory like spans.
func TestResourcesCountAgainstTheBound(t *testing.T) {
	t.Parallel()
	const bound = 8 << 20
	insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(bound))
	defer insp.Close()
	for i := range 100 {
		m := traces("shop", request(fmt.Sprint(i), "s", fmt.Sprint("r", i), "GET", "/", 200))
		m.ResourceSpans[0].Resource.Attributes = append(m.ResourceSpans[0].Resource.Attributes, str("filler", fmt.Sprint(i)+strings.Repeat("x", 500_000)))
		post(t, insp, "traces", m)
		if held := get[listing](t, insp, "requests").Held; held.Bytes < 500_000 || held.Bytes > bound {
			t.Fatalf("%d bytes are counted after %d resources of half a megabyte", held.Bytes, i+1)
		}
	}
	same := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(bound))
	defer same.Close()
	for i := range 100 { // many requests of one process share its resource
		m := traces("shop", request(fmt.Sprint(i), "s", fmt.Sprint("r", i), "GET", "/", 200))
		m.ResourceSpans[0].Resource.Attributes = append(m.ResourceSpans[0].Resource.Attributes, str("filler", strings.Repeat("x", 500_000)))
		post(t, same, "traces", m)
	}
	if got := get[listing](t, same, "requests"); len(got.Requests) != 100 || got.Held.Bytes > 2<<20 {
		t.Errorf("%d requests in %d bytes", len(got.Requests), got.Held.Bytes)
	}
}

func TestARecordOfTooManyValuesIsRejectedAlone(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	many := span("t", "many", child("s"))
	for i := range 20_001 {
		many.Attributes = append(many.Attributes, num(fmt.Sprint(i), 1))
	}
	r := newRequest("POST", "/inspect/v1/traces", encode(t, traces("shop", request("t", "s", "r", "GET", "/", 200), many)))
	r.Header.Set("Content-Type", "application/x-protobuf")
	if w := do(insp, r); w.Code != 200 || !strings.Contains(w.Body.String(), "more values") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if v := get[view](t, insp, "requests/r"); len(v.Spans) != 1 {
		t.Errorf("%d spans", len(v.Spans))
	}
}

// A trace that everybody's requests are in, because a client sends one traceparent with all of them.
func TestOfAThousandRequestsInOneTraceTheLatestAreListed(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	var spans []*tracev1.Span
	for i := range 1500 {
		spans = append(spans, request("t", fmt.Sprint(i), fmt.Sprint("r", i), "GET", "/", 200, at(float64(i), float64(i)+1)))
	}
	sendSpans(t, insp, "shop", spans...)
	list := get[listing](t, insp, "requests")
	if len(list.Requests) != 200 || list.Requests[0].ID != "r1499" || !list.More {
		t.Fatalf("%d rows, the first is %+v, more %v", len(list.Requests), list.Requests[0], list.More)
	}
	for _, id := range []string{"r0", hexID("t") + "/r0"} {
		if v := get[view](t, insp, "requests/"+id); len(v.Spans) != 1 || v.Request.RequestID != "r0" || v.Request.Spans != 1 {
			t.Errorf("%s: %+v", id, v.Request)
		}
	}
	if w := do(insp, newRequest("GET", "/inspect/api/requests/"+hexID("t")+"/unknown", nil)); w.Code != 404 {
		t.Errorf("an unknown request of a known trace: %d", w.Code)
	}
}
