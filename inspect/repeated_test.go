// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"strings"
	"testing"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/inspect"
)

func TestARowSaysWhatWasRepeated(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	repeated := func(all ...string) *commonv1.KeyValue { return list(string(bill.RepeatedKey), all...) }
	sendSpans(t, insp, "shop",
		request("none", "none", "id-none", "GET", "/a", 200, at(0, 1)),
		request("one", "one", "id-one", "GET", "/b", 200, at(1, 2), attrs(repeated("12 × SELECT a FROM t WHERE id = ?"))),
		request("many", "many", "id-many", "GET", "/c", 200, at(2, 3), attrs(repeated(strings.Split(strings.Repeat(strings.Repeat("x", 9000)+",", 50), ",")...))))
	want := map[string]int{"id-none": 0, "id-one": 1, "id-many": 5}
	for _, r := range get[listing](t, insp, "requests").Requests {
		if len(r.Repeated) != want[r.RequestID] {
			t.Errorf("%s has %d repetitions, want %d", r.RequestID, len(r.Repeated), want[r.RequestID])
		}
		for _, text := range r.Repeated {
			if len(text) > 300 {
				t.Errorf("%s shows %d bytes of a stranger's text", r.RequestID, len(text))
			}
		}
	}
}
