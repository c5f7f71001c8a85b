package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// watchABooking has a viewer see the count of an event fall when somebody books.
func watchABooking(ctx context.Context, url string) error {
	s, err := openSale(ctx, url)
	if err != nil {
		return err
	}
	event := s.events[0]
	conn, answer, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(url, "http")+"/live", nil)
	if err != nil {
		return fmt.Errorf("connect to live counts: %w (%v)", err, answer)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	for _, frame := range []any{
		map[string]string{"type": "auth", "token": s.buyers[0].token}, map[string]any{"type": "subscribe", "events": []string{event}},
	} {
		if err := conn.WriteJSON(frame); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
	}
	if err := untilRemaining(conn, tickets); err != nil {
		return err
	}
	var booked struct{ Code string }
	if status, err := s.buyers[1].call(ctx, "POST", "/book", "", map[string]any{"eventId": event}, &booked); err != nil || status != http.StatusCreated {
		return fmt.Errorf("book: %d %s: %w", status, booked.Code, err)
	}
	return untilRemaining(conn, tickets-1)
}

func untilRemaining(conn *websocket.Conn, want int) error {
	for {
		var frame struct {
			Events []struct{ RemainingTickets int }
		}
		if err := conn.ReadJSON(&frame); err != nil {
			return fmt.Errorf("waiting for %d tickets: %w", want, err)
		}
		for _, counts := range frame.Events {
			if counts.RemainingTickets == want {
				return nil
			}
		}
	}
}
