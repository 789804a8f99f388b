// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// search looks for words in all spans and lines of a request. They are searched in their encoded
// form, where every string is plain UTF-8: decoding what does not match would cost a hundred times
// as much. ASCII letters match in either case, others only as they are written.
type search struct {
	words [][]byte // not found yet
	lower []byte   // reused
}

func newSearch(words []string) *search {
	s := &search{}
	for _, w := range words {
		s.words = append(s.words, []byte(w))
	}
	return s
}

func (s *search) done() bool { return len(s.words) == 0 }

// look drops the words that text contains. It first folds into a buffer and leaves the search to
// bytes.Index, which stays linear on text made to slow it down.
func (s *search) look(text []byte) {
	s.lower = appendLower(s.lower[:0], text)
	s.strike()
}

func (s *search) lookString(text string) {
	s.lower = appendLower(s.lower[:0], text)
	s.strike()
}

func (s *search) strike() {
	s.words = slices.DeleteFunc(s.words, func(w []byte) bool { return bytes.Contains(s.lower, w) })
}

// summary searches what the list shows, where most searches end.
func (s *search) summary(r *summary) {
	for _, text := range []string{r.RequestID, r.TraceID, r.Name, r.Method, r.Route, r.Path, r.ErrorType, strconv.Itoa(r.Status)} {
		s.lookString(text)
	}
}

// request searches everything else.
func (s *search) request(it *spanstore.Request) {
	for _, p := range it.Parts {
		if p.Trace.Valid() {
			s.lookString(p.Trace.String())
		}
		service := ""
		for _, sp := range p.Spans {
			if s.done() {
				return
			}
			if name := sp.Source.Service; name != service {
				service = name
				s.lookString(name)
			}
			s.look(sp.Raw)
			s.spanID(sp.SpanRef.Span)
		}
		for _, l := range p.Logs {
			if s.done() {
				return
			}
			s.look(l.Raw)
		}
	}
}

// spanID compares the whole id: parts of one would match only by accident.
func (s *search) spanID(id telemetry.SpanID) {
	s.words = slices.DeleteFunc(s.words, func(w []byte) bool {
		parsed, ok := telemetry.ParseSpanID(string(w))
		return ok && parsed == id
	})
}

// lower maps ASCII letters to lower case. It is a table because the data is half text and half
// numbers: a branch would be mispredicted all the time.
var lower = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

func appendLower[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, s...)
	for i, c := range dst {
		dst[i] = lower[c]
	}
	return dst
}

func lowerASCII(s string) string { return string(appendLower(nil, s)) }

func containsFold(s, lower string) bool { return strings.Contains(lowerASCII(s), lower) }
