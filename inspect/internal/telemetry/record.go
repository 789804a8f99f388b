// SPDX-License-Identifier: Apache-2.0

package telemetry

// Source is the sender of a record. Many records share one: the store keeps one of those that are
// equal.
type Source struct {
	SourceKey
	Process uint64 // represents the resource when records are compared
	Refs    int    // entries that have records of it; counted by the store
}

// SourceKey identifies a Source.
type SourceKey struct {
	Service  string
	Resource string // the encoded Resource
	Scope    string
	Version  string
}

// MaxIndexedName is how much of a name is read, in bytes.
const MaxIndexedName = 256

// SpanRef names a span.
type SpanRef struct {
	Trace TraceID
	Span  SpanID
}

// Span is one span in the store: what is needed to find and order it, and its encoded form, from
// which everything else is decoded when the page asks for it. One pointer-free block per record
// keeps the garbage collector's work, and the accounting, small.
type Span struct {
	SpanRef
	Parent     SpanID
	Start, End int64 // Unix nanoseconds
	Kind       uint8
	Failed     bool
	RequestID  string
	Task       string // the kind of bound work it represents, or ""
	Thread     int64  // on which it was started, or 0
	NameAt     uint32 // in raw
	NameEnd    uint32
	Source     *Source
	Links      []SpanRef
	Raw        []byte
}

// LogRecord is one log line in the store.
type LogRecord struct {
	SpanRef
	Time      int64
	Severity  uint8
	Recorded  bool // kept by a flight recorder and written later
	RequestID string
	Thread    int64 // that logged it, or 0
	Source    *Source
	Raw       []byte
}

// The memory of a record beyond its encoded bytes: its struct, the slot that points to it, and what
// the allocator rounds up. A test checks it against the heap.
const (
	spanOverhead   = 224
	logOverhead    = 144
	linkOverhead   = 32
	sourceOverhead = 512
)

// slack returns how many bytes n encoded bytes are counted as: a quarter more, for the allocator's
// size classes and for garbage that is not yet collected.
func slack(n int) int { return n + n/4 }

// Name is read from the encoded span: programs have few names, but a sender with as many names as
// spans must not make the store hold each one twice.
func (s *Span) Name() string {
	return string(Clip(s.Raw[s.NameAt:s.NameEnd], MaxIndexedName))
}

// Size returns how many bytes it is counted as.
func (s *Span) Size() int {
	return spanOverhead + slack(len(s.Raw)) + len(s.RequestID) + linkOverhead*len(s.Links)
}

// Size returns how many bytes it is counted as.
func (l *LogRecord) Size() int {
	return logOverhead + slack(len(l.Raw)) + len(l.RequestID)
}

// Size returns how many bytes it is counted as.
func (o *Source) Size() int {
	return sourceOverhead + slack(len(o.Service)+len(o.Resource)+len(o.Scope)+len(o.Version))
}

// Batch is some records of an export, and the counts of those that are not in it. The records are
// still parts of the export's body.
type Batch struct {
	Spans    []*Span
	Logs     []*LogRecord
	Own      []TraceID // traces of requests to the inspector itself
	Ignored  int       // log lines that belong to no request
	Rejected int       // records that the sender must not send again
	Mended   int       // records with text that was not UTF-8
}

// Clip shortens s to at most n bytes at a rune boundary.
func Clip[T string | []byte](s T, n int) T {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
