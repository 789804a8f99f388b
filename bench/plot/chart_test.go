// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestTheSameResultsMakeTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, out := range outputs {
		t.Run(out.suffix, func(t *testing.T) {
			t.Parallel()
			first := written(t, out.write, mustRead(t, sample))
			for range 5 {
				if !bytes.Equal(first, written(t, out.write, mustRead(t, sample))) {
					t.Fatal("two readings of one file differ")
				}
			}
		})
	}
}

func TestEverySeriesIsInThePicture(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]chart{"time": times, "allocations": allocations} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := mustRead(t, sample)
			s := parse(t, written(t, c.draw, r))
			for _, want := range append(append([]string{c.axis, c.title, r.about()}, r.modes...), r.stacks...) {
				if !slices.Contains(s.texts, want) {
					t.Errorf("no text %q among %q", want, s.texts)
				}
			}
			for i, stack := range r.stacks {
				if got, want := s.fills[hex(colorOf(stack, i))], len(r.modes)+1; got != want {
					t.Errorf("%s has %d areas, want %d: a bar for each mode, and the legend's", stack, got, want)
				}
				for _, mode := range r.modes {
					if label := c.label(r.figure(cell{mode, stack}, c.unit).scaled(c.scale).median); !slices.Contains(s.texts, label) {
						t.Errorf("no figure %s of %s, %s among %q", label, mode, stack, s.texts)
					}
				}
			}
		})
	}
}

// A bar that is twice as high has twice the figure.
func TestBarsAreAsHighAsTheirFigures(t *testing.T) {
	t.Parallel()
	r, err := read(nil, strings.NewReader(line("a/floor", 4000)+line("a/asynclocal", 8000)))
	if err != nil {
		t.Fatal(err)
	}
	s := parse(t, written(t, times.draw, r))
	floor, ours := s.heights[hex(colors["floor"])], s.heights[hex(colors["asynclocal"])]
	if ratio := ours / floor; ratio < 1.99 || ratio > 2.01 {
		t.Errorf("bars of 4 µs and 8 µs are %v and %v points high", floor, ours)
	}
}

func TestWhiskersReachFromTheFastestToTheSlowestRun(t *testing.T) {
	t.Parallel()
	draw := func(runs ...int) picture {
		var in strings.Builder
		for _, ns := range runs {
			in.WriteString(line("a/floor", ns))
		}
		r, err := read(nil, strings.NewReader(in.String()))
		if err != nil {
			t.Fatal(err)
		}
		return parse(t, written(t, times.draw, r))
	}
	one, three := draw(4000), draw(3000, 4000, 6000)
	if got, want := three.strokes-one.strokes, 3; got != want {
		t.Errorf("%d lines more for runs that differ, want %d: the whisker and its caps", got, want)
	}
}

func TestAStackThatNobodyKnowsHasAColourToo(t *testing.T) {
	t.Parallel()
	r, err := read(nil, strings.NewReader(line("a/fiber", 4000)+line("a/chi", 8000)))
	if err != nil {
		t.Fatal(err)
	}
	s := parse(t, written(t, times.draw, r))
	for i := range r.stacks {
		if s.fills[hex(others[i])] != 2 {
			t.Errorf("areas by colour: %v", s.fills)
		}
	}
}

func TestThePageHasAColourOfItsOwnAndFontsToFallBackOn(t *testing.T) {
	t.Parallel()
	svg := written(t, times.draw, mustRead(t, sample))
	var first struct {
		Group struct {
			Paths []struct {
				D     string `xml:"d,attr"`
				Style string `xml:"style,attr"`
			} `xml:"path"`
		} `xml:"g"`
	}
	if err := xml.Unmarshal(svg, &first); err != nil {
		t.Fatal(err)
	}
	if p := first.Group.Paths[0]; p.D != "M0,0L640,0L640,320L0,320Z" || p.Style != "fill:#FFFFFF" {
		t.Errorf("what is drawn first is %+v, not all of the page", p)
	}
	if n, all := bytes.Count(svg, []byte("sans-serif;")), bytes.Count(svg, []byte("<text")); n != all {
		t.Errorf("%d of %d texts name a font to fall back on", n, all)
	}
}

func written(t *testing.T, write func(io.Writer, *results) error, r *results) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
