// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

const (
	maxTracestateMembers = 32
	maxTracestateKey     = 256
	maxTracestateValue   = 256

	// maxTracestateLength is the only length in the specification: the minimum that a system must
	// propagate ("tracestate Limits"). From a longer list whole members are removed, the large ones
	// first.
	maxTracestateLength = 512
	largeMember         = 128
)

// member is one list member of a tracestate.
type member struct{ key, value string }

// parseTracestate parses all fields of a message as one list, and returns the part of it that is
// sent on. A list that breaks a rule is empty. all is that list if some key is beyond
// trace.TraceState, else nil.
func parseTracestate(fields []string) (state trace.TraceState, all []member) {
	var space [maxTracestateMembers]member
	members, ok := appendMembers(space[:0], fields)
	if !ok || len(members) == 0 {
		return trace.TraceState{}, nil
	}
	members = truncate(members)
	if slices.ContainsFunc(members, beyondTraceState) {
		all = slices.Clone(members)
		members = slices.DeleteFunc(members, beyondTraceState)
	}
	text := fields[0]
	if len(fields) > 1 || listLength(members) != len(text) { // else text is what would be written
		text = formatMembers(members)
	}
	state, err := trace.ParseTraceState(text)
	if err != nil {
		return trace.TraceState{}, nil
	}
	return state, all
}

// appendMembers appends the members of all fields; it returns false if a rule was broken. Of
// members with one key the first counts, because the latest is leftmost: editions before 2026
// refuse such a list, Level 2 discards one of them ("Mutating the tracestate Field"). More than 32
// keys are not a valid list ("list": list-member 0*31(…)), and an invalid list may be discarded as
// a whole ("A traceparent is Received", 3); the rule that the right-most member is removed is about
// adding one's own ("tracestate Header Field Values"). The public suite wants the list discarded.
func appendMembers(members []member, fields []string) ([]member, bool) {
	for _, rest := range fields {
		for more := true; more; {
			var item string
			item, rest, more = strings.Cut(rest, ",")
			if item = trimOWS(item); item == "" {
				continue
			}
			m, ok := parseMember(item)
			switch {
			case !ok:
				return nil, false
			case hasKey(members, m.key):
				continue
			case len(members) == maxTracestateMembers:
				return nil, false
			}
			members = append(members, m)
		}
	}
	return members, true
}

func parseMember(item string) (m member, ok bool) {
	key, value, found := strings.Cut(item, "=")
	return member{key, value}, found && validKey(key) && validValue(value)
}

// validKey reports whether key matches the grammar of Level 2.
func validKey(key string) bool {
	if key == "" || len(key) > maxTracestateKey || !isLowerOrDigit(key[0]) {
		return false
	}
	for i := 1; i < len(key); i++ {
		if !isKeyChar(key[i]) {
			return false
		}
	}
	return true
}

func isLowerOrDigit(c byte) bool { return isLower(c) || '0' <= c && c <= '9' }

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

func isKeyChar(c byte) bool {
	return isLowerOrDigit(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@'
}

// validValue reports whether value is valid. Leading spaces are part of it; trailing ones were
// trimmed as optional whitespace.
func validValue(value string) bool {
	if value == "" || len(value) > maxTracestateValue {
		return false
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' || c == ',' || c == '=' {
			return false
		}
	}
	return true
}

func hasKey(members []member, key string) bool {
	return slices.ContainsFunc(members, func(m member) bool { return m.key == key })
}

// truncate removes as little as possible to fit maxTracestateLength: from the end, members of more
// than largeMember characters, and when there are no more of those, others. Optional whitespace is
// not sent on, so it does not count.
func truncate(members []member) []member {
	for length := listLength(members); length > maxTracestateLength; length = listLength(members) {
		last := len(members) - 1
		for i := last; i >= 0; i-- {
			if len(members[i].key)+1+len(members[i].value) > largeMember {
				last = i
				break
			}
		}
		members = slices.Delete(members, last, last+1)
	}
	return members
}

func listLength(members []member) int {
	n := 2*len(members) - 1
	for _, m := range members {
		n += len(m.key) + len(m.value)
	}
	return n
}

func formatMembers(members []member) string {
	if len(members) == 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(listLength(members))
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(m.key)
		b.WriteByte('=')
		b.WriteString(m.value)
	}
	return b.String()
}
