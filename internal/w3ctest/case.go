// SPDX-License-Identifier: Apache-2.0

package w3ctest

import (
	"fmt"
	"strings"
)

// The trace and the span of the caller.
const (
	Trace     = "12345678901234567890123456789012"
	Parent    = "1234567890123456"
	Unsampled = "00-" + Trace + "-" + Parent + "-00"
	Sampled   = "00-" + Trace + "-" + Parent + "-01"
)

// Request is one message of a case: its fields as "name: value" lines, and the expected result.
type Request struct {
	Fields string
	Same   bool   // the trace continues, else a new one starts
	State  string // the tracestate sent on
}

func restarts(fields string) Request       { return Request{Fields: fields} }
func continues(fields string) Request      { return Request{Fields: fields, Same: true} }
func carries(state, fields string) Request { return Request{fields, true, state} }
func drops(tracestate string) Request      { return continues(join(parent(Unsampled), tracestate)) }
func keeps(state, tracestate string) Request {
	return carries(state, join(parent(Unsampled), tracestate))
}

func join(lines ...string) string { return strings.Join(lines, "\n") }

func parent(value string) string { return "traceparent: " + value }

func state(values ...string) string {
	lines := make([]string, len(values))
	for i, v := range values {
		lines[i] = "tracestate: " + v
	}
	return join(lines...)
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// Members returns a tracestate of n members.
func Members(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("bar%02d=%02d", i+1, i+1)
	}
	return strings.Join(list, ",")
}

const everyKeyChar = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"

var everyValueChar = func() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		if c != ',' && c != '=' {
			b.WriteByte(c)
		}
	}
	return b.String()
}()
