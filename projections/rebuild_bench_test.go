package projections_test

import (
	"fmt"
	"testing"
	"time"

	"onsale/eventstore"
	"onsale/projections"
)

// BenchmarkRebuild makes all read tables anew beside the live ones, which are at the beginning of the log.
func BenchmarkRebuild(b *testing.B) {
	const events = 300_000
	for _, sales := range []int{50, 1000} {
		b.Run(fmt.Sprintf("sales=%d", sales), func(b *testing.B) {
			pool := benchPool(b)
			fillLog(b, pool, sales, events)
			cpu := -cpuTime()
			for b.Loop() {
				if err := projections.Rebuild(b.Context(), pool, eventstore.New(pool), projections.RebuildOptions{}, projections.All()...); err != nil {
					b.Fatal(err)
				}
			}
			cpu += cpuTime()
			rebuilt := float64(events * b.N)
			b.ReportMetric(rebuilt/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(cpu)/float64(time.Microsecond)/rebuilt, "cpu-µs/event") // of this process alone
		})
	}
}
