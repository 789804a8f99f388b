// SPDX-License-Identifier: Apache-2.0

package httpconv

import "github.com/asynclocal/asynclocal/internal/text"

// maxRaw is how much of a query is read: it may be a megabyte. A value that is cut here is redacted
// like a whole one.
const maxRaw = 4 * MaxQuery

// Query returns url.query: raw with secret values redacted.
func Query(raw string, secret *text.Query) string {
	return Text(secret.Redact(raw[:min(len(raw), maxRaw)]), MaxQuery)
}
