// SPDX-License-Identifier: Apache-2.0

// Package orm holds tests of package bill with what programs put between themselves and a
// database: gorm and sqlx, on a real SQLite, with the instrumentation of others. It is a
// module of its own so that none of what it needs is needed by anyone else.
package orm
