// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"hash/maphash"

	"google.golang.org/protobuf/encoding/protowire"
)

// cursor steps over the fields of one encoded message.
type cursor struct {
	rest   []byte
	num    protowire.Number
	typ    protowire.Type
	bytes  []byte // of a field of BytesType
	number uint64 // of a field of VarintType, Fixed64Type or Fixed32Type
	err    error
}

func (c *cursor) next() bool {
	if len(c.rest) == 0 {
		return false
	}
	num, typ, n := protowire.ConsumeTag(c.rest)
	if n < 0 || num > protowire.MaxValidNumber {
		c.err = protowire.ParseError(min(n, -1))
		return false
	}
	c.num, c.typ, c.rest = num, typ, c.rest[n:]
	switch typ {
	case protowire.BytesType:
		c.bytes, n = protowire.ConsumeBytes(c.rest)
	case protowire.VarintType:
		c.number, n = protowire.ConsumeVarint(c.rest)
	case protowire.Fixed64Type:
		c.number, n = protowire.ConsumeFixed64(c.rest)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(c.rest)
		c.number = uint64(v)
	default: // a group, which OTLP has none of
		n = protowire.ConsumeFieldValue(num, typ, c.rest)
	}
	if n < 0 {
		c.err = protowire.ParseError(n)
		return false
	}
	c.rest = c.rest[n:]
	return true
}

// is tells whether the field is number num and encoded as typ. A field in another encoding is one that
// nobody knows.
func (c *cursor) is(num protowire.Number, typ protowire.Type) bool {
	return c.num == num && c.typ == typ
}

// Field numbers of TracesData, ResourceSpans and ScopeSpans; their counterparts for logs agree.
const (
	fieldResourceGroups = 1
	fieldResource       = 1
	fieldScopeGroups    = 2
	fieldScope          = 1
	fieldRecords        = 2
)

// eachRecord calls record with every span or log record of an export, and with who sent it.
func (b *batch) eachRecord(body []byte, record func([]byte, *origin) error) error {
	return eachField(body, fieldResourceGroups, func(group []byte) error {
		from, err := b.originOf(group)
		if err != nil {
			return err
		}
		return eachField(group, fieldScopeGroups, func(scope []byte) error {
			o, err := b.scoped(from, scope)
			if err != nil {
				return err
			}
			return eachField(scope, fieldRecords, func(raw []byte) error { return record(raw, o) })
		})
	})
}

// eachField calls f with every occurrence of an embedded message.
func eachField(b []byte, want protowire.Number, f func([]byte) error) error {
	c := cursor{rest: b}
	for c.next() {
		if c.is(want, protowire.BytesType) {
			if err := f(c.bytes); err != nil {
				return err
			}
		}
	}
	return c.err
}

// joined returns every occurrence of an embedded message as one. They are, one after the other: that is
// how protobuf merges.
func (b *batch) joined(group []byte, field protowire.Number, s *shape) ([]byte, error) {
	var all []byte
	err := eachField(group, field, func(value []byte) error {
		if all == nil {
			all = value
		} else {
			all = append(all[:len(all):len(all)], value...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	whole, mended, err := s.wellFormed(all)
	if mended {
		b.mended++
	}
	return whole, err
}

// Field numbers of Resource and InstrumentationScope.
const (
	fieldResourceAttributes = 1
	fieldScopeName          = 1
	fieldScopeVersion       = 2
)

// processes is the seed of the numbers that stand for resources.
var processes = maphash.MakeSeed()

// originOf reads who sent a group, as far as its scopes agree. The resource stays encoded: it is decoded
// when it is looked at.
func (b *batch) originOf(group []byte) (*origin, error) {
	raw, err := b.joined(group, fieldResource, resourceShape)
	o := &origin{originKey: originKey{resource: string(raw)}}
	o.process = maphash.String(processes, o.resource)
	for c := (cursor{rest: raw}); o.service == "" && c.next(); {
		if c.is(fieldResourceAttributes, protowire.BytesType) {
			if key, value, _ := scanKeyValue(c.bytes); string(key) == "service.name" {
				o.service = clip(string(value), maxIndexedName)
			}
		}
	}
	if o.service == "" {
		o.service = "unknown_service" // what the specification has an SDK say
	}
	return o, err
}

func (b *batch) scoped(from *origin, scope []byte) (*origin, error) {
	o := *from
	raw, err := b.joined(scope, fieldScope, scopeShape)
	for c := (cursor{rest: raw}); c.next(); {
		switch {
		case c.is(fieldScopeName, protowire.BytesType):
			o.scope = string(c.bytes)
		case c.is(fieldScopeVersion, protowire.BytesType):
			o.version = string(c.bytes)
		}
	}
	return &o, err
}
