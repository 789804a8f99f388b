// SPDX-License-Identifier: Apache-2.0

package frame

import "github.com/asynclocal/asynclocal/internal/ambient"

// Regain puts before back into the calling goroutine's slot if foreign code has changed the slot
// since. Tracers label goroutines, with a ctx that knows nothing of us. Regain returns the labels that
// they have set, and whether they have set any.
func Regain(before ambient.Slot) (labels ambient.Slot, set bool) {
	now := ambient.Get()
	if now == before || !ambient.On() {
		return ambient.Slot{}, false
	}
	ambient.Set(before)
	return ambient.Without(now), true
}

// Show gives the calling goroutine these labels, and no others, beside its frame.
func Show(labels ambient.Slot) {
	slot := ambient.Get()
	if f := of(slot); f != nil {
		labels = labelled(f, labels).Slot()
	} else if ambient.SameLabels(slot, labels) {
		return
	}
	ambient.Set(labels)
}

// Keep calls Regain and Show: profiles see what is set now, and the goroutine runs with what it had
// before.
func Keep(before ambient.Slot) {
	if labels, set := Regain(before); set {
		Show(labels)
	}
}

// Slot returns the calling goroutine's slot, for Regain.
func Slot() ambient.Slot { return ambient.Get() }

// IsLabelKey reports whether package pprof asks a context for its labels by key.
func IsLabelKey(key any) bool { return ambient.IsLabelKey(key) }

// Labels is the answer of a context that has no labels: the labels of the calling goroutine's frame,
// or nil.
func Labels() any {
	f := of(ambient.Get())
	if f == nil || f.Payload.life.Expired() {
		return nil
	}
	return labelled(f, ambient.Slot{}).LabelValue()
}
