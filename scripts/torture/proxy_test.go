package main

import (
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// A server is what a link forwards to: it tells what arrives and says what it is told to.
type server struct {
	net.Listener
	conns chan net.Conn
}

func newServer(t *testing.T, l *link) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{listener, make(chan net.Conn, 8)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.conns <- conn
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	l.forward("tcp", listener.Addr().String())
	return s
}

func linkTo(t *testing.T, refusal []byte, postgres bool) (*link, *server) {
	t.Helper()
	l, err := newLink(t.Context(), refusal, postgres)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	return l, newServer(t, l)
}

func dial(t *testing.T, l *link) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn
}

func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Fatalf("heard %q, %v; want %q", got, err, want)
	}
}

func hearNothing(t *testing.T, conn net.Conn) {
	t.Helper()
	if got, _ := io.ReadAll(conn); len(got) > 0 {
		t.Fatalf("heard %q", got)
	}
}

func TestALinkCarriesBothWays(t *testing.T) {
	t.Parallel()
	l, s := linkTo(t, nil, false)
	client := dial(t, l)
	say(t, client, "hello")
	server := <-s.conns
	hear(t, server, "hello")
	say(t, server, "you too")
	hear(t, client, "you too")
}

func TestACutLinkEndsWhatItCarriesAndTakesNothing(t *testing.T) {
	t.Parallel()
	l, s := linkTo(t, nil, false)
	client := dial(t, l)
	say(t, client, "hello")
	server := <-s.conns
	hear(t, server, "hello")
	l.setCut(true)
	hearNothing(t, client)
	hearNothing(t, server)
	hearNothing(t, dial(t, l))
	l.setCut(false)
	again := dial(t, l)
	say(t, again, "again")
	hear(t, <-s.conns, "again")
}

func TestALostReplyIsOfARequestThatArrived(t *testing.T) {
	t.Parallel()
	l, s := linkTo(t, nil, false)
	l.lose(true)
	client := dial(t, l)
	say(t, client, "book")
	server := <-s.conns
	hear(t, server, "book")
	say(t, server, "booked")
	hearNothing(t, client)
	if lost := l.lose(false); lost != 1 {
		t.Errorf("%d replies lost", lost)
	}
	other := dial(t, l)
	say(t, other, "book")
	server = <-s.conns
	hear(t, server, "book")
	say(t, server, "booked")
	hear(t, other, "booked")
}

func TestASlowLinkIsSlow(t *testing.T) {
	t.Parallel()
	l, s := linkTo(t, nil, false)
	l.setDelay(50 * time.Millisecond)
	began := time.Now()
	client := dial(t, l)
	say(t, client, "hello")
	server := <-s.conns
	hear(t, server, "hello")
	say(t, server, "you too")
	hear(t, client, "you too")
	if took := time.Since(began); took < 100*time.Millisecond {
		t.Errorf("there and back in %v", took)
	}
}

func TestARequestThatIsNotForwardedIsToldSo(t *testing.T) {
	t.Parallel()
	l, _ := linkTo(t, []byte(notForwarded), false)
	for name, break_ := range map[string]func(){
		"cut":       func() { l.setCut(true) },
		"no server": func() { l.setCut(false); l.forward("", "") },
	} {
		break_()
		c := client{address: l.addr()}
		if r := c.do(http.MethodPost, "/book", "token", nil, "body"); r.sent || r.err != nil || understand(r, time.Now()).Verdict != nothing {
			t.Errorf("%s: %+v", name, r)
		}
		c.hangUp()
	}
}

// message is one of PostgreSQL's protocol; kind 0 is the first, which has none.
func message(kind byte, body string) string {
	text := binary.BigEndian.AppendUint32(nil, uint32(len(body)+4))
	if kind != 0 {
		text = append([]byte{kind}, text...)
	}
	return string(text) + body
}

func TestOfPostgreSQLTheRepliesOfAppendsAreLostWhenTheyAreCommitted(t *testing.T) {
	t.Parallel()
	l, s := linkTo(t, nil, true)
	client := dial(t, l)
	say(t, client, message(0, "startup")+message('P', "s1\x00select 1\x00\x00\x00")+message('P', "s2\x00select * from append_events($1)\x00\x00\x00"))
	server := <-s.conns
	hear(t, server, message(0, "startup"))
	l.lose(true)
	say(t, client, message('B', "\x00s1\x00")+message('S', ""))
	say(t, server, "rows"+string(readyForQuery))
	hear(t, client, "rows"+string(readyForQuery)) // another statement's are not
	say(t, client, message('B', "\x00s2\x00")+message('S', ""))
	hear(t, server, message('P', "s1\x00select 1\x00\x00\x00")+message('P', "s2\x00select * from append_events($1)\x00\x00\x00"))
	hear(t, server, message('B', "\x00s1\x00")+message('S', "")+message('B', "\x00s2\x00"))
	say(t, server, "rows") // may be of a transaction that is not committed yet
	say(t, server, "done"+string(readyForQuery))
	hearNothing(t, client)
	if lost := l.lose(false); lost != 1 {
		t.Errorf("%d replies lost", lost)
	}
}

func TestAnAppendIsRecognisedHoweverItsBytesArrive(t *testing.T) {
	t.Parallel()
	said := message(0, "startup") + message('P', "a\x00select append_events()\x00") + message('B', "\x00a\x00and a lot more") + message('S', "")
	for size := 1; size <= len(said); size++ {
		f := newFrontend()
		for rest := []byte(said); len(rest) > 0; {
			n := min(size, len(rest))
			f.read(rest[:n])
			rest = rest[n:]
		}
		if !f.appending.Load() {
			t.Errorf("not in pieces of %d bytes", size)
		}
		f.read([]byte(message('P', "b\x00select 1\x00") + message('B', "\x00b\x00")))
		if f.appending.Load() {
			t.Errorf("in pieces of %d bytes another statement is one, too", size)
		}
	}
}
