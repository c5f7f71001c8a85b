package live_test

import (
	"errors"
	"fmt"
	"io"
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

	"onsale/transport/live"
)

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
	for name, text := range map[string]string{
		"no JSON":                   `hello`,
		"two values":                `{"type":"subscribe","all":true} {}`,
		"an unknown type":           `{"type":"shout"}`,
		"an unknown field":          `{"type":"subscribe","all":true,"fast":true}`,
		"an id that is none":        `{"type":"subscribe","events":["x"]}`,
		"nothing to subscribe to":   `{"type":"subscribe"}`,
		"some and all":              fmt.Sprintf(`{"type":"subscribe","all":true,"events":[%q]}`, f.event),
		"a field in another case":   `{"type":"subscribe","All":true}`,
		"a field that comes twice":  `{"type":"subscribe","all":true,"all":true}`,
		"… spelt with an escape":    `{"type":"subscribe","all":true,"\u0061ll":true}`,
		"a field that is null":      `{"type":"subscribe","all":true,"token":null}`,
		"an id that is null":        fmt.Sprintf(`{"type":"subscribe","events":[%q,null]}`, f.event),
		"an id in another spelling": fmt.Sprintf(`{"type":"subscribe","events":["urn:uuid:%s"]}`, f.event),
		"… without hyphens":         fmt.Sprintf(`{"type":"subscribe","events":[%q]}`, strings.ReplaceAll(f.event.String(), "-", "")),
		"the id that is nobody's":   fmt.Sprintf(`{"type":"subscribe","events":[%q]}`, uuid.Nil),
		"a comma too many":          `{"type":"subscribe","all":true,}`,
		"text that is not UTF-8":    "{\"type\":\"auth\",\"token\":\"\xff\"}",
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
	t.Run("more events than a screen", func(t *testing.T) {
		t.Parallel()
		b := f.signedIn(t)
		b.subscribe(newIDs(101))
		if got := b.closed(); got != live.CloseManyEvents {
			t.Errorf("got %v", got)
		}
	})
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

func TestAViewerMayWatchFiveHundredEventsNamedAsOftenAsItLikes(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.signedIn(t)
	events := append(newIDs(499), f.event)
	for hundred := range slices.Chunk(events, 100) {
		b.subscribe(hundred)
		b.next()
	}
	for name, again := range map[string][]uuid.UUID{"again": events[400:], "twice in one frame": {f.event, f.event}} {
		b.subscribe(again)
		if got := b.next(); got.Type != "snapshot" || len(got.Events) != 1 || got.Events[0].EventID != f.event {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	b.subscribe([]uuid.UUID{f.event, uuid.New()})
	if got := b.closed(); got != live.CloseManyEvents {
		t.Errorf("one more: got %v", got)
	}
}

func TestAPageOfAnotherOriginIsNotLetIn(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Origins = []string{"https://tickets.example"} })
	secure := httptest.NewTLSServer(f.hub)
	t.Cleanup(secure.Close)
	const in, out = http.StatusSwitchingProtocols, http.StatusForbidden
	for own, rows := range map[string]map[string]int{
		strings.TrimPrefix(f.url, "ws://"): { // where TLS may have been ended in front
			"http://HOST": in, "https://HOST": in, "javascript://HOST": out, "javascript://HOST/": out, "ftp://HOST": out, "ws://HOST": out,
			"http://HOST/": out, "http://user@HOST": out, "http:HOST": out, "//HOST": out, "HOST": out, "": out,
			"https://tickets.example": in, "http://tickets.example": out, "https://evil.example": out, "https://tickets.example.evil": out, "null": out,
		},
		strings.TrimPrefix(secure.URL, "https://"): {"https://HOST": in, "http://HOST": out, "https://tickets.example": in},
	} {
		for origin, want := range rows {
			origin = strings.ReplaceAll(origin, "HOST", own)
			dialer, url := websocket.Dialer{TLSClientConfig: secure.Client().Transport.(*http.Transport).TLSClientConfig}, "ws://"+own
			if strings.HasSuffix(secure.URL, own) {
				url = "wss://" + own
			}
			conn, response, err := dialer.Dial(url, http.Header{"Origin": {origin}})
			if response == nil {
				t.Fatal(err)
			}
			if response.StatusCode != want {
				t.Errorf("%q, at %s: got %d, want %d", origin, url, response.StatusCode, want)
			}
			if conn != nil {
				conn.Close()
			}
		}
	}
	if _, response, _ := websocket.DefaultDialer.Dial(f.url, http.Header{"Origin": {"https://tickets.example", "https://evil.example"}}); response == nil || response.StatusCode != out {
		t.Errorf("two origins: got %+v", response)
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
