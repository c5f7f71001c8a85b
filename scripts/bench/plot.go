package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// plot draws what a report has of these pictures into a folder, as SVG: rates.svg, latency.svg, log-size.svg.
func plot(r *report, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	drawn := 0
	for file, c := range map[string]chart{"rates.svg": r.ratesChart(), "latency.svg": r.latencyChart(), "log-size.svg": r.logChart()} {
		if len(c.lines) == 0 {
			continue
		}
		c.caption = r.caption()
		var b strings.Builder
		if err := c.write(&b); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(b.String()), 0o644); err != nil {
			return err
		}
		drawn++
	}
	if drawn == 0 {
		return errors.New("the report has none of the rows that are drawn")
	}
	return nil
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
