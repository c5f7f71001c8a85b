package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"onsale/migrations/migrationstest"
	"onsale/transport/live"
)

// Who connects from one address without ever saying who they are is turned away before the node is full, and keeps nobody out who says.
func TestStrangersOfOneAddressDoNotTakeAllPlaces(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{
		"DATABASE_URL": migrationstest.Database(t), "RATE_LIMIT": "on", "TRUSTED_PROXIES": "127.0.0.0/8",
	})
	turnedAway := make(chan struct{}, 1)
	connect := func() {
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/live", map[string][]string{"X-Forwarded-For": {"203.0.113.9"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		go func() { // ends with the connection
			_, _, err := conn.ReadMessage()
			if why, ok := errors.AsType[*websocket.CloseError](err); ok && why.Code == live.CloseBusy.Code {
				select {
				case turnedAway <- struct{}{}:
				default:
				}
			}
		}()
	}
	for connected := 0; ; connected++ {
		select {
		case <-turnedAway:
			if connected < 500 {
				t.Errorf("the first one was turned away after %d", connected)
			}
			buyer := p.register("buyer")
			buyer.watch(p.url, buyer.openEvent(7)).until(7)
			return
		default:
		}
		if connected == 5000 {
			t.Fatal("nobody was turned away")
		}
		connect()
	}
}
