// SPDX-License-Identifier: Apache-2.0

// Package exchange is one HTTP request and its response, as every middleware here
// sees it: the request's identity and scope, its span, its metrics and its
// completion line. The middleware of a framework says what only the framework
// knows (the route, the client's address, how an error is answered) and leaves
// the rest to it.
//
// # Life of an Exchange
//
// Begin reads the request, starts the span and opens nothing yet. Run calls the
// handler inside the Request, on a copy of the http.Request whose context carries
// everything. Finish, once, records how it ended; where the outcome is not known
// when Run returns, it may come later and from another goroutine.
package exchange
