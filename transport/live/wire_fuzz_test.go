package live_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/query"
	"onsale/transport/live"
)

// Whatever bytes come over a connection, the hub answers in whole frames that are its own, hangs up when the other end does, and
// nobody is told anything before they have said who they are.
func FuzzWire(f *testing.F) {
	auth := frameOf(0x81, `{"type":"auth","token":"`+uuid.NewString()+`"}`)
	for _, sent := range []string{
		auth, auth + frameOf(0x81, `{"type":"subscribe","all":true}`), "\x81\x02{}", frameOf(0xc1, "{}"), frameOf(0x89, "ping") + auth,
		frameOf(0x01, `{"type":`) + frameOf(0x80, `"auth"}`), frameOf(0x88, "\x03\xe8"), frameOf(0x82, "\xff"), "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		auth + strings.Repeat(frameOf(0x8a, ""), 30), "GET / HTTP/1.1\r\n\r\n",
		auth[:1], auth[:5], auth[:len(auth)-1], frameOf(0x80, "a"), frameOf(0x01, "{") + frameOf(0x01, "}"), frameOf(0x09, "ping"), frameOf(0x89, strings.Repeat("p", 126)),
		frameOf(0x88, "\x03"), frameOf(0x88, "\x03\xed\xff"), frameOf(0x88, "\xff\xffä") + auth, frameOf(0x8b, ""), frameOf(0xf1, "{}"), "\x81\x00", "\x81\xfe\xff\xff",
		frameOf(0x81, "{\"type\":\"\xff\"}"), auth + frameOf(0x81, strings.Repeat("[", 5000)), auth + auth, auth + frameOf(0x81, `{"type":"subscribe","events":["`+uuid.NewString()+`"]}`),
	} {
		f.Add([]byte(sent))
	}
	log := make(lines, 10)
	at := &fixture{event: uuid.New(), tables: &tables{counts: map[uuid.UUID]query.Counts{}}}
	at.tables.counts[at.event] = query.Counts{EventID: at.event, Version: 1, Remaining: 1000}
	at.hub = live.NewHub(live.Options{
		Accounts: accounts{func() time.Time { return time.Now().Add(time.Hour) }}, Counts: at.tables, PollInterval: time.Hour,
		Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	server := httptest.NewServer(at.hub)
	f.Cleanup(server.Close)
	f.Cleanup(at.hub.Close)
	at.url = "ws" + strings.TrimPrefix(server.URL, "http")
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn, r := at.raw(t)
		if _, err := conn.Write(sent); err != nil {
			t.Skip(err) // it had hung up already
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Skip(err)
		}
		answer, err := io.ReadAll(r)
		if err != nil {
			t.Skip(err) // what it did not read was taken back with what it said
		}
		frames := framesIn(t, answer)
		for i, said := range frames {
			if said.Type != "ready" && (i == 0 || frames[0].Type != "ready") {
				t.Errorf("%q was answered with %q", sent, answer)
			}
		}
		select {
		case line := <-log:
			t.Errorf("%q: %v", sent, line)
		default:
		}
	})
}

// framesIn reads what a server sent: whole, unmasked frames, of which those of text are JSON. Nothing follows a farewell.
func framesIn(t *testing.T, answer []byte) (texts []frame) {
	t.Helper()
	for r := bufio.NewReader(bytes.NewReader(answer)); ; {
		var head [2]byte
		if _, err := io.ReadFull(r, head[:]); err == io.EOF {
			return texts
		}
		size := int(head[1])
		if size == 126 {
			var long [2]byte
			if _, err := io.ReadFull(r, long[:]); err != nil {
				t.Fatalf("%q: %v", answer, err)
			}
			size = int(binary.BigEndian.Uint16(long[:]))
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(r, text); err != nil || head[1] > 126 {
			t.Fatalf("%q is no row of frames: %v", answer, err)
		}
		switch head[0] {
		case 0x81:
			var said frame
			if err := json.Unmarshal(text, &said); err != nil {
				t.Errorf("%q: %v", text, err)
			}
			texts = append(texts, said)
		case 0x88:
			if rest, _ := io.ReadAll(r); len(rest) > 0 {
				t.Errorf("%q follows the farewell", rest)
			}
			return texts
		case 0x89, 0x8a:
		default:
			t.Fatalf("%q has a frame of kind %#x", answer, head[0])
		}
	}
}
