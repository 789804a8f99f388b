// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/asynclocal/asynclocal/internal/text"
)

// redacted returns r without the values that must not be seen.
func (e *emitter) redacted(r log.Record) log.Record {
	var n log.Record
	n.SetTimestamp(r.Timestamp())
	n.SetObservedTimestamp(r.ObservedTimestamp())
	n.SetSeverity(r.Severity())
	n.SetSeverityText(r.SeverityText())
	n.SetEventName(r.EventName())
	n.SetErr(r.Err())
	n.SetBody(e.shown(r.Body()))
	r.WalkAttributes(func(a attribute.KeyValue) bool {
		n.AddAttributes(e.shownAttribute(a))
		return true
	})
	return n
}

func (e *emitter) shownAttribute(a attribute.KeyValue) attribute.KeyValue {
	if e.cfg.redactor.IsSecret(string(a.Key)) {
		return a.Key.String(text.Redacted)
	}
	a.Value = e.shown(a.Value)
	return a
}

// shown returns what may be seen of v. The keys of maps decide about their members. A map of lists
// of strings counts as headers, because a bridge makes such a map of headers.
func (e *emitter) shown(v attribute.Value) attribute.Value {
	switch v.Type() {
	case attribute.SLICE:
		list := v.AsSlice()
		for i := range list {
			list[i] = e.shown(list[i])
		}
		return attribute.SliceValue(list...)
	case attribute.MAP:
		if h, ok := headers(v); ok {
			return listed(e.cfg.redactor.Value(h))
		}
		members := v.AsMap()
		for i := range members {
			members[i] = e.shownAttribute(members[i])
		}
		return attribute.MapValue(members...)
	}
	return v
}

// mayHide reports whether v may contain something that must not be seen, whatever its key.
func mayHide(v attribute.Value) bool {
	return v.Type() == attribute.MAP || v.Type() == attribute.SLICE
}

// headers returns v as headers, if it is a map of lists of strings.
func headers(v attribute.Value) (h map[string][]string, ok bool) {
	members := v.AsMap()
	h = make(map[string][]string, len(members))
	for _, m := range members {
		switch m.Value.Type() {
		case attribute.STRINGSLICE:
			h[string(m.Key)] = m.Value.AsStringSlice()
		case attribute.SLICE:
			var list []string
			for _, s := range m.Value.AsSlice() {
				if s.Type() != attribute.STRING {
					return nil, false
				}
				list = append(list, s.AsString())
			}
			h[string(m.Key)] = list
		default:
			return nil, false
		}
	}
	return h, len(h) > 0
}

// listed returns the headers that a Redactor has left, as a value.
func listed(shown any) attribute.Value {
	h, ok := shown.(map[string][]string)
	if !ok {
		return attribute.StringValue(text.Redacted)
	}
	members := make([]attribute.KeyValue, 0, len(h))
	for key, list := range h {
		members = append(members, attribute.StringSlice(key, list))
	}
	return attribute.MapValue(members...)
}
