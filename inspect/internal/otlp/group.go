// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// Field numbers of TracesData, ResourceSpans and ScopeSpans; those for logs are the same.
const (
	fieldResourceGroups = 1
	fieldResource       = 1
	fieldScopeGroups    = 2
	fieldScope          = 1
	fieldRecords        = 2
)

// eachRecord calls record with every span or log record of an export, and with its source.
func (b *Export) eachRecord(body []byte, record func([]byte, *telemetry.Source) error) error {
	return eachField(body, fieldResourceGroups, func(group []byte) error {
		from, err := b.sourceOf(group)
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

// joined returns every occurrence of an embedded message as one, by concatenating them: that is how
// protobuf merges.
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

// shared returns what the records of a group share, repaired if needed.
func (b *Export) shared(group []byte, field protowire.Number, s *shape) ([]byte, error) {
	raw, err := joined(group, field)
	if err != nil || b.sound {
		return raw, err
	}
	whole, mended, err := s.wellFormed(raw)
	if mended {
		b.Mended++
	}
	return whole, err
}
