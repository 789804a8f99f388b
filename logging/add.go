// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"reflect"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// Add puts fields on every later line of the request that the calling goroutine works for, from any
// correlated logger, and on its completion line. The last value of a key wins; a field given on a
// line or to With overrides it there. Outside a request Add does nothing.
//
// The values are read now, not when a line is written, so later changes to what they point to do
// not show. They have the bounds of WithFlightRecorder, and a method that does not return is waited
// for up to a second. A request keeps 64 fields; fields with further keys are left out, and counted
// in the field log_fields_dropped.
//
// Add may be called from any goroutine of the request. Each call copies the fields collected so
// far, so use it for facts about the request, not in a loop.
func Add(fields ...zap.Field) {
	if r, ok := store.Current(); ok {
		addTo(r, fields)
	}
}

// AddTo is Add for the request that ctx carries, else the calling goroutine's.
func AddTo(ctx context.Context, fields ...zap.Field) {
	if r, ok := logstate.Request(ctx); ok {
		addTo(r, fields)
	}
}

func addTo(r *store.Request, fields []zap.Field) {
	if len(fields) > 0 {
		logstate.Of(r).Add(value.Freeze(nil, fields, early, true))
	}
}

// AddToJobs is AddTo for fields that also go on the lines of the request's jobs: those it enqueues
// from now on, and the jobs that those enqueue. The fields leave the process in a message's
// headers: do not add what the broker must not see.
func AddToJobs(ctx context.Context, fields ...zap.Field) {
	r, ok := logstate.Request(ctx)
	if !ok || len(fields) == 0 {
		return
	}
	read := value.Freeze(nil, fields, early, true)
	for i := range read {
		value.AsJSON(&read[i])
	}
	logstate.Of(r).AddToJobs(read)
}

// early is for values that are read before it is known which logger writes them: nothing is
// redacted until then.
var early earlyRules

type earlyRules struct{}

// strict shows no headers at all.
var strict = redact.New()

func (earlyRules) Field(*zap.Field)            {}
func (earlyRules) IsSecret(string) bool        { return false }
func (earlyRules) Value(v any) any             { return v }
func (earlyRules) MayHide(t reflect.Type) bool { return strict.MayHide(t) }
func (earlyRules) BeforeJSON(v any) any        { return strict.Value(v) }
