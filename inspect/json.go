// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// fromJSON turns OTLP/JSON, which is protobuf's JSON mapping with one exception, into the protobuf
// encoding of m: trace and span ids are hexadecimal, not base64. The ids are rewritten, and protojson
// does the rest. JSON is the format of scripts and browsers, so clarity beats speed here.
func fromJSON(body []byte, m proto.Message) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("data after the JSON object")
	}
	if err := rewriteIDs(tree); err != nil {
		return nil, err
	}
	canonical, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(canonical, m); err != nil {
		return nil, err
	}
	return proto.Marshal(m)
}

// rewriteIDs cannot mistake user data for an id: attributes travel as {"key": …, "value": …}, so their
// names are never JSON keys.
func rewriteIDs(node any) error {
	switch n := node.(type) {
	case map[string]any:
		for k, v := range n {
			if s, ok := v.(string); ok && isIDKey(k) {
				raw, err := hex.DecodeString(s)
				if err != nil {
					return fmt.Errorf("%s is not hexadecimal: %w", k, err)
				}
				n[k] = base64.StdEncoding.EncodeToString(raw)
			} else if err := rewriteIDs(v); err != nil {
				return err
			}
		}
	case []any:
		for _, v := range n {
			if err := rewriteIDs(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func isIDKey(k string) bool {
	switch k {
	case "traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id":
		return true
	}
	return false
}
