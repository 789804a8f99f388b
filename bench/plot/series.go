// SPDX-License-Identifier: Apache-2.0

package main

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A series is one stack's bars, one for each mode.
type series struct {
	xys     plotter.XYs // the middle of a bar's upper end
	figures []figure
	labels  []string
}

func (s series) addTo(p *plot.Plot, first float64, width vg.Length, fill color.Color) error {
	bars, err := plotter.NewBarChart(plotter.YValues{XYer: s.xys}, width)
	if err != nil {
		return err
	}
	bars.XMin, bars.Color, bars.LineStyle.Width = first, fill, 0
	whiskers, err := plotter.NewYErrorBars(s)
	if err != nil {
		return err
	}
	whiskers.LineStyle = draw.LineStyle{Color: ink, Width: vg.Points(0.7)}
	whiskers.CapWidth = width / 3
	p.Add(bars)
	if s.spread() {
		p.Add(whiskers)
	}
	p.Add(s.texts())
	return nil
}

// texts are the figures, each above its bar and its whisker.
func (s series) texts() *plotter.Labels {
	l := &plotter.Labels{Labels: s.labels, Offset: vg.Point{Y: vg.Points(3)}}
	for i, xy := range s.xys {
		l.XYs = append(l.XYs, plotter.XY{X: xy.X, Y: s.figures[i].most})
		style := styled(8)
		style.XAlign = text.XCenter
		l.TextStyle = append(l.TextStyle, style)
	}
	return l
}

// spread says whether the runs differ at all: allocations do not.
func (s series) spread() bool {
	for _, f := range s.figures {
		if f.least != f.most {
			return true
		}
	}
	return false
}

func (s series) Len() int                { return len(s.xys) }
func (s series) XY(i int) (x, y float64) { return s.xys.XY(i) }
func (s series) YError(i int) (low, high float64) {
	f := s.figures[i]
	return f.median - f.least, f.most - f.median
}
