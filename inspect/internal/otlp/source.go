// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"hash/maphash"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// Field numbers of Resource and InstrumentationScope.
const (
	fieldResourceAttributes = 1
	fieldScopeName          = 1
	fieldScopeVersion       = 2
)

// processes is the seed of the numbers that represent resources.
var processes = maphash.MakeSeed()

// sourceOf reads the source of a group, as far as its scopes agree. The resource stays encoded: it
// is decoded when it is shown.
func (b *Export) sourceOf(group []byte) (*telemetry.Source, error) {
	raw, err := b.shared(group, fieldResource, resourceShape)
	o := &telemetry.Source{SourceKey: telemetry.SourceKey{Resource: string(raw)}}
	o.Process = maphash.String(processes, o.Resource)
	b.size += len(o.Resource)
	for c := (cursor{rest: raw}); o.Service == "" && c.next(); {
		if c.is(fieldResourceAttributes, protowire.BytesType) {
			if key, value, _ := scanKeyValue(c.bytes); string(key) == "service.name" {
				o.Service = telemetry.Clip(string(value), telemetry.MaxIndexedName)
			}
		}
	}
	if o.Service == "" {
		o.Service = "unknown_service" // the specification's default for SDKs
	}
	return o, err
}

func (b *Export) scoped(from *telemetry.Source, scope []byte) (*telemetry.Source, error) {
	o := *from
	raw, err := b.shared(scope, fieldScope, scopeShape)
	for c := (cursor{rest: raw}); c.next(); {
		switch {
		case c.is(fieldScopeName, protowire.BytesType):
			o.Scope = string(c.bytes)
		case c.is(fieldScopeVersion, protowire.BytesType):
			o.Version = string(c.bytes)
		}
	}
	b.size += len(o.Scope) + len(o.Version)
	return &o, err
}
