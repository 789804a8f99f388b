// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"context"
	"runtime/pprof"
	"unsafe"
)

// spy is a context that notes the key it is asked for: this reveals the unexported key of
// runtime/pprof without unsafe.
type spy struct {
	context.Context
	key any
}

func (s *spy) Value(key any) any { s.key = key; return nil }

// labelKey is the key under which a context carries its label set, and labelSample a value of the
// type found there.
var labelKey, labelSample = learn()

func learn() (key, sample any) {
	s := &spy{Context: context.Background()}
	ctx := pprof.WithLabels(s, pprof.Labels("k", "v"))
	if s.key == nil {
		return nil, nil
	}
	return s.key, ctx.Value(s.key)
}

// IsLabelKey reports whether runtime/pprof asks a context for its labels by key.
func IsLabelKey(key any) bool { return on && key == labelKey }

// LabelValue is the context's answer to that question, so that pprof.Do keeps f inside, and puts f
// back after.
func (f *Frame[P]) LabelValue() any { return f.Slot().LabelValue() }

// LabelValue is the context's answer if pprof.SetGoroutineLabels is to set s.
func (s Slot) LabelValue() any {
	v := labelSample
	(*eface)(unsafe.Pointer(&v)).data = s.p
	return v
}

// eface is the layout of an interface value without methods.
type eface struct{ typ, data unsafe.Pointer }
