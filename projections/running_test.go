package projections_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
	"onsale/projections"
)

// A running runner.
type running struct {
	*projections.Runner
	log  *journal
	stop func() error // waits until it has ended; may be called twice
}

// start prepares the projections and runs them until the test ends.
func (w *world) start(options projections.Options, these ...projections.Projection) *running {
	w.Helper()
	return start(w, w.pool, w.store, options, these...)
}

func start(t testing.TB, pool *pgxpool.Pool, store *eventstore.Store, options projections.Options, these ...projections.Projection) *running {
	t.Helper()
	if err := prepare(t.Context(), pool, these...); err != nil {
		t.Fatal(err)
	}
	return startPrepared(t, pool, store, options, these...)
}

func startPrepared(t testing.TB, pool *pgxpool.Pool, store *eventstore.Store, options projections.Options, these ...projections.Projection) *running {
	t.Helper()
	log := newJournal()
	options.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if options.PollInterval == 0 {
		options.PollInterval = 5 * time.Millisecond
	}
	if options.RetryInterval == 0 {
		options.RetryInterval = 5 * time.Millisecond
	}
	r := &running{Runner: projections.NewRunner(pool, store, options, these...), log: log}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("the runner ended with: %v", err)
		}
		if t.Failed() {
			t.Logf("what the runner said:\n%s", log)
		}
	})
	return r
}

func prepare(ctx context.Context, pool *pgxpool.Pool, these ...projections.Projection) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return projections.Prepare(ctx, conn.Conn(), these...)
}

// catchUp waits until the tables have the position.
func (r *running) catchUp(t testing.TB, position int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(soon(t))
	defer cancel()
	defer context.AfterFunc(r.log.astray, cancel)()
	if err := r.CatchUp(ctx, position); err != nil {
		t.Fatalf("%v; at %v; the runner said:\n%s", err, r.Position(), r.log)
	}
}

// A journal is a log in which one can wait for what will be said.
type journal struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{}
	anew    int // how often it said that tables are made anew

	astray context.Context // ends when it says so again and again: no test has the log go back more than a few times
	stray  context.CancelFunc
}

func newJournal() *journal {
	j := &journal{written: make(chan struct{})}
	j.astray, j.stray = context.WithCancel(context.Background())
	return j
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if bytes.Contains(p, []byte(madeAnew)) {
		if j.anew++; j.anew == 20 {
			j.stray()
		}
	}
	close(j.written)
	j.written = make(chan struct{})
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// await returns the first line that has all the words, once there is one.
func (j *journal) await(t testing.TB, words ...string) string {
	t.Helper()
	ctx := soon(t)
	for {
		j.mu.Lock()
		text, written := j.text.String(), j.written
		j.mu.Unlock()
		if line, found := lineWith(text, words); found {
			return line
		}
		select {
		case <-written:
		case <-ctx.Done():
			t.Fatalf("never said %q in:\n%s", words, text)
		}
	}
}

// none fails the test if anything was said with all the words.
func (j *journal) none(t testing.TB, words ...string) {
	t.Helper()
	if line, found := lineWith(j.String(), words); found {
		t.Errorf("said %s", line)
	}
}

func lineWith(text string, words []string) (string, bool) {
	for line := range strings.Lines(text) {
		missing := false
		for _, word := range words {
			missing = missing || !strings.Contains(line, word)
		}
		if !missing {
			return line, true
		}
	}
	return "", false
}
