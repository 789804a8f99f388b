// SPDX-License-Identifier: Apache-2.0

package cpu_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"time"

	"github.com/asynclocal/asynclocal/bill/cpu"
)

// A server whose slow requests say what they have taken, with the table of routes and the profiles of
// net/http/pprof on a port of its own.
func Example() {
	sampler := cpu.Start(cpu.WithSlowThreshold(2 * time.Second))
	defer sampler.Stop()

	admin := http.NewServeMux()
	admin.Handle("GET /cpu", sampler.Handler())
	admin.HandleFunc("GET /debug/pprof/profile", func(w http.ResponseWriter, r *http.Request) {
		sampler.Aside(func() { pprof.Profile(w, r) })
	})

	// In a server: http.ListenAndServe("127.0.0.1:6060", admin).
	answer := httptest.NewRecorder()
	admin.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/cpu", http.NoBody))
	fmt.Println(answer.Code)
	// Output: 200
}
