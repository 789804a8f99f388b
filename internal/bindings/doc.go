// SPDX-License-Identifier: Apache-2.0

// Package bindings is the persistent map of Storages to values: a table that never changes, and is
// copied to bind one more.
//
// # Homes
//
// A binding is in the allocation of the table that bound it, so that a Run allocates once. A later
// table that takes the binding over then keeps that allocation alive, and with it everything that
// the first table has. That loses nothing as long as the second table has all of it too. So there
// is one rule:
//
//	a table that leaves out something of another starts from its Free copy,
//	whose bindings stand alone
//
// Without it, two Storages that are set in turn, each Run inside the previous one, would keep every
// value that they ever had. The Free copy is kept with its table, so that a Run repeated over the
// same table pays for it once. Trees have no homes.
//
// # Concurrency
//
// A Map is immutable once it has been handed out: everything here is safe for concurrent use except
// making one.
package bindings
