// SPDX-License-Identifier: Apache-2.0

// Package collectortest tests the whole path of spans and log lines: from code that has no ctx,
// through the SDK's exporters, to a collector.
package collectortest
