// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/asynclocal/asynclocal/internal/value"
)

// redactJSON returns v, the frozen form of a value, without the values of secret keys. Everything
// else stays as it was, in its order.
func (r *Redactor) redactJSON(v any) any {
	raw, ok := v.(value.JSON)
	if !ok {
		return v
	}
	dec := json.NewDecoder(strings.NewReader(raw.String()))
	dec.UseNumber()
	var out bytes.Buffer
	if err := r.copyJSON(&out, dec); err != nil {
		return redacted // not JSON that can be parsed: what it shows is not known
	}
	return value.NewJSON(out.String())
}

func (r *Redactor) copyJSON(out *bytes.Buffer, dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return r.copyMembers(out, dec)
	case json.Delim('['):
		return r.copyElements(out, dec)
	}
	return value.WriteJSON(out, token)
}

func (r *Redactor) copyMembers(out *bytes.Buffer, dec *json.Decoder) error {
	out.WriteByte('{')
	for first := true; dec.More(); first = false {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		if !first {
			out.WriteByte(',')
		}
		if err := value.WriteJSON(out, token); err != nil {
			return err
		}
		out.WriteByte(':')
		if key, ok := token.(string); ok && r.IsSecret(key) {
			out.WriteString(`"` + redacted + `"`)
			err = skipJSON(dec)
		} else {
			err = r.copyJSON(out, dec)
		}
		if err != nil {
			return err
		}
	}
	out.WriteByte('}')
	_, err := dec.Token()
	return err
}

func (r *Redactor) copyElements(out *bytes.Buffer, dec *json.Decoder) error {
	out.WriteByte('[')
	for first := true; dec.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		if err := r.copyJSON(out, dec); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	_, err := dec.Token()
	return err
}

func skipJSON(dec *json.Decoder) error {
	var ignored json.RawMessage
	return dec.Decode(&ignored)
}
