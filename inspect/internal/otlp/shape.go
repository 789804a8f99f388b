// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// shape says which fields of a message are strings and which are messages: enough to tell whether
// bytes are a well-formed message without decoding it. Decoding each span into a message, to look
// at a tenth of it, would be most of the inspector's cost to the application it runs in. A fuzz
// test checks that a shape accepts what the protobuf library accepts, and nothing else.
type shape struct {
	text  uint32
	inner [16]*shape
}

var (
	spanShape = &shape{text: bits(3, 5), inner: [16]*shape{9: keyValueShape, 11: eventShape, 13: linkShape, 15: {text: bits(2)}}}
	logShape  = &shape{text: bits(3, 12), inner: [16]*shape{5: anyValueShape, 6: keyValueShape}}

	eventShape = &shape{text: bits(2), inner: [16]*shape{3: keyValueShape}}
	linkShape  = &shape{text: bits(3), inner: [16]*shape{4: keyValueShape}}

	keyValueShape = &shape{text: bits(1)}
	resourceShape = &shape{inner: [16]*shape{1: keyValueShape, 3: {text: bits(1, 2, 3, 4)}}}
	scopeShape    = &shape{text: bits(1, 2), inner: [16]*shape{3: keyValueShape}}

	anyValueShape = &shape{text: bits(1), inner: [16]*shape{5: {}, 6: {inner: [16]*shape{1: keyValueShape}}}}
)

func init() { // values nest
	keyValueShape.inner[2] = anyValueShape
	anyValueShape.inner[5].inner[1] = anyValueShape
}

func bits(fields ...int) (set uint32) {
	for _, f := range fields {
		set |= 1 << f
	}
	return set
}

var (
	errUTF8 = errors.New("a string is not UTF-8")
	errDeep = errors.New("values are nested too deeply")
	errMany = errors.New("a record has more values than the inspector keeps")
)

// maxDepth is the protobuf library's own limit.
const maxDepth = protowire.DefaultRecursionLimit

// maxValues bounds the values in a record, including lists and maps. SDKs stop at 128 attributes,
// events and links; two bytes that become an attribute of a hundred in memory are an attack.
const maxValues = 20_000

// check returns why b is not a message of this shape; errUTF8 only if that is the only problem.
// left is how many more values it may have.
func (s *shape) check(b []byte, depth int, left *int) (err error) {
	if depth > maxDepth {
		return errDeep
	}
	c := cursor{rest: b}
	for c.next() {
		if c.typ != protowire.BytesType || c.num >= protowire.Number(len(s.inner)) {
			continue
		}
		if s.text>>c.num&1 != 0 && !utf8.Valid(c.bytes) {
			err = errUTF8
		}
		if inner := s.inner[c.num]; inner != nil {
			if *left--; *left < 0 {
				return errMany
			}
			switch e := inner.check(c.bytes, depth+1, left); {
			case e == errUTF8: //nolint:errorlint // it is one of three, and never wrapped
				err = e
			case e != nil:
				return e
			}
		}
	}
	if c.err != nil {
		return c.err
	}
	return err
}

// mend returns a well-formed message with each of its strings in UTF-8: invalid bytes become
// U+FFFD, as in fmt and encoding/json. One bad string must not cost the export it is in.
func (s *shape) mend(b []byte) []byte {
	out := make([]byte, 0, len(b)+16)
	for c := (cursor{rest: b}); ; {
		before := c.rest
		if !c.next() {
			return out
		}
		isText, inner := false, (*shape)(nil)
		if c.typ == protowire.BytesType && c.num < protowire.Number(len(s.inner)) {
			isText, inner = s.text>>c.num&1 != 0, s.inner[c.num]
		}
		switch {
		case isText:
			out = protowire.AppendTag(out, c.num, c.typ)
			out = protowire.AppendBytes(out, bytes.ToValidUTF8(c.bytes, []byte("\uFFFD")))
		case inner != nil:
			out = protowire.AppendTag(out, c.num, c.typ)
			out = protowire.AppendBytes(out, inner.mend(c.bytes))
		default:
			out = append(out, before[:len(before)-len(c.rest)]...)
		}
	}
}

// wellFormed returns b, repaired if needed.
func (s *shape) wellFormed(b []byte) (whole []byte, mended bool, err error) {
	left := maxValues
	switch err := s.check(b, 1, &left); {
	case err == nil:
		return b, false, nil
	case errors.Is(err, errUTF8):
		return s.mend(b), true, nil
	default:
		return nil, false, err
	}
}
