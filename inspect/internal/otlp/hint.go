// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const maxHint = 160

// hintKeys are the attributes that say what a span was about. The span's name may not say it,
// because by design it has few distinct values. The first attribute present wins.
var hintKeys = []string{"db.query.text", "db.statement", "url.full", "http.url", "messaging.destination.name", "rpc.method"}

// Hint finds a span's hint in its encoded form, so that ten thousand spans can be shown without
// decoding them.
func Hint(raw []byte) string {
	best, hint := len(hintKeys), []byte(nil)
	c := cursor{rest: raw}
	for c.next() {
		if !c.is(9, protowire.BytesType) {
			continue
		}
		key, value, _ := scanKeyValue(c.bytes)
		for i, k := range hintKeys[:best] {
			if string(key) == k && len(value) > 0 {
				best, hint = i, value
			}
		}
	}
	return strings.TrimSpace(telemetry.Clip(strings.Join(strings.Fields(telemetry.Clip(string(hint), 4*maxHint)), " "), maxHint))
}
