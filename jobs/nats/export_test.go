// SPDX-License-Identifier: Apache-2.0

package natsjobs

// Backoff and MaxDeliver are the defaults, for a test to add up.
var Backoff = exponential

const MaxDeliver = defaultMaxDeliver
