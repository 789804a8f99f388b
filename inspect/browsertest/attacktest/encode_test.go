// SPDX-License-Identifier: Apache-2.0

package attacktest_test

import (
	"encoding/binary"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The bodies are made field by field: hundreds of thousands of spans of messages would take longer than
// the attack.

func field(b []byte, n protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), value)
}

func attr(key, value string) []byte {
	return field(field(nil, 1, []byte(key)), 2, field(nil, 1, []byte(value)))
}

func numAttr(key string, value uint64) []byte {
	v := protowire.AppendVarint(protowire.AppendTag(nil, 3, protowire.VarintType), value)
	return field(field(nil, 1, []byte(key)), 2, v)
}

func traceID(n int) []byte {
	id := make([]byte, 16)
	binary.BigEndian.PutUint64(id, 0xa77ac)
	binary.BigEndian.PutUint64(id[8:], uint64(n)+1)
	return id
}

func spanID(n int) []byte {
	id := make([]byte, 8)
	binary.BigEndian.PutUint64(id, uint64(n)+1)
	return id
}

const (
	server   = 2
	consumer = 5
)

var epoch = uint64(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano())

// spanOf is a span of a trace, below another of it unless parent is negative.
func spanOf(trace, span, parent int, kind uint64, name string, fields ...[]byte) []byte {
	b := field(nil, 1, traceID(trace))
	b = field(b, 2, spanID(span))
	if parent >= 0 {
		b = field(b, 4, spanID(parent))
	}
	b = field(b, 5, []byte(name))
	b = protowire.AppendVarint(protowire.AppendTag(b, 6, protowire.VarintType), kind)
	at := epoch + uint64(span)*1000
	b = protowire.AppendFixed64(protowire.AppendTag(b, 7, protowire.Fixed64Type), at)
	b = protowire.AppendFixed64(protowire.AppendTag(b, 8, protowire.Fixed64Type), at+500_000)
	for _, f := range fields {
		b = append(b, f...)
	}
	return b
}

func attrField(kv []byte) []byte { return field(nil, 9, kv) }

func linkField(trace, span int) []byte {
	return field(nil, 13, field(field(nil, 1, traceID(trace)), 2, spanID(span)))
}

// export is a body with records of one resource.
func export(resource []byte, records ...[]byte) []byte {
	n := 0
	for _, r := range records {
		n += len(r) + 5
	}
	scope := make([]byte, 0, n)
	for _, r := range records {
		scope = field(scope, 2, r)
	}
	return field(nil, 1, field(field(nil, 1, resource), 2, scope))
}

var shop = field(nil, 1, attr("service.name", "shop"))

// lineOf is a log line of a span.
func lineOf(trace, span int, body string, fields ...[]byte) []byte {
	b := protowire.AppendFixed64(protowire.AppendTag(nil, 1, protowire.Fixed64Type), epoch+uint64(span)*1000)
	b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), 9)
	b = field(b, 5, field(nil, 1, []byte(body)))
	for _, f := range fields {
		b = append(b, f...)
	}
	b = field(b, 9, traceID(trace))
	return field(b, 10, spanID(span))
}
