// Package identity keeps accounts: registration, log-in, and the token pairs
// that prove who is calling.
//
// It promises:
//   - a password is never stored or logged, only its bcrypt hash;
//   - a wrong password and an unknown e-mail address cannot be told apart, by
//     the answer or by the time it takes;
//   - a refresh token that is used twice ends every session that came from the
//     same log-in (see [Service.Refresh] for the one exception);
//   - hashing, which costs tens of milliseconds of CPU, never takes more than
//     [Options.HashSlots] processors, whatever arrives, and keeps each for half
//     a millisecond at a time.
//
// You may not assume that an access token can be taken back: it is believed
// for its whole life, and so is the role inside it, even when the account was
// logged out, demoted or deleted meanwhile.
package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/bcrypt"

	"onsale/command/gate"
)

const (
	// AccessLife is how long an access token is believed.
	AccessLife = 15 * time.Minute
	// RefreshLife is how long a refresh token may wait to be used. Each use
	// gives the session as long again.
	RefreshLife = 7 * 24 * time.Hour

	minSecret         = 16 // bytes; production asks for 32, see package config
	minCost           = 10
	defaultHashQueue  = 256
	maxFailedAttempts = 10
	attemptsWindow    = time.Minute
	trackedAccounts   = 1 << 16 // more than can be hashed for in one window
	rememberedTokens  = 1 << 14 // about 10 MB when full
)

// Options configures a Service. The zero value of everything but the secrets
// is sensible.
type Options struct {
	// AccessSecret and RefreshSecret sign the two kinds of tokens: at least 16
	// bytes each, and different from each other. All nodes need the same pair;
	// changing one ends every session it signed.
	AccessSecret, RefreshSecret []byte

	// Clock tells the time; nil is time.Now. Nodes whose clocks differ by more
	// than a few seconds refuse each other's newest tokens.
	Clock func() time.Time

	// BcryptCost is the cost of new password hashes; zero is 10. Less is
	// refused in every program but a test's. Each step doubles the time of a
	// log-in; hashes already stored keep the cost they were made with.
	BcryptCost int

	// HashSlots is how many passwords are hashed at once; zero is half the
	// processors, at least one.
	HashSlots int

	// HashQueue is how many requests may wait for a slot before the next one
	// gets ErrBusy; zero is 256. At the default cost a slot serves about
	// twenty a second.
	HashQueue int

	// Metrics is where what there is to tell of hashing is registered; nil is
	// nowhere.
	Metrics prometheus.Registerer
}

// Service keeps the accounts of one database. It is safe for concurrent use
// and owns no goroutine. Any number of nodes may share the database; each
// counts failed log-ins for itself.
type Service struct {
	pool     *pgxpool.Pool
	now      func() time.Time
	access   signer
	refresh  signer
	proofs   *proofs
	gate     gate.Gate
	metrics  metrics
	attempts *attempts
	cost     int
	decoy    []byte
	compare  func(ctx context.Context, hash, password []byte) error
}

// New returns a Service on pool, whose database has been migrated. Its error
// names every option that it refuses.
func New(pool *pgxpool.Pool, o Options) (*Service, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.BcryptCost == 0 {
		o.BcryptCost = minCost
	}
	if o.HashSlots == 0 {
		o.HashSlots = max(1, runtime.NumCPU()/2)
	}
	if o.HashQueue == 0 {
		o.HashQueue = defaultHashQueue
	}
	if err := o.check(testing.Testing()); err != nil {
		return nil, fmt.Errorf("identity options: %w", err)
	}
	g := gate.New(o.HashSlots, o.HashQueue)
	return &Service{
		pool:     pool,
		now:      o.Clock,
		access:   newSigner("onsale-access", o.AccessSecret, o.Clock),
		refresh:  newSigner("onsale-refresh", o.RefreshSecret, o.Clock),
		proofs:   newProofs(),
		gate:     g,
		metrics:  newMetrics(o.Metrics, g),
		attempts: newAttempts(maxFailedAttempts, attemptsWindow, trackedAccounts),
		cost:     o.BcryptCost,
		decoy:    decoyHash(o.BcryptCost),
		compare:  comparePassword,
	}, nil
}

// check reports every problem at once. Tests may hash cheaply; a program that
// is not a test cannot.
func (o Options) check(testing bool) error {
	var problems []error
	for _, secret := range []struct {
		name  string
		value []byte
	}{{"access", o.AccessSecret}, {"refresh", o.RefreshSecret}} {
		if n := len(secret.value); n < minSecret {
			problems = append(problems, fmt.Errorf("the %s secret has %d bytes, fewer than %d", secret.name, n, minSecret))
		}
	}
	if len(o.AccessSecret) > 0 && bytes.Equal(o.AccessSecret, o.RefreshSecret) {
		problems = append(problems, errors.New("the access and the refresh secret are the same"))
	}
	lowest := minCost
	if testing {
		lowest = bcrypt.MinCost
	}
	if o.BcryptCost < lowest || o.BcryptCost > bcrypt.MaxCost {
		problems = append(problems, fmt.Errorf("bcrypt cost %d is not between %d and %d", o.BcryptCost, lowest, bcrypt.MaxCost))
	}
	if o.HashSlots < 0 || o.HashQueue < 0 {
		problems = append(problems, fmt.Errorf("hash slots %d and queue %d must not be negative", o.HashSlots, o.HashQueue))
	}
	return errors.Join(problems...)
}
