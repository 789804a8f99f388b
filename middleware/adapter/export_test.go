// SPDX-License-Identifier: Apache-2.0

package adapter

import "net/http"

// Kept returns how many routes i keeps, and of one of them how many variants of a
// measurement.
func (i *Instrumentation) Kept(method, path string) (routes, variants int) {
	r := i.routes.find(method, path)
	if list := r.variants.Load(); list != nil {
		variants = len(*list)
	}
	return len(*i.routes.known.Load()), variants
}

// IsTimeoutWriter reports whether w is taken for the writer of a http.TimeoutHandler, and
// whether it is asked so if its time is over.
func IsTimeoutWriter(w http.ResponseWriter) (is, late bool) { return isTimeoutWriter(w), tooLate(w) }

// Remembered counts the stacks about which something is remembered.
func (c *Caller) Remembered() (n int) {
	for i := range c.verdicts {
		if c.verdicts[i].Load() != nil {
			n++
		}
	}
	return n
}

// Shapes returns w in every shape that a recorder comes in.
func Shapes(w http.ResponseWriter) (all []http.ResponseWriter) {
	for _, shape := range shapes {
		all = append(all, shape(recorderAround(w)))
	}
	return all
}

// Shape returns the shape that a recorder around w has.
func Shape(w http.ResponseWriter) http.ResponseWriter { return recorderAround(w).shape() }

// recorderAround is one of a middleware without options.
func recorderAround(w http.ResponseWriter) *recorder {
	return &recorder{w: w, incoming: new(http.Request), inst: &Instrumentation{config: new(config)}}
}
