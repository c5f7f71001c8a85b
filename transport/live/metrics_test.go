package live_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"onsale/command/metricstest"
	"onsale/query"
	"onsale/transport/live"
)

// lines hands on each line of a log as it is written.
type lines chan map[string]any

func (l lines) Write(line []byte) (int, error) {
	var attrs map[string]any
	err := json.Unmarshal(line, &attrs)
	l <- attrs
	return len(line), err
}

// observed returns a fixture whose metrics and log are looked at.
func observed(t *testing.T, change func(*live.Options)) (*fixture, *prometheus.Registry, lines) {
	registry, log := prometheus.NewRegistry(), make(lines, 100)
	return start(t, func(o *live.Options) {
		o.Metrics, o.Log = registry, slog.New(slog.NewJSONHandler(log, nil))
		if change != nil {
			change(o)
		}
	}), registry, log
}

func wantCounted(t *testing.T, registry *prometheus.Registry, want map[string]float64) {
	t.Helper()
	for series, value := range want {
		if got := metricstest.Value(t, registry, "onsale_live_"+series); got != value {
			t.Errorf("%s is %v, want %v", series, got, value)
		}
	}
}

func TestViewersAndTheirFramesAreCounted(t *testing.T) {
	t.Parallel()
	f, registry, log := observed(t, nil)
	b := f.connect(t)
	user := uuid.New()
	b.send(`{"type":"auth","token":%q}`, user)
	b.next() // ready
	b.send(`{"type":"subscribe","events":[%q]}`, f.event)
	b.next() // snapshot
	f.hub.Announce(f.tables.sell(f.event))
	b.until(999)
	wantCounted(t, registry, map[string]float64{
		`viewers`: 1, `viewers_max`: 20_000, `frames_replaced_total`: 0, `closed_total{reason="gone"}`: 0, `closed_total{reason="slow"}`: 0,
	})
	b.Close()
	line := <-log
	for key, want := range map[string]any{"msg": "viewer left", "user": user.String(), "code": 1005.0, "reason": "gone", "frames": 3.0} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
	if seconds, ok := line["seconds"].(float64); !ok || seconds < 0 {
		t.Errorf("seconds is %v", line["seconds"])
	}
	wantCounted(t, registry, map[string]float64{`viewers`: 0, `frames_total`: 3, `closed_total{reason="gone"}`: 1, `closed_total{reason="slow"}`: 0})
}

func TestWhyAConnectionEndedIsCounted(t *testing.T) {
	t.Parallel()
	for want, end := range map[string]func(*testing.T, *fixture){
		"auth_required": func(t *testing.T, f *fixture) { f.connect(t).send(`{"type":"subscribe","all":true}`) },
		"token_expired": func(t *testing.T, f *fixture) { f.connect(t).send(`{"type":"auth","token":"expired"}`) },
		"bad_frame":     func(t *testing.T, f *fixture) { f.signedIn(t).send(`{"type":"dance"}`) },
		"slow":          func(t *testing.T, f *fixture) { f.signedIn(t) }, // and answers no ping, for it reads nothing
		"gone":          func(t *testing.T, f *fixture) { f.connect(t).Close() },
		"going_away":    func(t *testing.T, f *fixture) { f.signedIn(t); f.hub.Close() },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			f, registry, log := observed(t, func(o *live.Options) { o.PingInterval = time.Second })
			end(t, f)
			if line := <-log; line["reason"] != want {
				t.Errorf("the log has %v", line)
			}
			wantCounted(t, registry, map[string]float64{`closed_total{reason="` + want + `"}`: 1, `viewers`: 0})
		})
	}
	t.Run("busy", func(t *testing.T) {
		t.Parallel()
		f, registry, log := observed(t, func(o *live.Options) { o.MaxViewers = 1 })
		f.signedIn(t)
		f.connect(t)
		if line := <-log; line["reason"] != "busy" {
			t.Errorf("the log has %v", line)
		}
		wantCounted(t, registry, map[string]float64{`closed_total{reason="busy"}`: 1, `viewers`: 1, `viewers_max`: 1})
	})
}

func TestFramesThatASlowViewerMissesAreCounted(t *testing.T) {
	t.Parallel()
	f, registry, _ := observed(t, func(o *live.Options) { o.Interval = time.Nanosecond })
	f.watching(t) // and reads no more
	quick := f.watching(t)
	f.tables.mu.Lock()
	c := f.tables.counts[f.event]
	c.Sections = make([]query.SectionCounts, 500) // 30 kB a frame
	f.tables.counts[f.event] = c
	f.tables.mu.Unlock()
	for range 150 {
		f.hub.Announce(f.tables.sell(f.event))
		if _, _, err := quick.ReadMessage(); err != nil {
			t.Fatal(err)
		}
	}
	if n := metricstest.Value(t, registry, `onsale_live_frames_replaced_total`); n < 50 || n > 150 {
		t.Errorf("%v of 150", n)
	}
}
