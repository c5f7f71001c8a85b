package rest

import (
	"strconv"
	"time"

	"github.com/go-chi/httprate"
)

const limitWindow = time.Minute

// A limiter lets each key do so much a minute: what it did in this minute counts in full, what it did in the one before counts by how
// much of that is less than a minute ago.
type limiter struct {
	*httprate.RateLimiter
	perMinute int
}

func newLimiter(perMinute int) *limiter {
	return &limiter{perMinute: perMinute, RateLimiter: httprate.NewRateLimiter(perMinute, limitWindow,
		httprate.WithLimitCounter(httprate.NewLocalLimitCounter(limitWindow)), // which makes minutes those of the clock
		httprate.WithResponseHeaders(httprate.ResponseHeaders{}))}
}

// wait is how long the key has to wait from now until its next try is let through, if it does nothing meanwhile.
func (l *limiter) wait(key string, now time.Time) time.Duration {
	minute := now.UTC().Truncate(limitWindow) // the counter compares the zone too
	current, previous, err := l.Counter().Get(key, minute, minute.Add(-limitWindow))
	if err != nil {
		return limitWindow
	}
	return untilAllowed(l.perMinute, current, previous, now.Sub(minute))
}

// untilAllowed says when a key with these counts is let through, from a moment of the minute on. The rule is httprate's: the
// weighed sum, rounded, has to be below the limit.
func untilAllowed(limit, current, previous int, moment time.Duration) time.Duration {
	room := float64(limit) - 0.5
	if free := room - float64(current); free > 0 {
		return max(0, fadesTo(free, previous)-moment)
	}
	return limitWindow - moment + fadesTo(room, current)
}

// fadesTo is when in its minute a count of the minute before weighs less than free, which is above zero.
func fadesTo(free float64, previous int) time.Duration {
	if float64(previous) < free {
		return 0
	}
	return time.Duration((1-free/float64(previous))*float64(limitWindow)) + time.Millisecond
}

func (a *api) limit(c *call, by limit) error {
	limiter, key := a.perUser, ""
	switch {
	case by == unlimited || a.NoRateLimits:
		return nil
	case by == perAddress:
		limiter, key = a.perIP, a.address(c.r)
	default:
		key = string(c.caller.UserID[:])
	}
	if limiter.OnLimit(c, c.r, key) {
		c.Header().Set("RateLimit-Limit", strconv.Itoa(limiter.perMinute))
		c.retryAfter(limiter.wait(key, time.Now()))
		return errRateLimited
	}
	return nil
}

// retryAfter tells the client to come back in so long, in whole seconds, at least one.
func (c *call) retryAfter(wait time.Duration) {
	seconds := max(1, (wait+time.Second-1)/time.Second)
	c.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
}
