// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

type inspected struct {
	RequestID string `json:"request_id"`
	Name      string
	Spans     int
	Logs      int
	Jobs      int
	Errors    int
}

func TestTheInspectorShowsOrdersAndNothingOfItself(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	for n := 1; n <= 3; n++ {
		s := sellOne(t, p.url(), 0)
		var have inspected
		eventually(t, "the order on the inspector's page", func() bool {
			for _, r := range inspectedBy(t, p) {
				if r.RequestID == s.requestID {
					have = r
				}
			}
			// Two completion lines, of the API and of payments, are not in told.
			return have.Jobs == 1 && have.Logs >= len(told)+2
		})
		if have.Name != "POST /orders" || have.Errors != 0 {
			t.Errorf("the order is shown as %+v", have)
		}
		// Asking for all this, exporting it, and the outbox being empty are no requests.
		if all := inspectedBy(t, p); len(all) != n {
			t.Errorf("%d requests are shown after %d orders: %+v", len(all), n, all)
		}
	}
	if status, page := look(t, p, ""); status != http.StatusOK || !contains(string(page), "<html") {
		t.Errorf("the page: %d %.200s", status, page)
	}
}

// The tree of what an order sets in motion, each part under the name of its service.
func TestTheInspectorShowsWhatAnOrderSetsInMotion(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	s := sellOne(t, p.url(), 0)
	want := []string{
		"request POST /orders: shop-api", "call PUT /payments/:order: shop-payments",
		"go order.(*Shop).sendLater.func1: shop-api", "job process send-receipt: shop-worker",
		"goroutine audit.(*Trail).Record.func1: shop-api",
	}
	var have order
	eventually(t, "all of the tree", func() bool {
		status, body := look(t, p, "/api/requests/"+s.requestID)
		have = order{}
		if err := json.Unmarshal(body, &have); err != nil {
			t.Fatal(err)
		}
		return status == http.StatusOK && len(have.Tasks) >= len(want) && len(have.Logs) >= len(told)+2
	})
	depths := map[string]int{}
	for _, k := range have.Tasks {
		depths[k.Kind+" "+k.Name+": "+k.Service] = k.Depth
	}
	for i, name := range want {
		if d, ok := depths[name]; !ok || (d == 0) != (i == 0) {
			t.Errorf("no %q where it belongs in %v", name, depths)
		}
	}
	if len(have.Tasks) != len(want) || depths[want[3]] != depths[want[2]]+1 {
		t.Errorf("the tree is %+v", have.Tasks)
	}
	for _, l := range have.Logs {
		if want := services[l.Body]; want != "" && l.Service != want {
			t.Errorf("%q is %s's, want %s's", l.Body, l.Service, want)
		}
	}
	for _, l := range p.log() {
		if want := services[l.str("msg")]; want != "" && l.str("service") != want {
			t.Errorf("on stderr %v is not %s's", l, want)
		}
	}
}

// services are those that log what.
var services = map[string]string{
	"order received": "shop-api", "stock reserved": "shop-api", "payment settled": "shop-payments",
	"payment accepted": "shop-api", "order placed": "shop-api", "audit": "shop-api",
	"receipt sent": "shop-worker", "job completed": "shop-worker",
}

type order struct {
	Tasks []struct {
		Kind, Name, Service string
		Depth               int
	}
	Logs []struct{ Body, Service string }
}

// What the shop does by itself is one row, with what it has led to below one span.
func TestTheInspectorShowsAReconciliationAsOneRequest(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, nil, "-data", data, "-finish", "1s")
	for i := range 2 { // as a process leaves them that dies before it has asked for the payment
		abandon(t, data, fmt.Sprint("abandoned-", i))
	}
	eventually(t, "both to be finished", func() bool { return len(p.logged("abandoned order finished")) == 2 })
	id := p.logged("abandoned order finished")[0].str("request_id")
	var have struct {
		Spans []struct{ Name, Via string }
		Logs  []struct{ Body string }
	}
	eventually(t, "all of it on the inspector's page", func() bool {
		have.Spans, have.Logs = nil, nil
		_, body := look(t, p, "/api/requests/"+id)
		return json.Unmarshal(body, &have) == nil && len(have.Spans) > 2 && len(have.Logs) >= 2
	})
	for i, s := range have.Spans {
		if isRoot := s.Via == "root"; isRoot != (i == 0) || isRoot != (s.Name == "reconcile orders") {
			t.Errorf("span %d of %+v", i, have.Spans)
		}
	}
	if all := inspectedBy(t, p); len(all) != 1 || all[0].Name != "reconcile orders" || all[0].RequestID != id {
		t.Errorf("%+v", all)
	}
}

func abandon(t *testing.T, data, id string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "shop.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(t.Context(), `INSERT INTO orders (id, item, quantity, total, status, created) VALUES (?, 'book', 1, 1990, 'pending', 1)`, id)
	if err != nil {
		t.Fatal(err)
	}
}

func inspectedBy(t *testing.T, p *process) []inspected {
	t.Helper()
	status, body := look(t, p, "/api/requests")
	var list struct{ Requests []inspected }
	if err := json.Unmarshal(body, &list); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	return list.Requests
}

// look asks the inspector of a process as who has read its greeting.
func look(t *testing.T, p *process, path string) (status int, body []byte) {
	t.Helper()
	_, token, ok := strings.Cut(p.greeting(), p.url()+"/inspect/#token=")
	if !ok {
		t.Fatalf("no link with a token in\n%s", p.greeting())
	}
	req, err := http.NewRequest(http.MethodGet, p.url()+"/inspect"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.Fields(token)[0])
	status, body, _ = do(t, req)
	return status, body
}

// The example is what people copy: who looks into it has to have seen the greeting, wherever from.
func TestTheInspectorWantsItsToken(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	for _, path := range []string{"", "/", "/api/requests", "/requests/x"} {
		if status, body := get(t, p.url()+"/inspect"+path); status != http.StatusUnauthorized {
			t.Errorf("%s without the token: %d %.100s", path, status, body)
		}
	}
	if status, _ := look(t, p, "/"); status != http.StatusOK {
		t.Errorf("with the token: %d", status)
	}
}

func TestTheGreetingLeadsToWhereTelemetryIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ env, want, not string }{
		"elsewhere":                   {"OTEL_EXPORTER_OTLP_ENDPOINT=http://me:secret@127.0.0.1:1/otlp", "http://me:xxxxx@127.0.0.1:1/otlp", "/inspect"},
		"with a token that was given": {"INSPECT_TOKEN=at least sixteen characters", "/inspect/\n", "sixteen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, []string{c.env})
			if g := p.greeting(); !strings.Contains(g, c.want) || strings.Contains(g, c.not) {
				t.Errorf("want %q and not %q in\n%s", c.want, c.not, g)
			}
		})
	}
}
