// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"errors"
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

// is tells whether the field is number num and encoded as typ. A field in another encoding is an
// unknown one.
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

// verify returns why an export cannot be decoded, and finds out whether it is sound.
func (b *batch) verify(body []byte, s *shape) error {
	b.sound = true
	return eachField(body, fieldResourceGroups, func(group []byte) error {
		if err := b.verifyShared(group, fieldResource, resourceShape); err != nil {
			return err
		}
		return eachField(group, fieldScopeGroups, func(scope []byte) error {
			if err := b.verifyShared(scope, fieldScope, scopeShape); err != nil {
				return err
			}
			return eachField(scope, fieldRecords, func(raw []byte) error {
				err := b.verifyOne(s, raw)
				if errors.Is(err, errMany) {
					b.sound = false
					return nil
				}
				return err
			})
		})
	})
}

func (b *batch) verifyShared(group []byte, field protowire.Number, s *shape) error {
	raw, err := joined(group, field)
	if err != nil {
		return err
	}
	return b.verifyOne(s, raw)
}

func (b *batch) verifyOne(s *shape, raw []byte) error {
	left := maxValues
	err := s.check(raw, 1, &left)
	if errors.Is(err, errUTF8) {
		b.sound = false
		return nil
	}
	return err
}

// joined returns every occurrence of an embedded message as one. They are, one after the other: that is
// how protobuf merges.
func joined(group []byte, field protowire.Number) (all []byte, err error) {
	var parts [][]byte
	err = eachField(group, field, func(value []byte) error {
		parts = append(parts, value)
		return nil
	})
	if len(parts) == 1 {
		return parts[0], err
	}
	return bytes.Join(parts, nil), err
}

// shared returns what the records of a group share, mended where that is what it takes.
func (b *batch) shared(group []byte, field protowire.Number, s *shape) ([]byte, error) {
	raw, err := joined(group, field)
	if err != nil || b.sound {
		return raw, err
	}
	whole, mended, err := s.wellFormed(raw)
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
	raw, err := b.shared(group, fieldResource, resourceShape)
	o := &origin{originKey: originKey{resource: string(raw)}}
	o.process = maphash.String(processes, o.resource)
	b.size += len(o.resource)
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
	raw, err := b.shared(scope, fieldScope, scopeShape)
	for c := (cursor{rest: raw}); c.next(); {
		switch {
		case c.is(fieldScopeName, protowire.BytesType):
			o.scope = string(c.bytes)
		case c.is(fieldScopeVersion, protowire.BytesType):
			o.version = string(c.bytes)
		}
	}
	b.size += len(o.scope) + len(o.version)
	return &o, err
}
