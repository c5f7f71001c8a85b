//go:build linux

package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/query"
	"onsale/transport/live"
)

// The test program is also the viewers of [BenchmarkViewers], so that they take none of the server's memory.
func TestMain(m *testing.M) {
	if address := os.Getenv("VIEWERS_OF"); address != "" {
		if err := watchAsMany(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const (
	storm   = 5 * time.Second
	changes = 2000 // a second
)

// BenchmarkViewers has many viewers watch one event that changes 2,000 times a second, over loopback sockets, and tells:
//
//   - arrival: how old a count is when it comes;
//   - age: how old the count on the screen has become when the next one comes, which is the oldest it ever is;
//   - frames a viewer and second;
//   - heap: the server's heap and stacks in use after a collection in the middle of the storm, for each viewer;
//   - rss: what the server's resident memory has grown by at the end, for each viewer; neither has the kernel's socket buffers.
//
// Both sides share the machine's cores. 10,000 viewers need 10,000 sockets in
// either process: see ulimit -n.
func BenchmarkViewers(b *testing.B) {
	for _, n := range []int{1000, 5000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				measure(b, n)
			}
		})
	}
}

func measure(b *testing.B, n int) {
	clock := &changing{event: uuid.New(), epoch: time.Now()}
	hub := live.NewHub(live.Options{
		Accounts: accounts{func() time.Time { return time.Now().Add(time.Hour) }}, Counts: clock, Log: slog.New(slog.DiscardHandler),
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: hub}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	defer serving.Wait()
	defer server.Close()
	defer hub.Close()
	memory, resident := inUse(), rss(b)

	viewers := exec.CommandContext(b.Context(), os.Args[0])
	viewers.Env = append(os.Environ(), "VIEWERS_OF="+listener.Addr().String(), "VIEWERS_EVENT="+clock.event.String(),
		"VIEWERS_EPOCH="+strconv.FormatInt(clock.epoch.UnixNano(), 10), "VIEWERS_COUNT="+strconv.Itoa(n))
	viewers.Stderr = os.Stderr
	stop, _ := viewers.StdinPipe()
	output, _ := viewers.StdoutPipe()
	if err := viewers.Start(); err != nil {
		b.Fatal(err)
	}
	defer viewers.Wait()
	defer stop.Close()
	lines := bufio.NewReader(output)
	if _, err := lines.ReadString('\n'); err != nil {
		b.Fatal("the viewers did not come in: ", err)
	}

	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	began, measured := time.Now(), false
	for now := range tick.C {
		gone := now.Sub(began)
		if gone > storm {
			break
		}
		if !measured && gone > storm/2 {
			memory, measured = inUse()-memory, true
		}
		for due := int64(gone.Seconds() * changes); clock.made.Load() < due; {
			hub.Announce(clock.change())
		}
	}
	resident = rss(b) - resident
	stop.Close()
	seen := newSeen()
	if err := json.NewDecoder(lines).Decode(seen); err != nil {
		b.Fatal(err)
	}
	for _, m := range []struct {
		name  string
		times times
	}{{"arrival", seen.Arrivals}, {"age", seen.Ages}} {
		b.ReportMetric(m.times.quantile(0.5), m.name+"-p50-ms")
		b.ReportMetric(m.times.quantile(0.99), m.name+"-p99-ms")
		b.ReportMetric(m.times.quantile(1), m.name+"-max-ms")
	}
	b.ReportMetric(float64(seen.Frames)/float64(n)/storm.Seconds(), "frames/viewer/s")
	b.ReportMetric(float64(memory)/float64(n), "heap-B/viewer")
	b.ReportMetric(float64(resident)/float64(n), "rss-B/viewer")
	b.ReportMetric(0, "ns/op")
}

// inUse is the memory that the program's heap and stacks take, after a collection.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

func rss(b *testing.B) int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("resident memory: ", err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// changing is the read side of one event whose remaining tickets are the time of its last change, in microseconds.
type changing struct {
	event uuid.UUID
	epoch time.Time
	made  atomic.Int64
	last  atomic.Int64
}

func (c *changing) change() live.Announcement {
	c.last.Store(time.Since(c.epoch).Microseconds())
	made := c.made.Add(1)
	return live.Announcement{After: made - 1, Through: made, Events: []uuid.UUID{c.event}}
}

func (c *changing) Counts(context.Context, []uuid.UUID) ([]query.Counts, error) {
	made := c.made.Load()
	return []query.Counts{{EventID: c.event, Version: made + 1, Remaining: int(c.last.Load()), Sections: make([]query.SectionCounts, 3)}}, nil
}

func (c *changing) Changed(context.Context, int64) ([]uuid.UUID, int64, error) {
	return nil, c.made.Load(), nil
}
