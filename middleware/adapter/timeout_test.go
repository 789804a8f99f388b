// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// The standard library promises neither the name of this type nor what its Write says when
// the time is over: a release that changes them fails here.
func TestTheWriterOfATimeoutHandlerIsKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if is, late := adapter.IsTimeoutWriter(w); !is || late {
				t.Errorf("a %T is one: %v, and late: %v", w, is, late)
			}
			time.Sleep(2 * time.Second) // it has answered
			if _, late := adapter.IsTimeoutWriter(w); !late {
				t.Error("the time is over, and the writer does not say so")
			}
		}), time.Second, "")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		time.Sleep(2 * time.Second)
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("answered %d", w.Code)
		}
	})
}
