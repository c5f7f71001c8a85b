package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command/identity"
	"onsale/query"
	"onsale/transport/live"
)

// shopWindow lets everybody in, and has one event, whose version it counts.
type shopWindow struct {
	event   uuid.UUID
	version atomic.Int64
}

func (*shopWindow) Authenticate(string) (identity.Caller, error) {
	return identity.Caller{UserID: uuid.New(), ExpiresAt: time.Now().Add(time.Hour)}, nil
}

func (w *shopWindow) Counts(context.Context, []uuid.UUID) ([]query.Counts, error) {
	return []query.Counts{{EventID: w.event, Version: w.version.Load(), Sections: make([]query.SectionCounts, 3)}}, nil
}

func (w *shopWindow) Changed(context.Context, int64) ([]uuid.UUID, int64, error) {
	return nil, w.version.Load(), nil
}

func TestViewersTellWhenTheyGotWhichVersion(t *testing.T) {
	t.Parallel()
	window := &shopWindow{event: uuid.New()}
	window.version.Store(1)
	hub := live.NewHub(live.Options{Accounts: window, Counts: window, Interval: time.Millisecond, PingInterval: 20 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(hub)
	defer server.Close()
	defer hub.Close()

	const viewers = 50
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready := make(chan struct{})
	var seen *watched
	var err error
	var watching sync.WaitGroup
	watching.Go(func() {
		tokens := strings.Fields(strings.Repeat("token ", viewers))
		seen, err = watch(ctx, strings.TrimPrefix(server.URL, "http://"), window.event.String(), tokens, func() { close(ready) })
	})
	<-ready
	if hub.Viewers() != viewers {
		t.Errorf("%d viewers, want %d", hub.Viewers(), viewers)
	}
	began := time.Now()
	for tick := time.NewTicker(10 * time.Millisecond); time.Since(began) < 300*time.Millisecond; <-tick.C {
		at := window.version.Add(1)
		hub.Announce(live.Announcement{After: at - 1, Through: at, Events: []uuid.UUID{window.event}})
	}
	ended := time.Now()
	stop()
	watching.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if seen.Frames < 2*viewers || len(seen.Arrived) < 2 || len(seen.Replaced) < 1 {
		t.Fatalf("%d frames of %d versions, %d of them replaced", seen.Frames, len(seen.Arrived), len(seen.Replaced))
	}
	for version, times := range seen.Arrived {
		got := 0
		for milli, n := range times {
			got += n
			if at := time.UnixMilli(milli + 1); at.Before(began) || at.After(ended.Add(glance*time.Millisecond)) {
				t.Errorf("version %d came at %v, and viewers watched from %v to %v", version, at, began, ended)
			}
		}
		if got > viewers {
			t.Errorf("%d viewers got version %d, and there are %d", got, version, viewers)
		}
	}
}

func TestAViewerThatIsNotLetInIsAnError(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	defer server.Close()
	_, err := watch(t.Context(), strings.TrimPrefix(server.URL, "http://"), uuid.NewString(), []string{"token"}, func() { t.Error("ready") })
	if err == nil || !strings.Contains(err.Error(), "404 Not Found") {
		t.Error(err)
	}
}

func TestAFrameIsTakenWhenItIsWhole(t *testing.T) {
	long := strings.Repeat("x", 300)
	stream := append([]byte{opText, 2, 'h', 'i', opText, 126, 300 >> 8, 300 & 0xff}, long...)
	v := &spectator{}
	var got []string
	for _, b := range stream {
		v.got = append(v.got, b)
		if opcode, text := v.frame(); opcode == opText {
			got = append(got, string(text))
		}
	}
	if len(got) != 2 || got[0] != "hi" || got[1] != long || len(v.got) != 0 {
		t.Errorf("%q, %d bytes left", got, len(v.got))
	}
}

func TestTheVersionIsReadOutOfAFrame(t *testing.T) {
	for frame, want := range map[string]int64{
		`{"type":"counts","events":[{"id":"x","version":1234,"remainingTickets":7,"sections":[]}]}`: 1234,
		`{"type":"ready"}`: 0,
	} {
		if got := versionIn([]byte(frame)); got != want {
			t.Errorf("%d in %s", got, frame)
		}
	}
}
