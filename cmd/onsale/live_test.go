package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"onsale/migrations/migrationstest"
	"onsale/query"
)

// A viewer is a browser that watches counts.
type viewer struct {
	t *testing.T
	*websocket.Conn
	versions map[string]int64
}

// watch connects to the program at url as the client's user and subscribes to the event.
func (c client) watch(url, event string) *viewer {
	c.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/live", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	for _, frame := range []string{
		fmt.Sprintf(`{"type":"auth","token":%q}`, c.token), fmt.Sprintf(`{"type":"subscribe","events":[%q]}`, event),
	} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
			c.t.Fatal(err)
		}
	}
	return &viewer{c.t, conn, make(map[string]int64)}
}

// until reads until so many tickets are left. It fails if a newer count shows more tickets than an older one.
func (v *viewer) until(remaining int) {
	v.t.Helper()
	for {
		var frame struct{ Events []query.Counts }
		if err := v.ReadJSON(&frame); err != nil {
			v.t.Fatalf("waiting for %d left: %v", remaining, err)
		}
		for _, c := range frame.Events {
			if c.Version > v.versions[c.EventID.String()] {
				v.versions[c.EventID.String()] = c.Version
				if c.Remaining == remaining {
					return
				}
			}
		}
	}
}

func TestViewersSeeCountsFall(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	buyers := []client{p.register("one"), p.register("two"), p.register("three")}
	event := buyers[0].openEvent(5)
	viewers := []*viewer{buyers[0].watch(p.url, event), buyers[1].watch(p.web+"/api", event)}
	for _, v := range viewers {
		v.until(5)
	}
	var last answer
	for i, buyer := range buyers {
		last = buyer.book(event)
		for _, v := range viewers {
			v.until(4 - i)
		}
	}
	if a := buyers[2].call("DELETE", "/bookings/"+last.Booking.ID, nil); a.Status != http.StatusOK {
		t.Fatalf("cancel: %+v", a)
	}
	for _, v := range viewers {
		v.until(3)
	}
	t.Run("and are told to come back when the program stops", func(t *testing.T) {
		p.stop()
		for _, v := range viewers {
			if _, _, err := v.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
				t.Errorf("got %v", err)
			}
		}
	})
}
