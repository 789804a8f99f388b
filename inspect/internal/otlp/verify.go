// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// verify returns why an export cannot be decoded, and determines whether it is sound.
func (b *Export) verify(body []byte, s *shape) error {
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

func (b *Export) verifyShared(group []byte, field protowire.Number, s *shape) error {
	raw, err := joined(group, field)
	if err != nil {
		return err
	}
	return b.verifyOne(s, raw)
}

func (b *Export) verifyOne(s *shape, raw []byte) error {
	left := maxValues
	err := s.check(raw, 1, &left)
	if errors.Is(err, errUTF8) {
		b.sound = false
		return nil
	}
	return err
}
