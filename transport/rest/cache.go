package rest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	cachedAnswers = 1000 // at most
	// cacheLife is the longest that a change which the log knows nothing of can stay unseen: also that there is another log, with
	// another event at the same position. A node that has lost the log looks for it again no sooner.
	cacheLife   = time.Second
	readTimeout = 5 * time.Second // for the one read that many may be waiting for
)

// A cache keeps the answers to reads of listings that are the same for everybody, as long as the listings are what they were when the
// answer was read. So it is never staler than the views, and a storm of reads costs one query whenever these move in what it shows.
type cache struct {
	answers *lru.Cache[string, cached]

	mu      sync.Mutex
	reading map[string]*reading // the last that was begun, by key
}

type cached struct {
	position int64 // of the views, before they were read
	until    time.Time
	body     parcel
}

// A reading is one that many may wait for: all who come before it looks at the views, and those who come later as long as these
// are the same. They get nothing older than what they could know of.
type reading struct {
	began    bool
	position int64 // of the views when it began, 0 when nobody knew
	done     chan struct{}
	body     parcel
	err      error
}

// errLeft says that who was to read has left before. Another of those who wait has to.
var errLeft = errors.New("who was to read has left")

func newCache() *cache {
	answers, err := lru.New[string, cached](cachedAnswers)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &cache{answers: answers, reading: make(map[string]*reading)}
}

// A sameness tells whether what is read is known to be at a position of the views as it was at an earlier one.
type sameness func(then, now int64) bool

// unmoved is the sameness of what any change may change.
func unmoved(then, now int64) bool { return then == now }

// A turn runs work when it may, and returns its error, or why it may not.
type turn func(ctx context.Context, work func() error) error

// atOnce is the turn of what is cheap.
func atOnce(_ context.Context, work func() error) error { return work() }

// shared answers 200 with what read returns, or did when it was last called for the same key and what it reads is the same
// since. Errors are not kept.
func (a *api) shared(c *call, key string, same sameness, turn turn, read func(context.Context) (any, error)) error {
	ctx := c.r.Context()
	for {
		position := a.Freshness.Position(listings...)
		if position == 0 { // nobody knows where the views are: ask them
			return a.unshared(c, turn, read)
		}
		if hit, ok := a.cache.answers.Get(key); ok && same(hit.position, position) && a.Clock().Before(hit.until) {
			return c.deliver(http.StatusOK, hit.body)
		}
		r, mine := a.cache.join(key, position, same)
		if mine {
			a.read(ctx, key, r, turn, read)
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		switch {
		case r.err == nil:
			return c.deliver(http.StatusOK, r.body)
		case !errors.Is(r.err, errLeft):
			return r.err
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// read does a reading when it is its turn. Who leaves before does not read; who leaves later has it done for the others.
func (a *api) read(ctx context.Context, key string, r *reading, turn turn, read func(context.Context) (any, error)) {
	defer a.cache.end(key, r)
	err := turn(ctx, func() error {
		position := a.Freshness.Position(listings...)
		a.cache.begin(r, position)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		value, err := read(ctx)
		if err != nil {
			return err
		}
		e := encoders.Get().(*encoder)
		defer e.giveBack()
		if err := e.Encode(value); err != nil {
			return err
		}
		r.body = pack(bytes.Clone(e.buffer.Bytes()))
		a.cache.answers.Add(key, cached{position: position, until: a.Clock().Add(cacheLife), body: r.body})
		return nil
	})
	if r.began || ctx.Err() == nil {
		r.err = err
	}
}

// join returns the reading to wait for, and whether it is new and the caller's to do.
func (c *cache) join(key string, position int64, same sameness) (r *reading, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.reading[key]; r != nil && (!r.began || same(r.position, position)) {
		return r, false
	}
	r = &reading{done: make(chan struct{}), err: errLeft}
	c.reading[key] = r
	return r, true
}

func (c *cache) begin(r *reading, position int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.began, r.position = true, position
}

func (c *cache) end(key string, r *reading) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reading[key] == r {
		delete(c.reading, key)
	}
	close(r.done)
}

// unshared answers 200 with what read returns now, for this caller alone.
func (a *api) unshared(c *call, turn turn, read func(context.Context) (any, error)) error {
	var body any
	err := turn(c.r.Context(), func() (err error) {
		body, err = read(c.r.Context())
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}
