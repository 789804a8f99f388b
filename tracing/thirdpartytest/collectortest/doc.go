// SPDX-License-Identifier: Apache-2.0

// Package collectortest holds a test of the whole way that spans and lines go: from
// code that has no ctx, through the SDK's exporters, to a collector.
package collectortest
