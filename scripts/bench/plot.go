package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// The pictures that are drawn of a report.
const (
	ratesPlot   = "rates.svg"
	latencyPlot = "latency.svg"
	logPlot     = "log-size.svg"
)

// drawn tells whether there is a picture of this group's rows.
func drawn(group string) bool { return group == groupWrite || group == groupSize }

// plot draws what a report has of the pictures into a folder, as SVG.
func plot(r *report, dir string) error {
	pictures, err := r.draw(dir)
	if err != nil {
		return err
	}
	return writeFiles(pictures)
}

// draw returns the pictures by the names of their files in a folder. It is an error when the report has nothing for any.
func (r *report) draw(dir string) (map[string][]byte, error) {
	pictures := make(map[string][]byte)
	for file, c := range map[string]chart{ratesPlot: r.ratesChart(), latencyPlot: r.latencyChart(), logPlot: r.logChart()} {
		if len(c.lines) == 0 {
			continue
		}
		c.caption = r.caption()
		var b bytes.Buffer
		if err := c.write(&b); err != nil {
			return nil, err
		}
		pictures[filepath.Join(dir, file)] = b.Bytes()
	}
	if len(pictures) == 0 {
		return nil, errors.New("the report has none of the rows that are drawn")
	}
	return pictures, nil
}

// ratesChart is the rates of writing.
func (r *report) ratesChart() chart {
	c := chart{title: "Bookings a second", series: []string{"rate"}}
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Group == groupWrite {
			c.rate(row, !strings.HasPrefix(row.Name, "Onsale"))
		}
	}
	return c
}

// logChart is the rates of selling beside logs of several sizes.
func (r *report) logChart() chart {
	c := chart{title: "Bookings a second, by what is in the log", series: []string{"rate"}}
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Group == groupSize {
			c.rate(row, false)
		}
	}
	return c
}

func (c *chart) rate(row *result, quiet bool) {
	if rate := row.median().Rate; rate > 0 {
		c.lines = append(c.lines, chartLine{row.Name, quiet, []float64{rate}, []string{number(rate)}})
	}
}

// latencyChart is how long a booking of a hot event takes, plainly and here.
func (r *report) latencyChart() chart {
	c := chart{title: "Time of a booking of one hot event", series: []string{"p50", "p99"}}
	for _, name := range []string{rowForUpdateHot, rowStatement, rowHot} {
		row := r.find(groupWrite, name)
		if row == nil {
			continue
		}
		if m := row.median(); m.P99 > 0 {
			c.lines = append(c.lines, chartLine{
				name, name != rowHot, []float64{m.P50.Seconds(), m.P99.Seconds()}, []string{duration(m.P50), duration(m.P99)},
			})
		}
	}
	return c
}

// caption says when and where.
func (r *report) caption() []string {
	s := r.Settings
	return []string{
		fmt.Sprintf("Onsale %s, %s. %d clients on the same machine, medians of %d rounds of %s.",
			r.Version, r.Date.Format(time.DateOnly), s.Clients, s.Rounds, s.Cell),
		r.Machine.String(),
	}
}
