package verify_test

import (
	"flag"
	"testing"
)

// How much log the benchmark verifies: go test -bench . ./projections/verify -args -sales 5000 -bookings 100
var (
	benchSales    = flag.Int("sales", 500, "sales in the benchmark's log")
	benchBookings = flag.Int("bookings", 100, "bookings of each of them")
)

func BenchmarkVerify(b *testing.B) {
	w := newWorld(b, 1)
	w.fill(*benchSales, *benchBookings)
	w.apply()
	w.sql("vacuum analyze")
	for b.Loop() {
		if report := w.verify(); !report.Clean() {
			b.Fatal(inWords(report))
		}
	}
	b.ReportMetric(float64(w.head)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
