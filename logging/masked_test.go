// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"encoding/json"
	"strings"
)

func decoded(text string) (v any, ok bool) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	return v, dec.Decode(&v) == nil && !dec.More()
}

// masked is redaction as simply as it can be said.
func masked(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, x := range v {
			if strings.EqualFold(k, "password") {
				m[k] = "REDACTED"
				continue
			}
			m[k] = masked(x)
		}
		return m
	case []any:
		l := []any{}
		for _, x := range v {
			l = append(l, masked(x))
		}
		return l
	}
	return v
}
