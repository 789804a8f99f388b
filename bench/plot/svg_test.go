// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A picture is what a test looks at in an SVG.
type picture struct {
	texts   []string
	fills   map[string]int     // filled areas, by colour
	heights map[string]float64 // the height of the highest of them
	strokes int                // lines of the ink's colour: the axis and the whiskers
}

func parse(t *testing.T, svg []byte) picture {
	t.Helper()
	p := picture{fills: map[string]int{}, heights: map[string]float64{}}
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p
		} else if err != nil {
			t.Fatalf("no XML: %v", err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case ok && start.Name.Local == "text":
			var text string
			if err := d.DecodeElement(&text, &start); err != nil {
				t.Fatal(err)
			}
			p.texts = append(p.texts, text)
		case ok && start.Name.Local == "path":
			p.path(t, attribute(start, "d"), attribute(start, "style"))
		}
	}
}

var vertex = regexp.MustCompile(`[ML]([-0-9.e+]+),([-0-9.e+]+)`)

func (p *picture) path(t *testing.T, d, style string) {
	t.Helper()
	if strings.Contains(style, "fill:none") {
		if strings.Contains(style, "stroke:"+hex(ink)) {
			p.strokes++
		}
		return
	}
	fill := strings.TrimPrefix(style, "fill:")
	p.fills[fill]++
	var ys []float64
	for _, v := range vertex.FindAllStringSubmatch(d, -1) {
		y, err := strconv.ParseFloat(v[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		ys = append(ys, y)
	}
	for _, y := range ys {
		p.heights[fill] = max(p.heights[fill], y-ys[0])
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8)
}
