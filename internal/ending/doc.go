// SPDX-License-Identifier: Apache-2.0

// Package ending is how what has to know how requests end gets to know it, as package blackbox
// does: from logging.Complete, which middleware and jobs call, and from the lines of loggers.
//
// Who might tell asks [On], which is one atomic load.
//
// # Concurrency
//
// Everything is safe for concurrent use; the functions of a Listener have to be.
package ending
