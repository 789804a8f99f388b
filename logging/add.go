// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"reflect"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging/internal/value"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// maxAdded is how many fields a request can have.
const maxAdded = 64

// Add puts fields on every later line of the request that the calling goroutine
// works for, whatever logger writes it, and on its completion line. The last value
// of a key wins; a field given on a line or to With beats it there. Outside a
// request Add does nothing.
//
// The values are read now, not when a line is written: what they point to may
// change afterwards. They have the bounds of WithFlightRecorder, and a method that does
// not return is waited for a second. A request keeps 64 fields; a further key is left out, and the
// field log_fields_dropped counts those.
//
// Add may be called from any goroutine of the request. It copies what is there
// already, so it is for facts about the request, not for a loop.
func Add(fields ...zap.Field) {
	if r, ok := store.Current(); ok {
		addTo(r, fields)
	}
}

// AddTo is Add for the request that ctx carries, else the calling goroutine's.
func AddTo(ctx context.Context, fields ...zap.Field) {
	if r, ok := requestIn(ctx); ok {
		addTo(r, fields)
	}
}

func addTo(r *store.Request, fields []zap.Field) {
	if len(fields) > 0 {
		stories.Of(r).add(value.Freeze(nil, fields, early, true))
	}
}

// early is for values that are read before it is known which logger writes them: nothing
// is taken out of them until then.
var early earlyRules

type earlyRules struct{}

// strict shows no headers at all.
var strict = redact.New()

func (earlyRules) Field(*zap.Field)            {}
func (earlyRules) IsSecret(string) bool        { return false }
func (earlyRules) Value(v any) any             { return v }
func (earlyRules) MayHide(t reflect.Type) bool { return strict.MayHide(t) }
func (earlyRules) BeforeJSON(v any) any        { return strict.Value(v) }

const droppedKey = "log_fields_dropped"

func (s *story) add(fields []zap.Field) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.fields())
	for i := range fields {
		all = put(all, fields[i])
	}
	s.added.Store(&all)
}

// put sets f in all, in the place of one with its key.
func put(all []zap.Field, f zap.Field) []zap.Field {
	at := indexKey(all, f.Key)
	switch {
	case at >= 0:
		all[at] = f
	case len(all) < maxAdded:
		all = append(all, f)
	default:
		all = countDropped(all)
	}
	return all
}

func countDropped(all []zap.Field) []zap.Field {
	if at := indexKey(all, droppedKey); at >= 0 {
		all[at].Integer++
		return all
	}
	return append(all, zap.Field{Key: droppedKey, Type: zapcore.Int64Type, Integer: 1})
}

func indexKey(fields []zap.Field, key string) int {
	for i := range fields {
		if fields[i].Key == key {
			return i
		}
	}
	return -1
}
