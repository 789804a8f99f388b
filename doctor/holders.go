// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bytes"
	"regexp"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
)

// Lines of the goroutine profile about the goroutines that have the same stack and labels.
var (
	inProfile = regexp.MustCompile(`^(\d+) @ `)
	labelled  = regexp.MustCompile(`"request":("(?:[^"\\]|\\.)*").*"request_id":("(?:[^"\\]|\\.)*")`)
	ofFrame   = regexp.MustCompile(`^#\t0x[0-9a-f]+\t(\S+)\+0x[0-9a-f]+\t+(.+:\d+)$`)
)

// holdersOf returns the goroutines that merely inherited one of the requests; ids maps the labels
// to the ids. If a goroutine still works for the request, because it is bound or because another
// request has the same id, goroutines that it has started may hold the request too.
//
// Only the profile has the labels of all goroutines; it does not have their numbers, or what
// started them.
func holdersOf(ids map[string]string) (list []holder) {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return nil
	}
	atWork := map[string]bool{}
	for text := range strings.SplitSeq(b.String(), "\n\n") {
		h := readHolder(text)
		if label, ok := ids[h.id]; !ok || label != h.name || len(h.places) == 0 {
			continue
		}
		if slices.ContainsFunc(h.functions, isRun) {
			atWork[h.id] = true
			continue
		}
		list = append(list, h)
	}
	return slices.DeleteFunc(list, func(h holder) bool { return atWork[h.id] })
}

func readHolder(text string) (h holder) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := inProfile.FindStringSubmatch(line); m != nil {
			h = holder{}
			h.count, _ = strconv.Atoi(m[1]) // a number, and no more than there are goroutines
		} else if m := labelled.FindStringSubmatch(line); m != nil && strings.HasPrefix(line, "# labels: ") {
			h.name, h.id = unquote(m[1]), unquote(m[2])
		} else if m := ofFrame.FindStringSubmatch(line); m != nil {
			h.functions, h.places = append(h.functions, m[1]), append(h.places, m[2])
		}
	}
	return h
}

// isRun reports whether a function runs a request, or bound work.
func isRun(function string) bool {
	name, ours := strings.CutPrefix(function, module+"store.")
	return ours && (strings.HasPrefix(name, "Snapshot.") || strings.HasPrefix(name, "(*Request).Run") ||
		strings.HasPrefix(name, "RunContext") || strings.HasPrefix(name, "(*Resource).Run"))
}
