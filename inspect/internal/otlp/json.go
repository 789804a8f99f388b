// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	// MaxJSON is the maximum size of an export in JSON, in bytes. JSON is for scripts and browsers;
	// reading it takes many times its size.
	MaxJSON = 4 << 20

	maxJSONValues = 250_000
)

var (
	errNotObject = errors.New("the body is not a JSON object")
	errManyJSON  = fmt.Errorf("the body has more than %d values; JSON is for small exports, protobuf for large ones", maxJSONValues)
)

// fromJSON turns OTLP/JSON, which is protobuf's JSON mapping with one exception, into the protobuf
// encoding of m: trace and span ids are hexadecimal, not base64. The ids are rewritten in place,
// and protojson does the rest. A tree of the JSON would be simpler, but twenty times as large as
// the body.
func (b *Export) fromJSON(body []byte, m proto.Message) ([]byte, error) {
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, errNotObject
	}
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
		b.Mended++
	}
	canonical, err := rewriteIDs(body)
	if err != nil {
		return nil, err
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(canonical, m); err != nil {
		return nil, err
	}
	return proto.Marshal(m)
}

// rewriteIDs replaces the hexadecimal ids in a JSON text with base64. It cannot mistake user data
// for an id: attributes are encoded as {"key": …, "value": …}, so their names are never JSON keys.
// Invalid JSON passes through it in some form; protojson rejects it.
func rewriteIDs(text []byte) ([]byte, error) {
	out := make([]byte, 0, len(text))
	values := 0
	key := "" // of the next value
	last := ""
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '"':
			end := stringEnd(text, i)
			quoted := text[i:end]
			i = end
			if key != "" {
				raw, err := hexOf(quoted)
				if err != nil {
					return nil, fmt.Errorf("%s is not hexadecimal: %w", key, err)
				}
				out = append(out, '"')
				out = base64.StdEncoding.AppendEncode(out, raw)
				out = append(out, '"')
				key, last = "", ""
				continue
			}
			out = append(out, quoted...)
			last = idKey(quoted)
			continue
		case ':':
			key, last = last, ""
		case '{', '[', ',':
			if values++; values > maxJSONValues {
				return nil, errManyJSON
			}
			key, last = "", ""
		case ' ', '\t', '\r', '\n':
		default:
			key, last = "", ""
		}
		out = append(out, text[i])
		i++
	}
	return out, nil
}

// stringEnd returns where the string that begins at i ends.
func stringEnd(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func hexOf(quoted []byte) ([]byte, error) {
	s, err := unquoted(quoted)
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(s)
}

func unquoted(quoted []byte) (s string, err error) {
	if len(quoted) >= 2 && bytes.IndexByte(quoted, '\\') < 0 && quoted[len(quoted)-1] == '"' {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	err = json.Unmarshal(quoted, &s)
	return s, err
}

// idKey returns the key that a string is, if it is the key of an id, else "".
func idKey(quoted []byte) string {
	if len(quoted) > 128 { // longer than any such key with each letter escaped
		return ""
	}
	switch s, _ := unquoted(quoted); s {
	case "traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id":
		return s
	}
	return ""
}
