package identity

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command/gate"
	"onsale/migrations/migrationstest"
)

var (
	accessSecret  = bytes.Repeat([]byte("a"), minSecret)
	refreshSecret = bytes.Repeat([]byte("r"), minSecret)
)

const password = "correct horse 1"

// clock is a time that moves when told to.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock {
	return &clock{t: time.Date(2030, 5, 1, 9, 0, 0, 123456789, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// newTokens returns a service that knows no database.
func newTokens(t testing.TB, c *clock) *Service {
	t.Helper()
	s, err := New(nil, Options{
		AccessSecret: accessSecret, RefreshSecret: refreshSecret,
		Clock: c.now, BcryptCost: 4, HashSlots: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newService returns a service on a database of its own.
func newService(t *testing.T) (*Service, *clock) {
	t.Helper()
	c := newClock()
	s := newTokens(t, c)
	s.pool = migrationstest.Pool(t)
	return s, c
}

// fill takes every place of a gate, and returns what gives them back.
func fill(g gate.Gate) (empty func()) {
	var all sync.WaitGroup
	release := make(chan struct{})
	for range g.Places() {
		all.Go(func() { _ = g.Pass(context.Background(), func() error { <-release; return nil }) })
	}
	for g.Running()+g.Waiting() < g.Places() {
		runtime.Gosched()
	}
	return func() { close(release); all.Wait() }
}

func register(t *testing.T, s *Service, email string) (User, Tokens) {
	t.Helper()
	u, tokens, err := s.Register(t.Context(), Registration{Email: email, Password: password, Name: "Ada Lovelace"})
	if err != nil {
		t.Fatal(err)
	}
	return u, tokens
}

// refresh returns the next refresh token.
func refresh(t *testing.T, s *Service, token string) string {
	t.Helper()
	_, tokens, err := s.Refresh(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return tokens.Refresh
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

// race releases n calls together and counts the results that errors.Is one of
// kinds; nil is a kind. Anything else fails the test.
func race(t *testing.T, n int, call func(context.Context, int) error, kinds ...error) map[error]int {
	t.Helper()
	results := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			results[i] = call(t.Context(), i)
		})
	}
	close(start)
	wg.Wait()
	counts := map[error]int{}
next:
	for _, err := range results {
		for _, kind := range kinds {
			if errors.Is(err, kind) {
				counts[kind]++
				continue next
			}
		}
		t.Fatalf("unexpected result: %v", err)
	}
	return counts
}

func countRows(t *testing.T, s *Service, table string) (n int) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func familyOf(t *testing.T, s *Service, token string) uuid.UUID {
	t.Helper()
	c, err := s.refresh.verify(token)
	if err != nil {
		t.Fatal(err)
	}
	return c.Family
}
