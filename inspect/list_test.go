// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

// sendDay sends a handful of requests that differ in what filters look at.
func sendDay(t *testing.T, insp *inspect.Inspector) {
	t.Helper()
	sendSpans(t, insp, "shop",
		request("ok", "ok", "id-ok", "GET", "/items/:id", 200, at(0, 10)),
		request("slow", "slow", "id-slow", "GET", "/reports", 200, at(1, 901)),
		request("missing", "missing", "id-missing", "GET", "/items/:id", 404, at(2, 3)),
		request("broken", "broken", "id-broken", "POST", "/orders", 503, at(3, 9), failed("no stock")),
		request("logged", "logged", "id-logged", "PUT", "/orders/:id", 200, at(4, 9)),
		span("flight", "flight sql", child("not here yet"), at(5, 6), attrs(str("request.id", "id-flight"))))
	sendSpans(t, insp, "payments", span("broken", "pay", child("broken"), at(4, 5), attrs(str("card.brand", "Visa"), str("customer", "Søren"))))
	sendLogs(t, insp, "shop", line("logged", "logged", "Inventory MISMATCH for sku-77", 17, 5, str("request_id", "id-logged")))
}

func TestFilters(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendDay(t, insp)
	const all = "id-flight id-logged id-broken id-missing id-slow id-ok"
	for query, want := range map[string]string{
		"":                           all,
		"status=2xx":                 "id-logged id-slow id-ok",
		"status=404":                 "id-missing",
		"status=5xx":                 "id-broken",
		"status=error":               "id-logged id-broken",
		"status=pending":             "id-flight",
		"status=ERROR":               "id-logged id-broken",
		"method=get":                 "id-missing id-slow id-ok",
		"route=/items":               "id-missing id-ok",
		"route=ORDERS":               "id-logged id-broken",
		"slow=1":                     "id-slow",
		"slow=6ms":                   "id-broken id-slow id-ok",
		"service=payments":           "id-broken",
		"status=2xx&method=PUT":      "id-logged",
		"limit=2":                    "id-logged id-broken", // the last to be active
		"q=id-slow":                  "id-slow",
		"q=ID-SLOW":                  "id-slow",
		"q=" + hexID("missing"):      "id-missing",
		"q=" + hexID("missing")[:12]: "id-missing",
		"q=mismatch":                 "id-logged",
		"q=sku-77":                   "id-logged",
		"q=visa":                     "id-broken",
		"q=card.brand":               "id-broken",
		"q=S%C3%B8ren":               "id-broken",
		"q=no stock":                 "id-broken",
		"q=visa mismatch":            "",
		"q=orders 503":               "id-broken",
		"q=payments":                 "id-broken",
		"q=nothing-like-this":        "",
		"q=flight sql":               "id-flight",
		"q=%20%20":                   all,
	} {
		query = strings.ReplaceAll(query, " ", "+")
		if got := ids(get[listing](t, insp, "requests?"+query)); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	if !get[listing](t, insp, "requests?limit=2").More || get[listing](t, insp, "requests?limit=6").More {
		t.Error("more")
	}
}

func TestFiltersThatMakeNoSenseSayWhichAndWhatWould(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for query, want := range map[string]string{
		"requests?status=teapot": "status=", "requests?status=9xx": "status=", "requests?status=4x4": "status=",
		"requests?slow=soon": "slow=", "requests?slow=-1s": "slow=", "requests?limit=0": "limit=", "requests?limit=1001": "limit=",
		"requests?limit=x": "limit=", "requests/x?max=0": "max", "requests/x?max=y": "max", "spans/x/y?max=0": "max", "stream?status=x": "status=",
	} {
		w := do(insp, newRequest("GET", "/inspect/api/"+query, nil))
		if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

func TestSearchIsLinearInWhatIsMadeToSlowItDown(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for i, filler := range []string{strings.Repeat("A", 1<<20), strings.Repeat("aA", 1<<19), strings.Repeat("b", 1<<20)} {
		n := string(rune('x' + i))
		sendSpans(t, insp, "shop", request(n, n, n, "GET", "/", 200, attrs(str("filler", filler))))
	}
	for query, want := range map[string]string{
		strings.Repeat("a", 500) + "z": "", "az": "", "ba": "", "aaaa": "y x", "bbbb": "z",
	} { // a quadratic search takes minutes here
		if got := ids(get[listing](t, insp, "requests?q="+url.QueryEscape(query))); got != want {
			t.Errorf("%.10s: %q, want %q", query, got, want)
		}
	}
}

func TestOneSpanWithItsDetails(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendOrder(t, insp, "t", "r", 201)
	v := get[view](t, insp, "requests/r?details=0")
	for _, s := range v.Spans {
		if s.Details != nil {
			t.Errorf("%s has details, though none were asked for", s.Name)
		}
		full := get[spanView](t, insp, "spans/"+s.TraceID+"/"+s.SpanID)
		if full.Name != s.Name || full.Details == nil || full.OffsetMS != s.OffsetMS || full.After != s.After || full.Details.Resource["service.name"] != s.Service {
			t.Errorf("%+v", full)
		}
	}
	for _, path := range []string{"spans/x/y", "spans/" + hexID("t") + "/0000000000000001", "spans/" + hexID("u") + "/0000000000000001", "requests/none"} {
		if w := do(insp, newRequest("GET", "/inspect/api/"+path, nil)); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestLongValuesAreCutOnRequest(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	long := strings.Repeat("ø", 5000)
	sendSpans(t, insp, "shop", request("t", "s", "r", "GET", "/", 200, attrs(str("long", long))))
	sendLogs(t, insp, "shop", line("t", "s", long, 9, 1))
	if v := get[view](t, insp, "requests/r"); v.Spans[0].Details.Attributes["long"] != long || v.Logs[0].Body != long {
		t.Error("cut, though that was not asked for")
	}
	v := get[view](t, insp, "requests/r?max=101")
	want := strings.Repeat("ø", 50) + "… (10000 bytes in all)"
	if v.Spans[0].Details.Attributes["long"] != want || v.Logs[0].Body != want {
		t.Errorf("%.300v", v)
	}
}

// Of a trace that was not sampled only lines arrive; the completion line has what the list shows.
func TestLinesAloneMakeARow(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendLogs(t, insp, "shop",
		line("t", "s", "order received", 9, 2, str("request_id", "r")),
		line("t", "s", "no stock", 17, 30, str("request_id", "r")))
	before := get[listing](t, insp, "requests").Requests[0]
	if before.Name != "order received" || !before.Pending || !before.Failed || before.DurationMS != 28 {
		t.Errorf("before it completed: %+v", before)
	}
	sendLogs(t, insp, "shop", line("t", "s", "request completed", 9, 41, str("request_id", "r"),
		str("method", "POST"), str("route", "/orders"), str("path", "/orders"), num("status", 409), double("duration_ms", 41)))
	got := get[listing](t, insp, "requests?status=4xx").Requests
	if len(got) != 1 || got[0].Name != "POST /orders" || got[0].Method != http.MethodPost || got[0].Status != 409 || got[0].DurationMS != 41 ||
		got[0].Pending || got[0].Start != "2026-03-01T12:00:00Z" || got[0].Errors != 1 {
		t.Errorf("after: %+v", got)
	}
}

func TestHintsSayWhatASpanWasAbout(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendSpans(t, insp, "shop",
		request("t", "api", "r", "GET", "/", 200, at(0, 9)),
		span("t", "query", child("api"), at(1, 2), attrs(str("url.full", "no"), str("db.query.text", "SELECT *\n\tFROM  items"))),
		span("t", "call", child("api"), at(3, 4), attrs(str("url.full", "http://stock/items?id=1"))),
		span("t", "long", child("api"), at(5, 6), attrs(str("db.statement", strings.Repeat("ü ", 4000)))))
	type hinted struct {
		Spans []struct {
			Hint string `json:"hint"`
		} `json:"spans"`
	}
	var got []string
	for _, s := range get[hinted](t, insp, "requests/r?details=0").Spans {
		got = append(got, s.Hint)
	}
	want := []string{"", "SELECT * FROM items", "http://stock/items?id=1", strings.TrimSpace(strings.Repeat("ü ", 53))}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
