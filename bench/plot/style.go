// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	paper = color.White
	ink   = color.RGBA{0x24, 0x29, 0x2f, 0xff}
	rule  = color.RGBA{0xd8, 0xdc, 0xe2, 0xff}
)

// A stack keeps its colour, whichever others are in the picture. The lightness differs too, for who
// does not see colours and for print.
var colors = map[string]color.Color{
	"bare":       color.RGBA{0xc8, 0xcd, 0xd5, 0xff},
	"floor":      color.RGBA{0x8b, 0x94, 0xa3, 0xff},
	"asynclocal": color.RGBA{0x0b, 0x57, 0xd0, 0xff},
	"alone":      color.RGBA{0x8a, 0xb4, 0xf0, 0xff},
	"contrib":    color.RGBA{0xf4, 0xbc, 0x7c, 0xff},
	"assembled":  color.RGBA{0xcb, 0x5d, 0x1e, 0xff},
}

var others = []color.Color{
	color.RGBA{0x2e, 0x8b, 0x57, 0xff}, color.RGBA{0x7b, 0x4f, 0xb3, 0xff}, color.RGBA{0xa6, 0x8a, 0x00, 0xff},
}

func colorOf(stack string, i int) color.Color {
	if c, ok := colors[stack]; ok {
		return c
	}
	return others[i%len(others)]
}

const family = "Liberation Sans"

func styled(size vg.Length) text.Style {
	return text.Style{
		Color:   ink,
		Font:    plotfont.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		Handler: plot.DefaultTextHandler,
	}
}

// withFallback names fonts for who has not got the first: text stays text in the picture, so that
// it is small and can be searched, and a browser without the font would take one with serifs. Arial
// has the same widths.
func withFallback(svg []byte) []byte {
	return bytes.ReplaceAll(svg, []byte("font-family:"+family+";"), []byte("font-family:"+family+",Arial,Helvetica,sans-serif;"))
}

func dress(p *plot.Plot) {
	title, label, tick := styled(11), styled(10), styled(10)
	title.XAlign, title.YAlign = text.XCenter, text.YTop
	p.Title.TextStyle = title
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		rotation := axis.Label.TextStyle.Rotation
		align := axis.Tick.Label
		axis.Label.TextStyle = label
		axis.Label.TextStyle.Rotation = rotation
		axis.Label.TextStyle.XAlign, axis.Label.TextStyle.YAlign = text.XCenter, text.YBottom
		axis.Tick.Label = tick
		axis.Tick.Label.XAlign, axis.Tick.Label.YAlign = align.XAlign, align.YAlign
		axis.Padding = 0
	}
	p.X.LineStyle = draw.LineStyle{Color: ink, Width: vg.Points(0.7)}
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width = 0, 0
}

func newLegend() plot.Legend {
	l := plot.NewLegend()
	l.TextStyle = styled(10)
	l.Top, l.Left = true, true
	l.ThumbnailWidth = vg.Points(12)
	l.Padding = vg.Points(5)
	return l
}

// A swatch is a stack's colour in the legend.
type swatch struct{ color.Color }

func (s swatch) Thumbnail(c *draw.Canvas) { c.FillPolygon(s.Color, corners(c.Rectangle)) }
