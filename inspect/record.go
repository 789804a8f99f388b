// SPDX-License-Identifier: Apache-2.0

package inspect

import "encoding/hex"

type (
	traceID [16]byte
	spanID  [8]byte
)

func (t traceID) valid() bool    { return t != traceID{} }
func (t traceID) String() string { return hex.EncodeToString(t[:]) }
func (s spanID) valid() bool     { return s != spanID{} }
func (s spanID) String() string  { return hex.EncodeToString(s[:]) }

func parseTraceID(s string) (t traceID, ok bool) {
	if len(s) != hex.EncodedLen(len(t)) {
		return t, false
	}
	_, err := hex.Decode(t[:], []byte(s))
	return t, err == nil && t.valid()
}

func parseSpanID(s string) (id spanID, ok bool) {
	if len(s) != hex.EncodedLen(len(id)) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil && id.valid()
}

// origin is who sent a record. Many records share one: the ring keeps one of those that are equal.
type origin struct {
	originKey
	process uint64 // stands for the resource where records are compared
	refs    int    // entries that have records of it; the ring's
}

type originKey struct {
	service  string
	resource string // the encoded Resource
	scope    string
	version  string
}

type spanRef struct {
	trace traceID
	span  spanID
}

// span is one span in the ring: what finding and ordering it needs, and its encoded form, from which
// everything else is decoded when somebody looks. One pointer-free block per record keeps the garbage
// collector's work, and the accounting, small.
type span struct {
	spanRef
	parent     spanID
	start, end int64 // Unix nanoseconds
	kind       uint8
	failed     bool
	requestID  string
	task       string // the kind of bound work it stands for, "" for none
	thread     int64  // on which it was started, 0 if that is not known
	nameAt     uint32 // in raw
	nameEnd    uint32
	origin     *origin
	links      []spanRef
	raw        []byte
}

// logRecord is one log line in the ring.
type logRecord struct {
	spanRef
	time      int64
	severity  uint8
	recorded  bool // kept by a flight recorder and written later
	requestID string
	thread    int64 // that logged it, 0 if that is not known
	origin    *origin
	raw       []byte
}

// What a record costs beyond its encoded bytes: its struct, the slot that points to it and what the
// allocator rounds up. Checked against the heap by a test.
const (
	spanOverhead   = 224
	logOverhead    = 144
	linkOverhead   = 32
	entryOverhead  = 1600
	idOverhead     = 192
	originOverhead = 512
)

// slack is what encoded bytes are counted as beyond themselves: a quarter, for the allocator's size
// classes and for what is garbage already, which is memory as well.
func slack(n int) int { return n + n/4 }

// name is read from the encoded span: programs have few, but strangers who send as many as spans must not
// have each of them held twice.
func (s *span) name() string {
	return string(clip(s.raw[s.nameAt:s.nameEnd], maxIndexedName))
}

func (s *span) size() int {
	return spanOverhead + slack(len(s.raw)) + len(s.requestID) + linkOverhead*len(s.links)
}

func (l *logRecord) size() int {
	return logOverhead + slack(len(l.raw)) + len(l.requestID)
}

func (o *origin) size() int {
	return originOverhead + slack(len(o.service)+len(o.resource)+len(o.scope)+len(o.version))
}

// batch is one export, and those of its records that are decoded and not handed over yet. They still
// are parts of its body.
type batch struct {
	add      func(*batch)
	spans    []*span
	logs     []*logRecord
	size     int       // of the records, and of what they share
	sound    bool      // no text has to be mended, and no record rejected for its values
	rejected int       // records the sender must not send again
	reason   string    // why the first of them was rejected
	mended   int       // records with text that was not UTF-8
	ignored  int       // log lines that belong to no request
	own      []traceID // traces of requests to the inspector itself
	fromLogs bool
	path     string // the inspector's
}
