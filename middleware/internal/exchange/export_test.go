// SPDX-License-Identifier: Apache-2.0

package exchange

import "net/http"

// Kept returns how many routes s keeps, and of one of them how many variants of a
// measurement.
func (s *Server) Kept(method, path string) (routes, variants int) {
	r := s.routes.find(method, path)
	if list := r.variants.Load(); list != nil {
		variants = len(*list)
	}
	return len(*s.routes.known.Load()), variants
}

// Shapes returns w in every shape that a recorder comes in.
func Shapes(w http.ResponseWriter) (all []http.ResponseWriter) {
	for _, shape := range shapes {
		all = append(all, shape(&recorder{w: w, of: &Exchange{incoming: new(http.Request), server: plain}}))
	}
	return all
}

// Shape returns the shape that a recorder around w has.
func Shape(w http.ResponseWriter) http.ResponseWriter {
	return (&recorder{w: w, of: &Exchange{incoming: new(http.Request), server: plain}}).shape()
}

// plain is a Server without options.
var plain = new(Server)
