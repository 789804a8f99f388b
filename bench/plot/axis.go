// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// ticks marks an axis at five places or a few more, at round figures: the library's own marks are
// three, and have as many digits as the range has.
func ticks(least, most float64) (marks []plot.Tick) {
	step := math.Pow(10, math.Floor(math.Log10((most-least)/5)))
	for _, round := range []float64{5, 2} {
		if (most-least)/(step*round) >= 4 {
			step *= round
			break
		}
	}
	for i := math.Ceil(least / step); i*step <= most; i++ {
		marks = append(marks, plot.Tick{Value: i * step, Label: strconv.FormatFloat(i*step, 'g', 4, 64)})
	}
	return marks
}

// whole is the label of a count.
func whole(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }

// tenths is the label of a time: no clock of a shared machine knows more.
func tenths(v float64) string {
	if v > 0 && v < 1 {
		return strconv.FormatFloat(v, 'g', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}
