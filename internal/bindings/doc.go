// SPDX-License-Identifier: Apache-2.0

// Package bindings is the persistent map of Storages to values: a table that is never
// changed, copied by what binds one more.
//
// # Homes
//
// A binding lives in the allocation of the table that it was bound by, so that a Run
// allocates once. Then a table that has taken the binding over holds on to that
// allocation, and with it to all that the first table has. That is no loss as long as
// the second has all of it too. So there is one rule:
//
//	a table that leaves out something of another starts from its Free copy,
//	whose bindings stand alone
//
// Without it, two Storages that are set in turn, each Run around the next, keep
// every value that they ever had. The free copy is kept with the table that it is of, so
// that a Run repeated over the same table pays for it once. Trees have no homes.
//
// # Concurrency
//
// A Map is immutable once it has been handed out: everything here is safe for
// concurrent use but the making of one.
package bindings
