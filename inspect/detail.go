// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"slices"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// detail is one request with everything it did, laid out. It becomes JSON in pages: an object with
// the fields request, errors (the cause first), curl, others (requests that carry the same id),
// causes (traces it links to that are shown elsewhere), tasks (the units of work that the spans are
// part of), spans (in tree order), logs (in time order) and seq (for /api/stream?after=).
type detail struct {
	forest  *forest
	lines   []*telemetry.LogRecord
	summary summary
	level   detailLevel
}

// detailLevel says how much of a view is wanted.
type detailLevel struct {
	details bool // attributes, events, links
	max     int  // bytes per string; 0 is no limit
}

// newDetail lays one request out. request narrows a trace that several requests share; "" means all
// of it. It returns nil if the trace has no such request.
func newDetail(it *spanstore.Request, request string, slow time.Duration, lv detailLevel) *detail {
	f := newForest(it.Parts)
	v := &detail{forest: f, level: lv}
	for _, p := range it.Parts {
		v.lines = append(v.lines, p.Logs...)
	}
	groups := f.groups(v.lines)
	if request != "" && len(groups) > 1 {
		i := slices.IndexFunc(groups, func(g group) bool { return g.id == request })
		if i < 0 {
			return nil
		}
		f.keep(groups[i])
		v.lines = groups[i].logs
		groups = groups[i : i+1]
	}
	slices.SortStableFunc(v.lines, func(a, b *telemetry.LogRecord) int { return cmp.Compare(a.Time, b.Time) })
	v.summary = newSummary(f, v.lines, slow)
	v.summary.Dropped = it.Dropped
	switch len(groups) {
	case 0:
	case 1:
		v.summary.RequestID = groups[0].id
	default:
		v.summary.RequestID = ""
	}
	return v
}

// write makes the view's JSON.
func (v *detail) write(p *pages, others []summary, seq uint64) {
	f := v.forest
	curl := ""
	if head := f.head(); head != nil {
		curl = curlOf(head)
	}
	p.text(`{"request":`)
	p.value(v.summary)
	field(p, "errors", f.failures(v.lines, v.level.max))
	if curl != "" {
		p.text(`,"curl":`)
		p.value(curl)
	}
	field(p, "others", others)
	field(p, "causes", f.causes())
	field(p, "tasks", f.tasks(v.lines))
	v.writeSpans(p)
	v.writeLines(p)
	p.text(`,"seq":`)
	p.value(seqNo(seq))
	p.text("}\n")
}

// field writes a list that is left out when it is empty.
func field[T any](p *pages, name string, list []T) {
	if len(list) == 0 {
		return
	}
	p.text(`,"` + name + `":[`)
	each(p, len(list), func(i int) any { return list[i] })
	p.text("]")
}

func (v *detail) writeSpans(p *pages) {
	f := v.forest
	base, answered := f.window(v.lines)
	head := f.head()
	lines := map[telemetry.SpanRef]int{}
	for _, l := range v.lines {
		lines[l.SpanRef]++
	}
	p.text(`,"spans":[`)
	each(p, len(f.order), func(i int) any {
		n := &f.nodes[f.order[i]]
		sv := f.span(f.order[i], base, answered, v.level)
		sv.Logs = lines[n.SpanRef]
		sv.Task = f.taskKind(n, head)
		return sv
	})
	p.text("]")
}

func (v *detail) writeLines(p *pages) {
	f := v.forest
	base, _ := f.window(v.lines)
	p.text(`,"logs":[`)
	each(p, len(v.lines), func(i int) any {
		l := v.lines[i]
		lw := newLineDetail(l, base, v.level)
		if t := f.lineTree(v.lines); t != nil {
			lw.Elsewhere = t.isElsewhere(i)
		} else if i, ok := f.byRef[l.SpanRef]; ok {
			lw.AfterSpan, lw.Elsewhere = isLate(l, &f.nodes[i]), isElsewhere(l, &f.nodes[i])
		}
		return lw
	})
	p.text("]")
}

// window returns when the request started, and when it was answered.
func (f *forest) window(logs []*telemetry.LogRecord) (start, answered int64) {
	if head := f.head(); head != nil {
		return head.Start, head.End
	}
	if t := f.lineTree(logs); t != nil {
		return t.base, t.answered
	}
	return 0, 0
}
