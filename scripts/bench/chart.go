package main

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A chart is a picture of numbers as horizontal bars, all of one unit and from zero.
type chart struct {
	title   string
	caption []string // lines below: when and where it was measured
	series  []string // names of the bars of each line; with one alone there is no legend
	lines   []chartLine
}

// A chartLine has a bar for each of the chart's series.
type chartLine struct {
	name   string
	quiet  bool // drawn in grey: what the others are compared with
	values []float64
	labels []string // of the values, as a person reads them
}

// Sizes in pixels. Names are right-aligned before the bars, labels stand behind them.
const (
	chartWidth = 760
	nameWidth  = 260
	labelWidth = 110
	barHeight  = 16
	lineGap    = 12
)

// chartStyle has the colours for light and dark; text stays text.
const chartStyle = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .caption { font-size: 11px; fill: #59636e; }
  .bar0 { fill: #2563eb; } .bar1 { fill: #7c3aed; }
  .bar0.quiet { fill: #8b949e; } .bar1.quiet { fill: #6e7681; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .caption { fill: #9198a1; }
    .bar0 { fill: #60a5fa; } .bar1 { fill: #a78bfa; }
  }
`

// write draws the chart as SVG.
func (c chart) write(to io.Writer) error {
	var b strings.Builder
	y := 28
	fmt.Fprintf(&b, "<text class=\"title\" x=\"12\" y=\"%d\">%s</text>\n", y, escape(c.title))
	if len(c.series) > 1 {
		y += 26
		x := nameWidth
		for i, name := range c.series {
			fmt.Fprintf(&b, "<rect class=\"bar%d\" x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" rx=\"2\"/>", i, x, y-11)
			fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\">%s</text>\n", x+18, y, escape(name))
			x += 40 + 8*len(name)
		}
	}
	y += 18
	scale := float64(chartWidth-nameWidth-labelWidth) / c.largest()
	for _, l := range c.lines {
		height := barHeight * len(l.values)
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", nameWidth-10, y+height/2+5, escape(l.name))
		for i, v := range l.values {
			class, width, top := fmt.Sprintf("bar%d", i), max(v*scale, 1), y+barHeight*i
			if l.quiet {
				class += " quiet"
			}
			fmt.Fprintf(&b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>", class, nameWidth, top, width, barHeight-2)
			fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", nameWidth+width+6, top+12, escape(l.labels[i]))
		}
		y += height + lineGap
	}
	for _, line := range c.caption {
		y += 16
		fmt.Fprintf(&b, "<text class=\"caption\" x=\"12\" y=\"%d\">%s</text>\n", y, escape(line))
	}
	y += 14
	_, err := fmt.Fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n<title>%s</title>\n<style>%s</style>\n%s</svg>\n",
		chartWidth, y, chartWidth, y, escape(c.title), chartStyle, b.String())
	return err
}

// largest is the longest bar, and never 0.
func (c chart) largest() float64 {
	most := 0.0
	for _, l := range c.lines {
		most = max(most, slices.Max(l.values))
	}
	return cmp.Or(most, 1)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
