// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
)

// exportOf is a small export by a client.
func exportOf(t *testing.T, insp *inspect.Inspector, client, id string) int {
	t.Helper()
	r := newRequest(http.MethodPost, "/inspect/v1/traces", encode(t, traces("shop", request(id, "s", id, "GET", "/", 200))))
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Authorization", "Bearer "+insp.Token())
	r.RemoteAddr = client + ":1000"
	return do(insp, r).Code
}

func TestOneClientLeavesRoomForTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		insp := inspect.New()
		defer insp.Close()
		var all sync.WaitGroup
		var bodies []*io.PipeWriter
		stall := func(client string, n int) {
			for range n {
				pr, pw := io.Pipe()
				bodies = append(bodies, pw)
				r := newRequest(http.MethodPost, "/inspect/v1/traces", nil)
				r.Body, r.ContentLength, r.RemoteAddr = pr, -1, client+":1000"
				r.Header.Set("Content-Type", "application/x-protobuf")
				r.Header.Set("Authorization", "Bearer "+insp.Token())
				all.Go(func() { do(insp, r) })
			}
			synctest.Wait()
		}
		within := func(limit time.Duration, client, id string) {
			t.Helper()
			began := time.Now()
			if code := exportOf(t, insp, client, id); code != 200 || time.Since(began) > limit {
				t.Errorf("%s: %d after %v", client, code, time.Since(began))
			}
		}
		stall("192.0.2.1", 80)
		within(0, "192.0.2.2", "other") // 48 are read and the others wait
		stall("192.0.2.3", 16)
		within(1500*time.Millisecond, "192.0.2.4", "when all places are taken") // until a sender may be called slow
		for i := range 20 {
			within(0, "192.0.2.4", fmt.Sprint("and again ", i))
		}
		within(1500*time.Millisecond, "192.0.2.1", "of the client itself") // its slow ones give way to its own
		for _, b := range bodies {
			_ = b.Close()
		}
		all.Wait()
		r := newRequest(http.MethodGet, "/inspect/api/stats", nil)
		r.Header.Set("Authorization", "Bearer "+insp.Token())
		if w := do(insp, r); !bytes.Contains(w.Body.Bytes(), []byte(`"spans":23,`)) {
			t.Errorf("%s", w.Body)
		}
	})
}
