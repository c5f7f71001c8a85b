package ballast_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"onsale/transport/ballast"
)

// Not parallel: it is about the whole process.
func TestGarbageMayGrowBy192MBWithinTheMemoryLimit(t *testing.T) {
	const mb, limit = 1 << 20, 900 << 20
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	for _, row := range []struct {
		name, gogc   string
		grows, limit int64
	}{
		{"unless GOGC says otherwise", "100", 0, limit},
		{"by itself", "", 192 * mb, limit + 192*mb}, // which take none
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("GOGC", row.gogc)
			debug.SetMemoryLimit(limit)
			ballast.Load()
			if got := debug.SetMemoryLimit(-1); got != row.limit {
				t.Errorf("the limit is %d MB, want %d", got/mb, row.limit/mb)
			}
			runtime.GC()
			goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}, {Name: "/gc/heap/live:bytes"}}
			metrics.Read(goal)
			if grows := int64(goal[0].Value.Uint64()) - int64(goal[1].Value.Uint64()); grows < row.grows {
				t.Errorf("the heap may grow by %d MB, want %d", grows/mb, row.grows/mb)
			}
		})
	}
}
