package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"onsale/command/identity"
	"onsale/query"
	"onsale/transport/live"
)

// tables is the read side, in memory: counts by event, and which event changed at which position.
type tables struct {
	mu      sync.Mutex
	counts  map[uuid.UUID]query.Counts
	log     []uuid.UUID // position i+1 changed this event
	failing bool
	reading func() // called while Counts is under way
	polled  func() // called by Changed
}

func (t *tables) Counts(_ context.Context, ids []uuid.UUID) ([]query.Counts, error) {
	t.mu.Lock()
	reading := t.reading
	t.mu.Unlock()
	if reading != nil {
		reading()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failing {
		return nil, errors.New("the database is away")
	}
	var counts []query.Counts
	for id, c := range t.counts {
		if ids == nil || slices.Contains(ids, id) {
			counts = append(counts, c)
		}
	}
	return counts, nil
}

func (t *tables) Changed(_ context.Context, after int64) ([]uuid.UUID, int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.polled != nil {
		t.polled()
	}
	if t.failing {
		return nil, 0, errors.New("the database is away")
	}
	if after < 0 {
		return nil, int64(len(t.log)), nil
	}
	return slices.Clone(t.log[min(after, int64(len(t.log))):]), int64(len(t.log)), nil
}

// sell takes a ticket of the event and returns the announcement of it.
func (t *tables) sell(event uuid.UUID) live.Announcement {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts[event]
	c.EventID, c.Version, c.Remaining = event, c.Version+1, c.Remaining-1
	t.counts[event] = c
	t.log = append(t.log, event)
	return live.Announcement{After: int64(len(t.log)) - 1, Through: int64(len(t.log)), Events: []uuid.UUID{event}}
}

// accounts know whoever's token is their id, for as long as until says.
type accounts struct{ until func() time.Time }

func (a accounts) Authenticate(token string) (identity.Caller, error) {
	switch id, err := uuid.Parse(token); {
	case token == "expired":
		return identity.Caller{}, errors.Join(identity.ErrInvalidToken, identity.ErrTokenExpired)
	case err != nil:
		return identity.Caller{}, identity.ErrInvalidToken
	default:
		return identity.Caller{UserID: id, ExpiresAt: a.until()}, nil
	}
}

type fixture struct {
	hub    *live.Hub
	tables *tables
	event  uuid.UUID // with 1,000 tickets
	url    string
}

func start(t *testing.T, change func(*live.Options)) *fixture {
	t.Helper()
	event := uuid.New()
	f := &fixture{event: event, tables: &tables{counts: map[uuid.UUID]query.Counts{event: {EventID: event, Version: 1, Remaining: 1000}}}}
	o := live.Options{
		Accounts: accounts{func() time.Time { return time.Now().Add(time.Hour) }}, Counts: f.tables,
		Interval: time.Millisecond, PollInterval: time.Hour, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	f.hub = live.NewHub(o)
	server := httptest.NewServer(f.hub)
	t.Cleanup(server.Close)
	t.Cleanup(f.hub.Close)
	f.url = "ws" + strings.TrimPrefix(server.URL, "http")
	return f
}

// A browser is the other end of a connection.
type browser struct {
	t *testing.T
	*websocket.Conn
}

type frame struct {
	Type   string
	Events []query.Counts
}

func (f *fixture) connect(t *testing.T) browser {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial(f.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	return browser{t, conn}
}

// signedIn is a browser that has been let in as a user of its own.
func (f *fixture) signedIn(t *testing.T) browser {
	t.Helper()
	b := f.connect(t)
	b.send(`{"type":"auth","token":%q}`, uuid.New())
	if got := b.next(); got.Type != "ready" {
		t.Fatalf("got %+v", got)
	}
	return b
}

func (f *fixture) watching(t *testing.T) browser {
	t.Helper()
	b := f.signedIn(t)
	b.send(`{"type":"subscribe","events":[%q]}`, f.event)
	if got := b.next(); got.Type != "snapshot" {
		t.Fatalf("got %+v", got)
	}
	return b
}

func (b browser) send(format string, args ...any) {
	b.t.Helper()
	if err := b.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)); err != nil {
		b.t.Fatal(err)
	}
}

func (b browser) next() (got frame) {
	b.t.Helper()
	_, text, err := b.ReadMessage()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &got); err != nil {
		b.t.Fatal(err)
	}
	return got
}

// until reads frames until one tells that so many tickets are left, and returns how many there were.
func (b browser) until(remaining int) (frames int) {
	b.t.Helper()
	for versions := make(map[uuid.UUID]int64); ; {
		frames++
		for _, c := range b.next().Events {
			if c.Version > versions[c.EventID] {
				versions[c.EventID] = c.Version
				if c.Remaining == remaining {
					return frames
				}
			}
		}
	}
}

// closed reads until the end and returns why it came.
func (b browser) closed() live.Close {
	b.t.Helper()
	for {
		_, _, err := b.ReadMessage()
		if why, ok := errors.AsType[*websocket.CloseError](err); ok {
			return live.Close{Code: why.Code, Reason: why.Text}
		}
		if err != nil {
			b.t.Fatalf("ended without a reason: %v", err)
		}
	}
}

func newIDs(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.New()
	}
	return ids
}

func (b browser) subscribe(events []uuid.UUID) {
	b.t.Helper()
	text, err := json.Marshal(events)
	if err != nil {
		b.t.Fatal(err)
	}
	b.send(`{"type":"subscribe","events":%s}`, text)
}
