// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

// A figure sums up the runs of one stack in one mode.
type figure struct{ median, least, most float64 }

func (r *results) figure(c cell, unit string) figure {
	return summed(r.runs[c][unit])
}

func summed(runs []float64) figure {
	runs = slices.Sorted(slices.Values(runs))
	n := len(runs)
	return figure{(runs[(n-1)/2] + runs[n/2]) / 2, runs[0], runs[n-1]}
}

// ratio is how many times of the other stack's time one takes: the median of what the runs say, each
// compared with the other's run of the same round, as what slows a machine down slows both.
func (r *results) ratio(c cell, to string) float64 {
	runs, others := r.runs[c][seconds], r.runs[cell{c.mode, to}][seconds]
	var ratios []float64
	for i := range min(len(runs), len(others)) {
		ratios = append(ratios, runs[i]/others[i])
	}
	return summed(ratios).median
}

// scaled is the figure in another unit.
func (f figure) scaled(by float64) figure {
	return figure{f.median * by, f.least * by, f.most * by}
}

// about says of what the figures are: how many runs, and the machine.
func (r *results) about() string {
	var machine []string
	for _, key := range machineKeys {
		switch value := r.machine[key]; {
		case value == "":
		case key == gomaxprocs:
			machine = append(machine, key+"="+value)
		case key == live:
			machine = append(machine, value+" of live heap")
		default:
			machine = append(machine, value)
		}
	}
	return fmt.Sprintf("median of %s; %s", r.counted(), strings.Join(machine, ", "))
}

func (r *results) counted() string {
	var counts []int
	for _, runs := range r.runs {
		counts = append(counts, len(runs[seconds]))
	}
	switch least, most := slices.Min(counts), slices.Max(counts); {
	case most == 1:
		return "1 run"
	case least == most:
		return fmt.Sprintf("%d runs", most)
	default:
		return fmt.Sprintf("%d to %d runs", least, most)
	}
}
