// SPDX-License-Identifier: Apache-2.0

package value

import "log/slog"

// Valuers bounds how many LogValuers of a line are asked: one may return itself, twice.
type Valuers struct{ asked int }

// Spent counts a LogValuer, and reports whether it is beyond the bound: then it is not to be asked.
func (v *Valuers) Spent() bool {
	v.asked++
	return v.asked > maxAttrs
}

// Beyond is what stands for a LogValuer beyond the bound.
func Beyond() slog.Value { return slog.StringValue("!ERROR: " + ErrLarge.Error()) }
