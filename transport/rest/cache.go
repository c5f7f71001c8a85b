package rest

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

const (
	cachedAnswers = 1000            // at most
	cacheLife     = time.Second     // the longest that a change which the log knows nothing of can stay unseen
	readTimeout   = 5 * time.Second // for the one read that many may be waiting for
)

// A cache keeps the answers to reads of listings that are the same for everybody, as long as the listings stand where they stood when the
// answer was read. So it is never staler than the views, and a storm of reads costs one query whenever they move.
type cache struct {
	answers *lru.Cache[string, cached]
	reading singleflight.Group
}

type cached struct {
	position int64 // of the views, before they were read
	until    time.Time
	body     []byte
}

func newCache() *cache {
	answers, err := lru.New[string, cached](cachedAnswers)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &cache{answers: answers}
}

// shared answers 200 with what read returns, or did when it was last called for the same key and the views have not moved
// since. Errors are not kept.
func (a *api) shared(c *call, key string, read func(context.Context) (any, error)) error {
	position := a.Freshness.Position(listings...)
	if position == 0 { // nobody knows where the views are: ask them
		return a.unshared(c, read)
	}
	if hit, ok := a.cache.answers.Get(key); ok && hit.position == position && a.Clock().Before(hit.until) {
		return c.raw(http.StatusOK, jsonType, hit.body)
	}
	// Whoever joins this read came after the views were known to be at the position, and gets nothing older.
	shared, err, _ := a.cache.reading.Do(key+"@"+strconv.FormatInt(position, 10), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.r.Context()), readTimeout)
		defer cancel()
		value, err := read(ctx)
		if err != nil {
			return nil, err
		}
		e := encoders.Get().(*encoder)
		defer e.giveBack()
		if err := e.Encode(value); err != nil {
			return nil, err
		}
		body := bytes.Clone(e.buffer.Bytes())
		a.cache.answers.Add(key, cached{position: position, until: a.Clock().Add(cacheLife), body: body})
		return body, nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, jsonType, shared.([]byte))
}

// unshared answers 200 with what read returns now, for this caller alone.
func (a *api) unshared(c *call, read func(context.Context) (any, error)) error {
	body, err := read(c.r.Context())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}
