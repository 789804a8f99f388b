// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"encoding/json"
	"strings"
)

// redactJSON returns v, what still has made of a value, without the values of
// secret keys. Everything else is as it was, in its order.
func (c *config) redactJSON(v any) any {
	raw, ok := v.(jsonValue)
	if !ok {
		return v
	}
	dec := json.NewDecoder(strings.NewReader(raw.text))
	dec.UseNumber()
	var out bytes.Buffer
	if err := c.copyJSON(&out, dec); err != nil {
		return redacted // not JSON that can be read: nobody can say what it shows
	}
	return jsonValue{out.String()}
}

func (c *config) copyJSON(out *bytes.Buffer, dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return c.copyMembers(out, dec)
	case json.Delim('['):
		return c.copyElements(out, dec)
	}
	return writeJSON(out, token)
}

func (c *config) copyMembers(out *bytes.Buffer, dec *json.Decoder) error {
	out.WriteByte('{')
	for first := true; dec.More(); first = false {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		if !first {
			out.WriteByte(',')
		}
		if err := writeJSON(out, token); err != nil {
			return err
		}
		out.WriteByte(':')
		if key, ok := token.(string); ok && c.isSecret(key) {
			out.WriteString(`"` + redacted + `"`)
			err = skipJSON(dec)
		} else {
			err = c.copyJSON(out, dec)
		}
		if err != nil {
			return err
		}
	}
	out.WriteByte('}')
	_, err := dec.Token()
	return err
}

func (c *config) copyElements(out *bytes.Buffer, dec *json.Decoder) error {
	out.WriteByte('[')
	for first := true; dec.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		if err := c.copyJSON(out, dec); err != nil {
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

func writeJSON(out *bytes.Buffer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the newline that Encode adds
	return nil
}
