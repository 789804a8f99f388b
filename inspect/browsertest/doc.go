// SPDX-License-Identifier: Apache-2.0

// Package browsertest holds the inspector's tests that need more than the library may depend on: a
// browser to show the page in, and the OpenTelemetry SDK's own exporters. It exports nothing.
package browsertest
