// SPDX-License-Identifier: Apache-2.0

package adapter

import "fmt"

// Extend returns an option of a framework's own, name: apply is called with the *C that [New]
// was given, in the order of the options. So one list holds the options of this package,
// which all make sense for any server, and those that are told of the framework's context
// instead of an http.Request.
//
// Extend panics, with the name, unless given says that the option has got what it needs, a
// function that is not nil for one. Given to a middleware that has no *C, the option panics:
// it was made for another.
func Extend[C any](name string, given bool, apply func(*C)) Option {
	function(given, name)
	need(apply != nil, "Extend", "(nil)", "pass the function that sets the option")
	return option(func(c *config) {
		own, ok := c.own.(*C)
		if !ok {
			panic(fmt.Sprintf("%s: an option for %T was given to another middleware; give it to the New of its own package", c.name, own))
		}
		apply(own)
	})
}
