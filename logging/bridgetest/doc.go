// SPDX-License-Identifier: Apache-2.0

// Package bridgetest shows, and tests, that logging composes with otelzap, the zap
// core of the OpenTelemetry contrib repository that exports lines as OTLP records.
// It is a module of its own so that the library does not depend on otelzap; it has
// nothing to import.
//
// A record has fields of its own for the trace, which the bridge fills from a
// context: logging.WithContext hands it the ambient one, and a scheme that leaves
// the ids out keeps them from being attributes as well:
//
//	core := logging.NewCore(otelzap.NewCore("shop"),
//		logging.WithContext(), logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"})))
package bridgetest
