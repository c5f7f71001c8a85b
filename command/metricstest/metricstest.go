// Package metricstest reads what a test has counted.
package metricstest

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Value returns the value of a series as a scrape shows it, such as
//
//	onsale_writer_commands_total{outcome="refused"}
//
// with all of its labels, in order of their names. A series that is not there has the value -1.
func Value(t testing.TB, from prometheus.Gatherer, series string) float64 {
	t.Helper()
	value := -1.0
	for _, line := range Scrape(t, from) {
		if text, found := strings.CutPrefix(line, series+" "); found {
			var err error
			if value, err = strconv.ParseFloat(text, 64); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
	}
	return value
}

// Scrape returns the lines that a scrape would show, sorted by name.
func Scrape(t testing.TB, from prometheus.Gatherer) []string {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Split(strings.TrimSpace(text.String()), "\n")
}
