// SPDX-License-Identifier: Apache-2.0

package adapter

import "fmt"

// Extend returns a framework's own option, with the given name: apply is called with the *C that
// [New] was given, in the order of the options. So one list can hold both the options of this
// package, which make sense for any server, and options that use the framework's context instead of
// an http.Request.
//
// Extend panics, with the name, unless given is true; pass whether the option got what it needs,
// such as a non-nil function. If the option is given to a middleware that has no *C, it panics: it
// was made for another middleware.
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
