package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// A sale that things are broken in: each buyer wants a ticket of each event, and there are fewer tickets than buyers.
const (
	buyers  = 16
	events  = 16
	tickets = 12
	// breakAt is how many bookings are acknowledged when things break: a good part, and far from all.
	breakAt = events * tickets / 4
	// patience is how long a buyer tries again for one ticket.
	patience = 3 * time.Minute
	// pause is between two tries.
	pause = 250 * time.Millisecond
)

// A buyer calls the API as one user.
type buyer struct {
	url   string
	token string
	email string
}

const password = "compose-test-1"

// A ledger has what the API has acknowledged, by the buyer's e-mail address.
type ledger struct {
	mu       sync.Mutex
	bookings map[string][]string
}

func (l *ledger) add(email, booking string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bookings == nil {
		l.bookings = make(map[string][]string)
	}
	l.bookings[email] = append(l.bookings[email], booking)
}

// check looks whether everything acknowledged is still there, for buyers who log in again.
func (l *ledger) check(ctx context.Context, url string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for email, want := range l.bookings {
		g.Go(func() error {
			b := buyer{url: url, email: email}
			if err := b.enter(ctx, "/auth/login"); err != nil {
				return err
			}
			var mine struct {
				Data []struct{ ID, Status string }
			}
			if status, err := b.call(ctx, "GET", "/bookings?limit=50", "", nil, &mine); err != nil || status != http.StatusOK {
				return fmt.Errorf("bookings of %s: %d: %w", email, status, err)
			}
			has := make(map[string]string)
			for _, booking := range mine.Data {
				has[booking.ID] = booking.Status
			}
			for _, id := range want {
				if has[id] != "CONFIRMED" {
					return fmt.Errorf("LOST: booking %s of %s was acknowledged, and is %q", id, email, has[id])
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// sellThrough sells while something is killed and comes back, and then holds what was acknowledged against what is there.
func (p *project) sellThrough(ctx context.Context, url string, kill, restart func() error) error {
	s, err := openSale(ctx, url)
	if err != nil {
		return err
	}
	var before int64 // how many were booked when it was dead
	breaking := make(chan error, 1)
	go func() {
		select {
		case <-s.underWay:
			err := kill()
			before = s.booked.Load()
			breaking <- errors.Join(err, restart())
		case <-s.over:
			breaking <- errors.New("the sale was over before anything could be killed")
		}
	}()
	selling := s.sell(ctx, &p.sold)
	close(s.over)
	if err := errors.Join(selling, <-breaking); err != nil {
		return err
	}
	if s.booked.Load() == before {
		return errors.New("the sale was over when it was killed: it was not in the middle")
	}
	return errors.Join(p.sold.check(ctx, p.api), p.verify(ctx))
}

type openedSale struct {
	buyers   []*buyer
	events   []string
	booked   atomic.Int64
	underWay chan struct{} // closed when breakAt bookings are acknowledged
	over     chan struct{}
}

func openSale(ctx context.Context, url string) (*openedSale, error) {
	s := &openedSale{buyers: make([]*buyer, buyers), events: make([]string, events), underWay: make(chan struct{}), over: make(chan struct{})}
	g, joining := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i := range s.buyers {
		s.buyers[i] = &buyer{url: url, email: strings.ToLower(rand.Text()) + "@example.com"}
		g.Go(func() error { return s.buyers[i].enter(joining, "/auth/register") })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i := range s.events {
		var event struct{ ID string }
		in := map[string]any{"title": fmt.Sprintf("Breaking Concert %d", i+1), "totalTickets": tickets, "price": 10}
		if status, err := s.buyers[0].call(ctx, "POST", "/events", "", in, &event); err != nil || status != http.StatusCreated {
			return nil, fmt.Errorf("open an event: %d: %w", status, err)
		}
		s.events[i] = event.ID
	}
	return s, nil
}

// sell has every buyer ask for every event, and returns when each has had an answer to each.
func (s *openedSale) sell(ctx context.Context, sold *ledger) error {
	g, ctx := errgroup.WithContext(ctx)
	for n, b := range s.buyers {
		g.Go(func() error {
			for i := range s.events {
				event := s.events[(i+n)%len(s.events)]
				if err := s.book(ctx, b, event, sold); err != nil {
					return fmt.Errorf("%s books %s: %w", b.email, event, err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// book asks until there is an answer, each time with the same key.
func (s *openedSale) book(ctx context.Context, b *buyer, event string, sold *ledger) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	key := rand.Text()
	for {
		var a struct {
			Booking struct{ ID string }
			Code    string
		}
		status, err := b.call(ctx, "POST", "/book", key, map[string]any{"eventId": event}, &a)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && status == http.StatusCreated:
			n := s.booked.Add(1)
			sold.add(b.email, a.Booking.ID)
			if n == breakAt {
				close(s.underWay)
			}
			return nil
		case err == nil && status == http.StatusConflict:
			return nil // sold out; or booking_in_progress for a node that is gone, whose hold runs out by itself
		case err == nil && status < 500:
			return fmt.Errorf("unexpected answer: %d %s", status, a.Code)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *buyer) enter(ctx context.Context, path string) error {
	var tokens struct{ AccessToken string }
	in := map[string]string{"email": b.email, "password": password}
	if path == "/auth/register" {
		in["name"] = "A Buyer"
	}
	status, err := b.call(ctx, "POST", path, "", in, &tokens)
	if err != nil || tokens.AccessToken == "" {
		return fmt.Errorf("%s as %s: %d: %w", path, b.email, status, err)
	}
	b.token = tokens.AccessToken
	return nil
}

// call sends in as JSON and decodes the answer, of whatever status, into out. An answer that is no JSON is an error: no
// client should ever see one.
func (b *buyer) call(ctx context.Context, method, path, key string, in, out any) (status int, err error) {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, b.url+path, body)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return answer.StatusCode, fmt.Errorf("the answer is no JSON: %s: %w", strconv.Itoa(answer.StatusCode), err)
	}
	return answer.StatusCode, nil
}
