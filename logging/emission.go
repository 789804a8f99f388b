// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

// compose returns r with the attributes of its request, redacted if it is to be emitted now.
func (e *emitter) compose(o owner, r log.Record, now bool) log.Record {
	added := logstate.Peek(o.request).Fields()
	by, maps := e.scan(&r)
	var room [8]attribute.KeyValue
	more := e.belongings(room[:0], o, by)
	for i := range added {
		if f := added[i]; by&e.cfg.scheme.match(f.Key) == 0 && !hasAttribute(&r, f.Key) {
			if value.AsJSON(&f); now {
				e.cfg.redactor.Field(&f)
			}
			more = value.AppendAttributes(more, &f)
		}
	}
	if now && (maps || e.cfg.redactor.HasKeys()) {
		r = e.redacted(r)
	} else if len(more) > 0 {
		r = r.Clone() // the caller may emit r elsewhere too
	}
	r.AddAttributes(more...)
	return r
}

// belongings appends the scheme's fields, except those of the trace and those that the record has
// by hand.
func (e *emitter) belongings(dst []attribute.KeyValue, o owner, by given) []attribute.KeyValue {
	s := &e.cfg.scheme
	if o.request != nil && by&givenRequest == 0 && s.keys.RequestID != "" {
		dst = append(dst, attribute.String(s.keys.RequestID, o.request.ID()))
	}
	if e.cfg.goroutines {
		var room [2]zap.Field
		for _, f := range s.addGoroutine(room[:0], o, by) {
			dst = value.AppendAttributes(dst, &f)
		}
	}
	return dst
}

// scan returns which of the scheme's fields r has by hand, and whether there are maps among its
// attributes.
func (e *emitter) scan(r *log.Record) (by given, maps bool) {
	r.WalkAttributes(func(a attribute.KeyValue) bool {
		by |= e.cfg.scheme.match(string(a.Key))
		maps = maps || mayHide(a.Value)
		return true
	})
	return by, maps
}

func hasAttribute(r *log.Record, key string) (has bool) {
	r.WalkAttributes(func(a attribute.KeyValue) bool {
		has = string(a.Key) == key
		return !has
	})
	return has
}

// emission is a record that a flight recorder has kept.
type emission struct {
	emitter *emitter
	ctx     context.Context
	record  log.Record
}

func (e *emission) reset() { *e = emission{} }

// keep keeps a copy of r. Attribute values cannot change, and the copy has its own slices.
func (e *emitter) keep(ctx context.Context, r log.Record, g *loggerState) recordingState {
	rec := e.cfg.recorder
	return g.emissions.keep(&rec.emissions, rec.lines, func(k *emission) {
		k.emitter, k.ctx, k.record = e, context.WithoutCancel(ctx), r.Clone()
	})
}

// emitKept emits k and the number of records lost before it, as writeRecord does for a line.
func emitKept(k *emission, lost int) {
	defer func() {
		if value := recover(); value != nil {
			otel.Handle(fmt.Errorf("logging: a LoggerProvider panicked with a record that was kept, %q: %s",
				text.Valid(k.record.Body().String(), maxPanic), text.Of(value, maxPanic)))
		}
	}()
	r := k.emitter.redacted(k.record)
	r.AddAttributes(attribute.Bool(recordedKey, true))
	if lost > 0 {
		r.AddAttributes(attribute.Int(linesDroppedKey, lost))
	}
	k.emitter.inner.Emit(k.ctx, r)
}
