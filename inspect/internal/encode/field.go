// SPDX-License-Identifier: Apache-2.0

package encode

import "google.golang.org/protobuf/encoding/protowire"

type number = protowire.Number

// As in protobuf, fields that hold their type's zero value are not written.

func appendString[T string | []byte](b []byte, field protowire.Number, s T) []byte {
	if len(s) == 0 {
		return b
	}
	b = protowire.AppendTag(b, field, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendVarint(b []byte, field protowire.Number, n uint64) []byte {
	if n == 0 {
		return b
	}
	b = protowire.AppendTag(b, field, protowire.VarintType)
	return protowire.AppendVarint(b, n)
}

func appendFixed64(b []byte, field protowire.Number, n uint64) []byte {
	if n == 0 {
		return b
	}
	b = protowire.AppendTag(b, field, protowire.Fixed64Type)
	return protowire.AppendFixed64(b, n)
}

func appendFixed32(b []byte, field protowire.Number, n uint32) []byte {
	if n == 0 {
		return b
	}
	b = protowire.AppendTag(b, field, protowire.Fixed32Type)
	return protowire.AppendFixed32(b, n)
}

// appendMessage appends an embedded message, which write appends. The length stands before the
// message, but is known only after it. One byte is left for the length, which is enough for nearly
// all messages; for a longer length the message is moved.
func appendMessage(b []byte, field protowire.Number, write func([]byte) []byte) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	at := len(b)
	b = write(append(b, 0))
	n := len(b) - at - 1
	if extra := protowire.SizeVarint(uint64(n)) - 1; extra > 0 {
		b = append(b, make([]byte, extra)...)
		copy(b[at+1+extra:], b[at+1:at+1+n])
	}
	protowire.AppendVarint(b[:at], uint64(n))
	return b
}
