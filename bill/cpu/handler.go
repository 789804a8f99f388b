// SPDX-License-Identifier: Apache-2.0

package cpu

import (
	"fmt"
	"net/http"
)

// Handler serves the table of [Sampler.Routes] as text. The program decides who may see it.
//
// The handlers of package net/http/pprof are not included, because an import of that package puts
// them on http.DefaultServeMux.
func (s *Sampler) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		for _, r := range s.Routes() {
			name := r.Name
			if name == "" {
				name = "(no request)"
			}
			_, _ = fmt.Fprintf(w, "%10.0f ms  %q\n", float64(r.CPU)/1e6, name)
		}
	})
}
