// SPDX-License-Identifier: Apache-2.0

// Package otlptest holds the tests in which the senders of the world export to an inspector: the
// OpenTelemetry SDK's own exporters, and the collector's, in each of their encodings. It exports nothing.
package otlptest
