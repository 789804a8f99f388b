// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A chart is one picture: a group of bars for each mode, in it a bar for each stack.
type chart struct {
	title, axis string
	unit        string
	scale       float64 // from the unit to the axis's
	label       func(float64) string
}

var (
	times       = chart{"One request through Echo v4: time", "time per request (µs)", seconds, 1e6, tenths}
	allocations = chart{"One request through Echo v4: allocations", "allocations per request", allocs, 1, whole}
)

// Lengths are in points.
const (
	width, height vg.Length = 640, 320
	margin        vg.Length = 8
	legendWidth   vg.Length = 84

	group = 0.86 // of the distance of two groups, what their bars take
)

func (c chart) draw(w io.Writer, r *results) error {
	canvas := vgsvg.New(width, height)
	page := draw.New(canvas)
	// All of the page has a colour of its own: what is under it may be dark.
	page.FillPolygon(paper, corners(page.Rectangle))
	page = draw.Crop(page, margin, -margin, margin, -margin)

	p, legend := c.empty(r), newLegend()
	for i, stack := range r.stacks {
		fill := colorOf(stack, i)
		if err := c.add(p, r, i, fill); err != nil {
			return err
		}
		legend.Add(stack, swatch{fill})
	}
	p.Draw(draw.Crop(page, 0, -legendWidth, 0, 0))
	legend.Draw(draw.Crop(page, page.Max.X-page.Min.X-legendWidth, 0, 0, -3*margin))

	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	_, err := w.Write(withFallback(svg.Bytes()))
	return err
}

// empty is the chart without its bars.
func (c chart) empty(r *results) *plot.Plot {
	p := plot.New()
	p.Title.Text = c.title + "\n" + r.about()
	p.Title.Padding = margin
	p.Y.Label.Text = c.axis
	p.NominalX(r.modes...)
	p.X.Min, p.X.Max = -0.5, float64(len(r.modes))-0.5
	p.Y.Min, p.Y.Max = 0, 1.08*c.most(r)
	p.Y.Tick.Marker = plot.TickerFunc(ticks)
	dress(p)
	grid := plotter.NewGrid()
	grid.Vertical.Color = nil
	grid.Horizontal.Color = rule
	p.Add(grid)
	return p
}

func (c chart) most(r *results) (most float64) {
	for key := range r.runs {
		most = max(most, r.figure(key, c.unit).scaled(c.scale).most)
	}
	return most
}

// add draws the bars of the i-th stack, one for each mode, with the spread and the figure.
func (c chart) add(p *plot.Plot, r *results, i int, fill color.Color) error {
	step := group / float64(len(r.stacks))
	first := (float64(i) - float64(len(r.stacks)-1)/2) * step
	s := series{}
	for j, mode := range r.modes {
		f := r.figure(cell{mode, r.stacks[i]}, c.unit).scaled(c.scale)
		s.xys = append(s.xys, plotter.XY{X: first + float64(j), Y: f.median})
		s.figures = append(s.figures, f)
		s.labels = append(s.labels, c.label(f.median))
	}
	room := (width - legendWidth - 6*margin) / vg.Length(len(r.modes))
	return s.addTo(p, first, 0.9*vg.Length(step)*room, fill)
}

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}
