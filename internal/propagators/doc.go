// SPDX-License-Identifier: Apache-2.0

// Package propagators decides how requests carry a trace if their middleware and client are not
// configured.
package propagators
