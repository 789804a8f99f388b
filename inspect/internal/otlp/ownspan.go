// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"slices"
	"strings"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// isOwn reports whether a span is the server's side of a request to the inspector.
func (b *Export) isOwn(s *telemetry.Span, urlPath []byte) bool {
	if b.path == "" || s.Kind != telemetry.KindServer {
		return false
	}
	path, ok := strings.CutPrefix(string(urlPath), b.path)
	if !ok {
		return false
	}
	if path == "" || path == "/" {
		return true
	}
	return slices.ContainsFunc([]string{"/v1/", "/api/", "/requests/", "/assets/", "/login"}, func(prefix string) bool {
		return strings.HasPrefix(path, prefix)
	})
}
