// SPDX-License-Identifier: Apache-2.0

// Package otlptest tests exporting to an inspector with common senders: the OpenTelemetry SDK's own
// exporters, and the collector's, in each of their encodings. It exports nothing.
package otlptest
