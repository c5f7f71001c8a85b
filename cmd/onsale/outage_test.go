package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestOutOfReach(t *testing.T) {
	t.Parallel()
	_, refused := pgx.Connect(t.Context(), "postgres://127.0.0.1:1/none?connect_timeout=2")
	answered := func(severity, code string) error { return &pgconn.PgError{SeverityUnlocalized: severity, Code: code} }
	for name, row := range map[string]struct {
		err  error
		want bool
	}{
		"nobody there":                                 {refused, true},
		"the connection ended":                         {io.ErrUnexpectedEOF, true},
		"the connection was reset":                     {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		"the server stops":                             {answered("FATAL", "57P01"), true},
		"the server starts":                            {answered("FATAL", "57P03"), true},
		"the server stops, and says it gently":         {answered("ERROR", "57P01"), true},
		"the server has crashed, and says it gently":   {answered("ERROR", "57P02"), true},
		"the connection failed, says somebody between": {answered("ERROR", "08006"), true},
		"the connection is ended for another reason":   {answered("FATAL", "XX000"), true},
		"the server panics":                            {answered("PANIC", "XX000"), true},
		"an internal error":                            {answered("ERROR", "XX000"), false},
		"too many connections":                         {answered("FATAL", "53300"), true},
		"the disk is full":                             {answered("ERROR", "53100"), true},
		"a standby gave the query up":                  {answered("ERROR", "40001"), true},
		"a table that is not there":                    {answered("ERROR", "42P01"), false},
		"a rule of a table":                            {answered("ERROR", "23505"), false},
		"a statement that somebody cancelled":          {answered("ERROR", "57014"), false},
		"a bug":                                        {errors.New("a bug"), false},
		"nothing was found":                            {pgx.ErrNoRows, false},
	} {
		if got := outOfReach(fmt.Errorf("events: %w", row.err)); row.err == nil || got != row.want {
			t.Errorf("%s (%v): %v", name, row.err, got)
		}
	}
}

// A sighting is what callers have met.
type sighting struct {
	mu      sync.Mutex
	away    int      // 503 `unavailable`
	wrong   []string // 5xx that say nothing, or not when to come back
	changed chan struct{}
}

func (s *sighting) see(what string, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case a.Status == http.StatusServiceUnavailable && a.Code == "unavailable" && a.Header.Get("Retry-After") != "":
		s.away++
		close(s.changed)
		s.changed = make(chan struct{})
	case a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") != "":
	case a.Status >= 500:
		s.wrong = append(s.wrong, fmt.Sprintf("%s: %d %s", what, a.Status, a.Code))
	}
}

// untilAway returns when more calls than so many have found the database away, or when ctx ends.
func (s *sighting) untilAway(ctx context.Context, after int) (away int) {
	for {
		s.mu.Lock()
		away, changed := s.away, s.changed
		s.mu.Unlock()
		if away > after {
			return away
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return away
		}
	}
}

func TestNothingIsA500WhileTheDatabasesConnectionsDie(t *testing.T) {
	t.Parallel()
	s := settings{"ONSALE_DATA": filepath.Join(enterableDir(t), "data"), "LOG_FORMAT": "json"}
	dir := t.TempDir()
	p := startProgram(t, dir, s)
	_, address, _ := runProgram(t, dir, s, "postgres")
	reader := p.register("reader")
	event := reader.openEvent(50)
	booking := reader.book(event).Booking.ID

	seen, stop := &sighting{changed: make(chan struct{})}, make(chan struct{})
	var readers sync.WaitGroup
	for _, call := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/events/" + event, nil}, {"GET", "/events?search=concert", nil}, {"GET", "/bookings", nil}, {"GET", "/bookings/" + booking, nil},
		{"GET", "/holds", nil}, {"GET", "/events/" + event + "/history", nil}, {"GET", "/events/" + event + "?atVersion=1", nil},
		{"GET", "/events/" + event + "/sales", nil}, {"GET", "/events/" + event + "/bookings", nil}, {"GET", "/auth/me", nil},
		{"POST", "/auth/login", map[string]string{"email": "reader@example.com", "password": "correct horse 1"}},
		{"POST", "/book", map[string]string{"eventId": event}},
	} {
		readers.Go(func() {
			for {
				a, err := reader.try(call.method, call.path, call.body)
				if err != nil {
					t.Errorf("%s %s: %v", call.method, call.path, err)
					return
				}
				seen.see(call.method+" "+call.path, a)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for away := 0; away < 3; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		killBackends(ctx, t, strings.TrimSpace(address))
		noticed := seen.untilAway(ctx, away)
		cancel()
		if noticed == away {
			t.Error("nobody noticed")
			break
		}
		away = noticed
	}
	close(stop)
	readers.Wait()
	for _, w := range seen.wrong {
		t.Error(w)
	}
	if said := p.output.String(); strings.Contains(said, `"internal error"`) || !strings.Contains(said, `"level":"WARN","msg":"out of reach"`) {
		t.Error("the log does not tell an outage from a bug")
	}
	if n := reader.untilBack(event); n != 49 {
		t.Errorf("%d remain, want 49", n)
	}
}

// killBackends kills all of the server's connections but its own with signal 9, whereupon the server ends that one as well, recovers
// and takes new ones.
func killBackends(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	var conn *pgx.Conn
	for conn == nil {
		var err error
		if conn, err = pgx.Connect(ctx, address); err != nil && ctx.Err() != nil {
			t.Fatalf("the server does not come back: %v", err)
		}
	}
	defer conn.Close(context.Background())
	rows, _ := conn.Query(ctx, "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()")
	backends, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		t.Log(err) // it is still at the end of the last outage
	}
	for _, pid := range backends {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
	}
}

// untilBack returns what remains of the event once the node answers again.
func (c client) untilBack(event string) int {
	c.t.Helper()
	var a answer
	eventually(c.t, "the node answers again", func() bool {
		if a = c.call("GET", "/events/"+event, nil); a.Status != http.StatusOK && a.Status != http.StatusServiceUnavailable {
			c.t.Fatalf("%+v", a)
		}
		return a.Status == http.StatusOK
	})
	return a.RemainingTickets
}
