// SPDX-License-Identifier: Apache-2.0

package exchange

// Kept returns how many routes s keeps, and of one of them how many variants of a
// measurement.
func (s *Server) Kept(method, path string) (routes, variants int) {
	r := s.routes.find(method, path)
	if list := r.variants.Load(); list != nil {
		variants = len(*list)
	}
	return len(*s.routes.known.Load()), variants
}
