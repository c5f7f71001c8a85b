package identity

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// attempts counts failed log-ins per account over a sliding window, in the
// memory of this node. An attempt counts from its start until it is forgiven,
// so that guesses made all at once are no cheaper than guesses in a row.
//
// It remembers a bounded number of accounts, the latest. That bound is no way
// out for an attacker while it is more than a node can hash in one window.
type attempts struct {
	limit  int
	window time.Duration

	mu     sync.Mutex
	recent *simplelru.LRU[accountKey, []time.Time] // oldest first, never empty
}

// accountKey has one size whatever address was tried, and names nobody.
type accountKey [sha256.Size]byte

func keyOf(email string) accountKey {
	return sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
}

// newAttempts panics when accounts is not above zero.
func newAttempts(limit int, window time.Duration, accounts int) *attempts {
	recent, err := simplelru.NewLRU[accountKey, []time.Time](accounts, nil)
	if err != nil {
		panic(err)
	}
	return &attempts{limit: limit, window: window, recent: recent}
}

// begin counts an attempt at the account, or returns an *AttemptsError.
func (a *attempts) begin(account accountKey, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	times, _ := a.recent.Peek(account)
	for len(times) > 0 && now.Sub(times[0]) >= a.window {
		times = times[1:]
	}
	if len(times) >= a.limit {
		return &AttemptsError{RetryAfter: times[0].Add(a.window).Sub(now)}
	}
	a.recent.Add(account, append(times, now))
	return nil
}

// forgive uncounts the attempt that began at the given time: it succeeded, or
// no password was tried.
func (a *attempts) forgive(account accountKey, began time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	times, _ := a.recent.Peek(account)
	i := slices.IndexFunc(times, began.Equal)
	switch {
	case i < 0:
	case len(times) == 1:
		a.recent.Remove(account)
	default:
		a.recent.Add(account, slices.Delete(times, i, i+1))
	}
}
