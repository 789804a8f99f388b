// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"unique"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
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
func eachRecord(body []byte, record func([]byte, unique.Handle[origin]) error) error {
	return eachField(body, fieldResourceGroups, func(group []byte) error {
		from, err := originOf(group)
		if err != nil {
			return err
		}
		return eachField(group, fieldScopeGroups, func(scope []byte) error {
			o, err := from.scoped(scope)
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

// merge decodes every occurrence of an embedded message into m, as protobuf asks for.
func merge(b []byte, field protowire.Number, m proto.Message) error {
	return eachField(b, field, func(value []byte) error {
		return proto.UnmarshalOptions{Merge: true}.Unmarshal(value, m)
	})
}

func originOf(group []byte) (origin, error) {
	var r resourcev1.Resource
	if err := merge(group, fieldResource, &r); err != nil {
		return origin{}, err
	}
	o := origin{service: stringOf(r.GetAttributes(), "service.name")}
	if o.service == "" {
		o.service = "unknown_service" // what the specification has an SDK say
	}
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(&r)
	o.resource = string(raw)
	return o, err
}

func (o origin) scoped(scope []byte) (unique.Handle[origin], error) {
	var s commonv1.InstrumentationScope
	err := merge(scope, fieldScope, &s)
	o.scope, o.version = s.GetName(), s.GetVersion()
	return unique.Make(o), err
}
