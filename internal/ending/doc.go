// SPDX-License-Identifier: Apache-2.0

// Package ending tells listeners, such as package blackbox, how requests end. It learns that from
// logging.Complete, which middleware and jobs call, and from the lines of loggers.
//
// A caller that may have an event can check [On] first, which is one atomic load.
//
// # Concurrency
//
// Everything is safe for concurrent use. The functions of a Listener must be, too.
package ending
