package live_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"onsale/query"
	"onsale/transport/live"
)

func TestTheServersTimeoutsDoNotEndAConnection(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.PingInterval = time.Second })
	server := httptest.NewUnstartedServer(f.hub)
	server.Config.ReadTimeout, server.Config.WriteTimeout, server.Config.IdleTimeout = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	f.url = "ws" + strings.TrimPrefix(server.URL, "http")
	b := f.watching(t)
	answer := b.PingHandler()
	b.SetPingHandler(func(data string) error { // a second later, when all of them are over
		f.hub.Announce(f.tables.sell(f.event))
		return answer(data)
	})
	b.until(999)
}

func TestCloseAlsoEndsThoseWhoHaveNotSaidWhoTheyAre(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.connect(t)
	closed := make(chan live.Close, 1)
	go func() { closed <- b.closed() }()
	for f.hub.Viewers() == 0 { // the answer to the handshake comes a moment before
		runtime.Gosched()
	}
	f.hub.Close()
	if got := <-closed; got != live.CloseGoingAway && got != live.CloseAuthRequired {
		t.Errorf("got %v", got)
	}
}

func TestThoseWhoHaveNotSaidWhoTheyAreCount(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.MaxViewers = 1 })
	f.connect(t)
	for f.hub.Viewers() == 0 {
		runtime.Gosched()
	}
	if got := f.connect(t).closed(); got != live.CloseBusy {
		t.Errorf("got %v", got)
	}
}

// Not parallel: it counts the goroutines that are in this package.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	ours := func() int {
		stacks := make([]byte, 1<<20)
		return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "live.(*Hub)")
	}
	before := ours()
	f := start(t, nil)
	f.connect(t)
	f.watching(t)
	gone := f.watching(t)
	gone.NetConn().Close()
	for range 100 {
		f.hub.Announce(f.tables.sell(f.event))
	}
	if during := ours(); during <= before {
		t.Fatalf("%d goroutines, %d before: they are not counted", during, before)
	}
	f.hub.Close()
	if after := ours(); after != before {
		t.Errorf("%d goroutines are left", after-before)
	}
}

func TestPingsCountAsFrames(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.signedIn(t)
	for range 30 {
		if b.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)) != nil {
			break
		}
	}
	if got := b.closed(); got != live.CloseFlood {
		t.Errorf("got %v", got)
	}
}

func TestWhoGoesOnTalkingHearsTheFarewell(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for name, row := range map[string]struct {
		sent string
		code int
	}{
		"a flood of pings":  {frameOf(0x89, ""), live.CloseFlood.Code},
		"frames of nothing": {frameOf(0x83, ""), websocket.CloseProtocolError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := f.signedIn(t)
			go io.WriteString(b.NetConn(), strings.Repeat(row.sent, 100_000)) // more than is taken in beforehand
			if got := b.closed(); got.Code != row.code {
				t.Errorf("got %v", got)
			}
		})
	}
}

// raw is a connection that has been upgraded, for frames that no client would send.
func (f *fixture) raw(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	address := strings.TrimPrefix(f.url, "ws://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: "+address+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	r := bufio.NewReader(conn)
	response, err := http.ReadResponse(r, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Sec-WebSocket-Extensions") != "" {
		t.Fatalf("%+v: %v", response, err)
	}
	return conn, r
}

// frameOf is a masked frame whose mask changes nothing.
func frameOf(first byte, text string) string {
	return string([]byte{first, 0x80 | byte(len(text)), 0, 0, 0, 0}) + text
}

func TestTheProtocolIsKept(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	auth := `{"type":"auth","token":"` + uuid.NewString() + `"}`
	for name, sent := range map[string]string{
		"a frame that is not masked":             "\x81\x02{}",
		"a frame that says it is compressed":     frameOf(0xc1, auth),
		"an unknown kind of frame":               frameOf(0x83, auth),
		"a continuation of nothing":              frameOf(0x80, auth),
		"a control frame in pieces":              frameOf(0x09, ""),
		"a new message in the middle of another": frameOf(0x01, auth[:5]) + frameOf(0x81, auth),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, r := f.raw(t)
			io.WriteString(conn, sent)
			answer, err := io.ReadAll(r)
			if err != nil || len(answer) < 4 || answer[0] != 0x88 || binary.BigEndian.Uint16(answer[2:]) != websocket.CloseProtocolError {
				t.Errorf("got %q, %v", answer, err)
			}
		})
	}
	t.Run("a message in pieces, with a ping between, is one message", func(t *testing.T) {
		t.Parallel()
		conn, r := f.raw(t)
		io.WriteString(conn, frameOf(0x01, auth[:5])+frameOf(0x89, "")+frameOf(0x80, auth[5:]))
		want := "\x8a\x00" + "\x81\x10" + `{"type":"ready"}`
		got := make([]byte, len(want))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestASlowViewerGetsTheNewestAndLittleElse(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Interval = time.Nanosecond })
	slow, quick := f.watching(t), f.watching(t)
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
	if frames := slow.until(850); frames > 60 {
		t.Errorf("got %d of 150 frames: old ones waited in buffers", frames)
	}
}
