// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"slices"
)

// view is one request with everything it did.
type view struct {
	Request row        `json:"request"`
	Errors  []failure  `json:"errors,omitempty"` // the cause first
	Curl    string     `json:"curl,omitempty"`
	Others  []row      `json:"others,omitempty"` // requests that carry the same id
	Causes  []string   `json:"causes,omitempty"` // traces it links to that are shown elsewhere
	Tasks   []task     `json:"tasks,omitempty"`  // the units of work that the spans are part of
	Spans   []spanView `json:"spans"`            // in tree order
	Logs    []logView  `json:"logs"`             // in time order
	Seq     seqNo      `json:"seq"`              // for /api/stream?after=
}

// level is how much of a view is wanted.
type level struct {
	details bool // attributes, events, links
	max     int  // bytes per string; 0 is no bound
}

// newView lays one request out. request narrows a trace that several requests share; it is "" for all
// of it.
func newView(it *item, request string, lv level) *view {
	f := newForest(it.parts)
	var logs []*logRecord
	for _, p := range it.parts {
		logs = append(logs, p.logs...)
	}
	if request != "" && len(f.requests()) > 1 {
		f.keep(request)
		logs = f.logsOf(logs, request)
	}
	slices.SortStableFunc(logs, func(a, b *logRecord) int { return cmp.Compare(a.time, b.time) })
	v := &view{Causes: f.causes(it.parts)}
	v.addLogs(f, logs, lv)
	v.addSpans(f, logs, lv)
	v.Tasks = f.tasks(logs)
	v.Errors = f.failures(v.Logs, lv.max)
	if head := f.head(); head != nil {
		v.Curl = curlOf(head)
	}
	return v
}

func (v *view) addLogs(f *forest, logs []*logRecord, lv level) {
	v.Logs = make([]logView, 0, len(logs))
	base, _ := f.window(logs)
	for _, l := range logs {
		lw := newLogView(l, base, lv)
		if i, ok := f.byRef[l.spanRef]; ok {
			lw.AfterSpan, lw.Elsewhere = l.isLate(&f.nodes[i]), l.isElsewhere(&f.nodes[i])
		}
		v.Logs = append(v.Logs, lw)
	}
}

func (v *view) addSpans(f *forest, logs []*logRecord, lv level) {
	v.Spans = make([]spanView, 0, len(f.order))
	base, answered := f.window(logs)
	head := f.head()
	lines := map[spanRef]int{}
	for _, l := range logs {
		lines[l.spanRef]++
	}
	for _, i := range f.order {
		sv := f.span(i, base, answered, lv)
		sv.Logs = lines[f.nodes[i].spanRef]
		sv.Task = f.taskKind(&f.nodes[i], head)
		v.Spans = append(v.Spans, sv)
	}
}

// window returns when the request started, and when it was answered.
func (f *forest) window(logs []*logRecord) (start, answered int64) {
	if head := f.head(); head != nil {
		return head.start, head.end
	}
	for _, l := range logs {
		if start == 0 || l.time < start {
			start = l.time
		}
		answered = max(answered, l.time)
	}
	return start, answered
}
