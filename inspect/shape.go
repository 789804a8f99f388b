// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"errors"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// shape says which fields of a message are strings and which are messages: what it takes to tell
// whether bytes are a well-formed message without decoding it. Decoding each span into a message, to
// look at a tenth of it, would make up most of what the inspector costs the application it runs in.
// That a shape accepts what the protobuf library accepts, and nothing else, is fuzzed.
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
)

// maxDepth is the protobuf library's own.
const maxDepth = protowire.DefaultRecursionLimit

func (s *shape) check(b []byte, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	c := cursor{rest: b}
	for c.next() {
		if c.typ != protowire.BytesType || c.num >= protowire.Number(len(s.inner)) {
			continue
		}
		if s.text>>c.num&1 != 0 && !utf8.Valid(c.bytes) {
			return errUTF8
		}
		if inner := s.inner[c.num]; inner != nil {
			if err := inner.check(c.bytes, depth+1); err != nil {
				return err
			}
		}
	}
	return c.err
}
