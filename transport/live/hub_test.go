package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
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

func TestTheFirstFrameSaysWho(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for name, test := range map[string]struct {
		first string
		want  live.Close
	}{
		"a token that is none":            {`{"type":"auth","token":"x"}`, live.CloseTokenInvalid},
		"a token that is over":            {`{"type":"auth","token":"expired"}`, live.CloseTokenExpired},
		"no token":                        {`{"type":"auth"}`, live.CloseAuthRequired},
		"a subscription":                  {fmt.Sprintf(`{"type":"subscribe","events":[%q]}`, f.event), live.CloseAuthRequired},
		"what is no JSON":                 {`hello`, live.CloseAuthRequired},
		"an auth frame with something on": {`{"type":"auth","token":"x","admin":true}`, live.CloseAuthRequired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := f.connect(t)
			b.send("%s", test.first)
			if got := b.closed(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	t.Run("nothing, for too long", func(t *testing.T) {
		t.Parallel()
		if got := f.connect(t).closed(); got != live.CloseAuthRequired {
			t.Errorf("got %v", got)
		}
	})
}

func TestFramesThatCannotBeUnderstood(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	ids := strings.Repeat(`"`+uuid.NewString()+`",`, 100)
	for name, text := range map[string]string{
		"no JSON":                   `hello`,
		"two values":                `{"type":"subscribe","all":true} {}`,
		"an unknown type":           `{"type":"shout"}`,
		"an unknown field":          `{"type":"subscribe","all":true,"fast":true}`,
		"an id that is none":        `{"type":"subscribe","events":["x"]}`,
		"nothing to subscribe to":   `{"type":"subscribe"}`,
		"some and all":              fmt.Sprintf(`{"type":"subscribe","all":true,"events":[%q]}`, f.event),
		"more events than a screen": `{"type":"subscribe","events":[` + ids + `"` + uuid.NewString() + `"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := f.signedIn(t)
			b.send("%s", text)
			if got := b.closed(); got != live.CloseBadFrame {
				t.Errorf("got %v", got)
			}
		})
	}
	t.Run("too much of it", func(t *testing.T) {
		t.Parallel()
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","all":true%s}`, strings.Repeat(" ", 8<<10)) // which would be understood
		if _, text, err := b.ReadMessage(); err == nil {
			t.Errorf("answered with %s", text)
		} else if why, ok := errors.AsType[*websocket.CloseError](err); !ok || why.Code != websocket.CloseMessageTooBig && why.Code != live.CloseBadFrame.Code {
			t.Errorf("got %v", err)
		}
	})
	t.Run("too many of them", func(t *testing.T) {
		t.Parallel()
		b := f.signedIn(t)
		for range 30 {
			if b.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"unsubscribe","events":[%q]}`, f.event)) != nil {
				break
			}
		}
		if got := b.closed(); got != live.CloseFlood {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a binary one", func(t *testing.T) {
		t.Parallel()
		b := f.signedIn(t)
		b.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"subscribe","all":true}`))
		if got := b.closed(); got != live.CloseBadFrame {
			t.Errorf("got %v", got)
		}
	})
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	t.Run("is answered with the counts as they are", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","events":[%q,%q]}`, f.event, uuid.New())
		got := b.next()
		if got.Type != "snapshot" || len(got.Events) != 1 || got.Events[0].Remaining != 1000 || got.Events[0].Version != 1 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("to an event that does not exist shows nothing", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","events":[%q]}`, uuid.New())
		if got := b.next(); got.Type != "snapshot" || len(got.Events) != 0 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("to all shows all, and what comes later", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","all":true}`)
		if got := b.next(); got.Type != "snapshot" || len(got.Events) != 1 {
			t.Errorf("got %+v", got)
		}
		f.hub.Announce(f.tables.sell(uuid.New()))
		b.until(-1)
	})
	t.Run("misses nothing that changes meanwhile", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		var once sync.Once
		f.tables.reading = func() { once.Do(func() { f.hub.Announce(f.tables.sell(f.event)) }) }
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","events":[%q]}`, f.event)
		b.until(999)
	})
	t.Run("says so when the counts cannot be read", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.signedIn(t)
		f.tables.failing = true
		b.send(`{"type":"subscribe","events":[%q]}`, f.event)
		if got := b.closed(); got != live.CloseUnavailable {
			t.Errorf("got %v", got)
		}
	})
	t.Run("can be taken back", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.watching(t)
		b.send(`{"type":"unsubscribe","events":[%q]}`, f.event)
		other := uuid.New()
		b.send(`{"type":"subscribe","events":[%q]}`, other)
		b.next()
		f.hub.Announce(f.tables.sell(f.event))
		f.hub.Announce(f.tables.sell(other))
		if got := b.next(); got.Events[0].EventID != other {
			t.Errorf("got %+v", got)
		}
	})
}

func TestChangesReachEveryViewer(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	viewers := make([]browser, 20)
	for i := range viewers {
		viewers[i] = f.watching(t)
	}
	for range 500 {
		f.hub.Announce(f.tables.sell(f.event))
	}
	for _, b := range viewers {
		b.until(500)
	}
}

func TestChangesAreMerged(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Interval = 50 * time.Millisecond })
	b := f.watching(t)
	began := time.Now()
	for range 900 {
		f.hub.Announce(f.tables.sell(f.event))
	}
	frames := b.until(100)
	if most := 2 + int(time.Since(began)/(50*time.Millisecond)); frames > most {
		t.Errorf("900 changes came in %d frames, want at most %d", frames, most)
	}
}

func TestAnAnnouncementThatComesLateOrTwiceShowsNothingOld(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.watching(t)
	older, newer := f.tables.sell(f.event), f.tables.sell(f.event)
	f.hub.Announce(newer)
	b.until(998)
	f.hub.Announce(older)
	f.hub.Announce(newer)
	f.hub.Announce(f.tables.sell(f.event))
	if got := b.next(); got.Events[0].Remaining != 997 {
		t.Errorf("got %+v", got)
	}
}

func TestCountsThatCannotBeReadAreReadAgain(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.watching(t)
	f.tables.mu.Lock()
	f.tables.failing = true
	failed := make(chan struct{}, 1000)
	f.tables.reading = func() { failed <- struct{}{} }
	f.tables.mu.Unlock()
	f.hub.Announce(f.tables.sell(f.event))
	<-failed
	<-failed
	f.tables.mu.Lock()
	f.tables.failing = false
	f.tables.mu.Unlock()
	b.until(999)
}

func TestWhatWasNotAnnouncedIsFoundByAsking(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.PollInterval = 5 * time.Millisecond })
	b := f.watching(t)
	f.tables.sell(f.event) // its announcement is lost
	b.until(999)
	f.tables.mu.Lock()
	f.tables.failing = true
	f.tables.mu.Unlock()
	f.tables.sell(f.event)
	f.tables.mu.Lock()
	f.tables.failing = false
	f.tables.mu.Unlock()
	b.until(998)
	t.Run("also when a later one was announced", func(t *testing.T) {
		other := uuid.New()
		b.send(`{"type":"subscribe","events":[%q]}`, other)
		b.next()
		f.tables.sell(f.event) // lost
		f.hub.Announce(f.tables.sell(other))
		b.until(997)
	})
}

func TestASlowViewerSlowsNobody(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Interval = time.Nanosecond })
	f.watching(t) // and reads nothing any more
	quick := f.watching(t)
	f.tables.mu.Lock()
	c := f.tables.counts[f.event]
	c.Sections = make([]query.SectionCounts, 500) // so that the slow one's buffers are full soon
	f.tables.counts[f.event] = c
	f.tables.mu.Unlock()
	for sold := 1; sold < 120; sold++ {
		f.hub.Announce(f.tables.sell(f.event))
		quick.until(1000 - sold)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	t.Run("a user has so many connections", func(t *testing.T) {
		t.Parallel()
		f := start(t, func(o *live.Options) { o.MaxPerUser = 2 })
		user := uuid.New()
		in := func() browser {
			b := f.connect(t)
			b.send(`{"type":"auth","token":%q}`, user)
			return b
		}
		first := in()
		first.next()
		in().next()
		if got := in().closed(); got != live.CloseTooMany {
			t.Errorf("got %v", got)
		}
		first.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
		first.closed()
		io.Copy(io.Discard, first.NetConn()) // until the hub has hung up
		if got := in().next(); got.Type != "ready" {
			t.Errorf("after one has left: %+v", got)
		}
	})
	t.Run("a node has so many viewers", func(t *testing.T) {
		t.Parallel()
		f := start(t, func(o *live.Options) { o.MaxViewers = 1 })
		f.signedIn(t)
		b := f.connect(t)
		b.send(`{"type":"auth","token":%q}`, uuid.New())
		if got := b.closed(); got != live.CloseBusy {
			t.Errorf("got %v", got)
		}
	})
	t.Run("an address has so many who have not said who they are", func(t *testing.T) {
		t.Parallel()
		f := start(t, func(o *live.Options) {
			o.MaxStrangers = 2
			o.Address = func(r *http.Request) string { return r.Header.Get("From") }
		})
		from := func(address string) browser {
			conn, _, err := websocket.DefaultDialer.Dial(f.url, http.Header{"From": {address}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			conn.SetReadDeadline(time.Now().Add(time.Minute))
			return browser{t, conn}
		}
		signIn := func(b browser) {
			b.send(`{"type":"auth","token":%q}`, uuid.New())
			if got := b.next(); got.Type != "ready" {
				t.Fatalf("got %+v", got)
			}
		}
		for range 3 {
			signIn(from("here")) // who has said it is a stranger no more
		}
		first, second := from("here"), from("here")
		for f.hub.Viewers() < 5 { // the answer to the handshake comes a moment before
			runtime.Gosched()
		}
		if got := from("here").closed(); got != live.CloseBusy {
			t.Errorf("got %v", got)
		}
		signIn(from("elsewhere"))
		signIn(first)
		signIn(from("here"))
		second.NetConn().Close() // a stranger who leaves
		for f.hub.Viewers() > 6 {
			runtime.Gosched()
		}
		from("here")
		signIn(from("here"))
	})
	t.Run("a page of another origin is not let in", func(t *testing.T) {
		t.Parallel()
		f := start(t, func(o *live.Options) { o.Origins = []string{"https://tickets.example"} })
		for origin, want := range map[string]int{
			"https://tickets.example":                http.StatusSwitchingProtocols,
			"http" + strings.TrimPrefix(f.url, "ws"): http.StatusSwitchingProtocols,
			"https://evil.example":                   http.StatusForbidden,
			"https://tickets.example.evil":           http.StatusForbidden,
			"null":                                   http.StatusForbidden,
		} {
			conn, response, _ := websocket.DefaultDialer.Dial(f.url, http.Header{"Origin": {origin}})
			if response.StatusCode != want {
				t.Errorf("%s: got %d, want %d", origin, response.StatusCode, want)
			}
			if conn != nil {
				conn.Close()
			}
		}
	})
}

func TestATokenThatIsOverClosesTheConnectionUnlessANewOneComes(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, until := time.Now(), time.Now().Add(time.Minute)
	f := start(t, func(o *live.Options) {
		o.Accounts = accounts{func() time.Time { mu.Lock(); defer mu.Unlock(); return until }}
		o.Clock = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	})
	user := uuid.New()
	sign := func(b browser) { b.send(`{"type":"auth","token":%q}`, user); b.next() }
	careless, careful := f.connect(t), f.connect(t)
	sign(careless)
	sign(careful)
	mu.Lock()
	until = until.Add(time.Hour)
	mu.Unlock()
	sign(careful)
	mu.Lock()
	now = now.Add(2 * time.Minute)
	mu.Unlock()
	if got := careless.closed(); got != live.CloseTokenExpired {
		t.Errorf("got %v", got)
	}
	careful.send(`{"type":"subscribe","events":[%q]}`, f.event)
	if got := careful.next(); got.Type != "snapshot" {
		t.Errorf("got %+v", got)
	}
	careful.send(`{"type":"auth","token":%q}`, uuid.New())
	if got := careful.closed(); got != live.CloseTokenInvalid {
		t.Errorf("somebody else's token on the same connection: %v", got)
	}
}

func TestAViewerThatShowsNoSignOfLifeIsClosed(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.PingInterval = time.Second })
	b := f.signedIn(t)
	pings := 0
	b.SetPingHandler(func(string) error { pings++; return nil }) // and answers none of them
	got := b.closed()
	if got != live.CloseSlow || pings == 0 {
		t.Errorf("got %v after %d pings", got, pings)
	}
}

func TestCloseSendsEverybodyAway(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	viewers := []browser{f.signedIn(t), f.watching(t)}
	f.hub.Close()
	f.hub.Close()
	for _, b := range viewers {
		if got := b.closed(); got != live.CloseGoingAway {
			t.Errorf("got %v", got)
		}
	}
	if n := f.hub.Viewers(); n != 0 {
		t.Errorf("%d viewers are left", n)
	}
	late := f.connect(t)
	late.send(`{"type":"auth","token":%q}`, uuid.New())
	if got := late.closed(); got != live.CloseGoingAway {
		t.Errorf("after Close: %v", got)
	}
}

// A panickyAccounts is a bug.
type panickyAccounts struct{}

func (panickyAccounts) Authenticate(string) (identity.Caller, error) { panic("a bug") }

func TestAPanicIsOneViewersTrouble(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Accounts = panickyAccounts{} })
	b := f.connect(t)
	b.send(`{"type":"auth","token":"x"}`)
	if got := b.closed(); got != live.CloseUnavailable {
		t.Errorf("got %v", got)
	}
	if got := f.connect(t); got.Conn == nil {
		t.Error("the hub is gone")
	}
}

func TestSubscribingWaitsForWhatTheNodeHasAcknowledged(t *testing.T) {
	t.Parallel()
	asked, caughtUp := make(chan struct{}, 1), make(chan struct{})
	f := start(t, func(o *live.Options) {
		o.CatchUp = func(ctx context.Context) error {
			asked <- struct{}{}
			select {
			case <-caughtUp:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	b, created := f.signedIn(t), uuid.New()
	b.send(`{"type":"subscribe","events":[%q]}`, created)
	<-asked
	f.tables.sell(created) // only now do the tables have it
	close(caughtUp)
	if got := b.next(); got.Type != "snapshot" || len(got.Events) != 1 || got.Events[0].EventID != created {
		t.Errorf("got %+v", got)
	}
}

func TestAnEmptySnapshotSaysSo(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.signedIn(t)
	b.send(`{"type":"subscribe","events":[%q]}`, uuid.New())
	_, text, err := b.ReadMessage()
	if err != nil || string(text) != `{"type":"snapshot","events":[]}` {
		t.Errorf("got %s, %v", text, err)
	}
}
