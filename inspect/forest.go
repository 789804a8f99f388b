// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"slices"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// How a span came to its place in the tree.
const (
	viaRoot   = "root"   // it has no parent
	viaParent = "parent" // its parent is here
	viaLink   = "link"   // it links to the span above, as a job does to the request that enqueued it
	viaOrphan = "orphan" // it has a parent that has not arrived, or lives in a process that exports elsewhere
)

type node struct {
	*telemetry.Span
	parent   int
	children []int
	depth    int
	top      int // the root it is below
	via      string
	request  string // the request id of the topmost span above that has one
}

// forest is the spans of a request's traces as trees, in display order.
type forest struct {
	nodes []node
	order []int // pre-order; siblings by start time
	byRef map[telemetry.SpanRef]int
	lines *lineTree // if there are no spans, once it was asked for
}

func newForest(parts []spanstore.Part) *forest {
	f := &forest{byRef: map[telemetry.SpanRef]int{}}
	for _, p := range parts {
		for _, s := range p.Spans {
			if i, sentTwice := f.byRef[s.SpanRef]; sentTwice {
				f.nodes[i].Span = s
				continue
			}
			f.byRef[s.SpanRef] = len(f.nodes)
			f.nodes = append(f.nodes, node{Span: s, parent: -1})
		}
	}
	f.connect()
	f.sort()
	return f
}

func (f *forest) connect() {
	for i := range f.nodes {
		n := &f.nodes[i]
		n.parent, n.via = f.above(n.Span)
		if n.parent == i {
			n.parent, n.via = -1, viaRoot
		}
		if n.parent >= 0 {
			above := &f.nodes[n.parent]
			above.children = append(above.children, i)
		}
	}
}

func (f *forest) above(s *telemetry.Span) (int, string) {
	via := viaRoot
	if s.Parent.Valid() {
		if p, ok := f.byRef[telemetry.SpanRef{Trace: s.Trace, Span: s.Parent}]; ok {
			return p, viaParent
		}
		via = viaOrphan
	}
	for _, l := range s.Links {
		if p, ok := f.byRef[l]; ok {
			return p, viaLink
		}
	}
	return -1, via
}

// sort lays the trees out. Spans may be malicious: parents may form a cycle, which no root leads
// to, or a chain as long as the trace, so the walk keeps its own stack and visits each span once.
func (f *forest) sort() {
	byStart := func(a, b int) int {
		return cmp.Or(cmp.Compare(f.nodes[a].Start, f.nodes[b].Start), cmp.Compare(a, b))
	}
	var roots, rest []int
	for i := range f.nodes {
		slices.SortFunc(f.nodes[i].children, byStart)
		if f.nodes[i].parent < 0 {
			roots = append(roots, i)
		} else {
			rest = append(rest, i)
		}
	}
	slices.SortFunc(roots, byStart)
	visited := make([]bool, len(f.nodes))
	for _, r := range roots {
		f.walk(r, visited)
	}
	if len(f.order) == len(f.nodes) {
		return
	}
	slices.SortFunc(rest, byStart)
	for _, i := range rest {
		if !visited[i] {
			f.nodes[i].parent, f.nodes[i].via = -1, viaRoot
			f.walk(i, visited)
		}
	}
}

func (f *forest) walk(root int, visited []bool) {
	stack := []int{root}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if visited[i] {
			continue
		}
		visited[i] = true
		n := &f.nodes[i]
		n.request, n.top = n.RequestID, i
		if n.parent >= 0 {
			above := &f.nodes[n.parent]
			n.depth, n.top = above.depth+1, above.top
			n.request = cmp.Or(above.request, n.RequestID)
		}
		f.order = append(f.order, i)
		for _, c := range slices.Backward(n.children) {
			stack = append(stack, c)
		}
	}
}

// keep narrows the forest to one of several requests that share a trace.
func (f *forest) keep(g group) {
	f.order = g.order
	for _, i := range f.order {
		n := &f.nodes[i]
		n.depth = 0
		if n.parent >= 0 && f.nodes[n.parent].request == g.id {
			n.depth = f.nodes[n.parent].depth + 1
		}
	}
}

// head returns the span that a request is known by: the outermost server span, else the outermost
// job, unless it is below a root that is not a call, such as a program's own background work; else
// the first root.
func (f *forest) head() *node {
	for _, kind := range []uint8{telemetry.KindServer, telemetry.KindConsumer} {
		for _, i := range f.order {
			if n := &f.nodes[i]; n.Kind == kind {
				if top := &f.nodes[n.top]; top.via == viaRoot && top.Kind <= telemetry.KindInternal && top.request == n.request {
					return top
				}
				return n
			}
		}
	}
	if len(f.order) == 0 {
		return nil
	}
	return &f.nodes[f.order[0]]
}

// causes returns the traces that spans link to and that are not part of the forest.
func (f *forest) causes() (out []string) {
	seen := map[telemetry.TraceID]bool{}
	for i := range f.nodes {
		seen[f.nodes[i].Trace] = true
	}
	for _, i := range f.order {
		for _, l := range f.nodes[i].Links {
			if len(out) == spanstore.MaxFamily {
				return out
			}
			if !seen[l.Trace] {
				seen[l.Trace] = true
				out = append(out, l.Trace.String())
			}
		}
	}
	return out
}
