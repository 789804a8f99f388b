// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"encoding/json"
	"net/http"
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
			return have.Jobs == 1 && have.Logs == len(told)+2
		})
		if have.Name != "POST /orders" || have.Errors != 0 {
			t.Errorf("the order is shown as %+v", have)
		}
		// Asking for all this, exporting it, and the outbox being empty are no requests.
		if all := inspectedBy(t, p); len(all) != n {
			t.Errorf("%d requests are shown after %d orders: %+v", len(all), n, all)
		}
	}
	if status, page := get(t, p.url()+"/inspect"); status != http.StatusOK || !contains(string(page), "<html") {
		t.Errorf("the page: %d %.200s", status, page)
	}
}

func inspectedBy(t *testing.T, p *process) []inspected {
	t.Helper()
	status, body := get(t, p.url()+"/inspect/api/requests")
	var list struct{ Requests []inspected }
	if err := json.Unmarshal(body, &list); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	return list.Requests
}
