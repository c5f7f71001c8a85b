package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// reuseGrace is how long after its use a refresh token may come once more.
	reuseGrace = 10 * time.Second

	revokeTimeout = 5 * time.Second
)

// Refresh changes a refresh token for a new pair; the old one is used up.
//
// A refresh token that comes a second time ends its whole family, the newest
// token included, since one of its holders has stolen it. One exception: two
// tabs may refresh at the same moment, or an answer may be lost and the request
// repeated. So a token that comes again within ten seconds of its use, once,
// and whose successor has not been used yet, gets a pair too: a new access
// token and that same successor. A family never has two live tokens; so a thief
// who slips into the grace is found out at the next refresh, unless that falls
// into the next grace.
// (The idea is GoTrue's reuse interval, which allows any number of uses.)
//
// It returns ErrInvalidToken, with ErrTokenExpired or ErrTokenReused where one
// of them is the reason. The user is as stored now: a new role takes effect
// here.
func (s *Service) Refresh(ctx context.Context, refreshToken string) (User, Tokens, error) {
	c, err := s.refresh.verify(refreshToken)
	if err != nil {
		return User{}, Tokens{}, err
	}
	u, f, err := s.rotate(ctx, c.Family, c.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, Tokens{}, s.punish(ctx, c.Family)
	}
	if err != nil {
		return User{}, Tokens{}, fmt.Errorf("refresh family %s: %w", c.Family, err)
	}
	tokens, err := s.issue(u, f)
	return u, tokens, err
}

// LogOut ends the session of a refresh token: every token of its family. A
// token that opens no session (used, expired, unknown, malformed) is no error:
// there is nothing left to end. Access tokens live on until they expire.
func (s *Service) LogOut(ctx context.Context, refreshToken string) error {
	c, err := s.refresh.verify(refreshToken)
	if err != nil {
		return nil //nolint:nilerr // it opens no session
	}
	if _, err := s.pool.Exec(ctx, deleteFamily, c.Family); err != nil {
		return fmt.Errorf("log out family %s: %w", c.Family, err)
	}
	return nil
}

// execer is a pool or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// family is one session: a chain of refresh tokens of which one is live.
type family struct {
	id        uuid.UUID
	live      uuid.UUID
	expiresAt time.Time
}

func newFamily(now time.Time) family {
	return family{id: uuid.Must(uuid.NewV7()), live: uuid.New(), expiresAt: refreshExpiry(now)}
}

func refreshExpiry(now time.Time) time.Time {
	return now.UTC().Truncate(time.Second).Add(RefreshLife)
}

// Each session opened sweeps some that have expired, so the table stays about
// as large as the sessions alive, with no job to run.
const insertFamily = `
WITH swept AS (
    DELETE FROM refresh_families WHERE id IN (
        SELECT id FROM refresh_families
        WHERE expires_at < $5
        ORDER BY expires_at
        LIMIT 8
        FOR UPDATE SKIP LOCKED))
INSERT INTO refresh_families (id, user_id, live_token, expires_at)
VALUES ($1, $2, $3, $4)`

func (f family) open(ctx context.Context, db execer, user uuid.UUID, now time.Time) error {
	if _, err := db.Exec(ctx, insertFamily, f.id, user, f.live, f.expiresAt, now.Add(-leeway)); err != nil {
		return fmt.Errorf("open family %s: %w", f.id, err)
	}
	return nil
}

// The row's lock puts all uses of a family's tokens in one order, and each use
// is judged on what the one before has left.
const rotateFamily = `
UPDATE refresh_families f
SET live_token     = CASE WHEN live_token = $2 THEN $3 ELSE live_token END,
    expires_at     = CASE WHEN live_token = $2 THEN $4 ELSE expires_at END,
    rotated_at     = CASE WHEN live_token = $2 THEN $5 ELSE rotated_at END,
    grace_used     = live_token <> $2,
    previous_token = $2
FROM users u
WHERE f.id = $1
  AND u.id = f.user_id
  AND (live_token = $2
       OR previous_token = $2 AND NOT grace_used AND rotated_at >= $6)
RETURNING f.live_token, f.expires_at, u.id, u.email, u.name, u.role, u.created_at`

// rotate uses a token of the family and returns the family with its live
// token, or pgx.ErrNoRows where the token may not be used.
func (s *Service) rotate(ctx context.Context, id, token uuid.UUID) (User, family, error) {
	now := s.now()
	f, u := family{id: id}, User{}
	row := s.pool.QueryRow(ctx, rotateFamily, id, token, uuid.New(), refreshExpiry(now), now, now.Add(-reuseGrace))
	if err := row.Scan(append([]any{&f.live, &f.expiresAt}, u.columns()...)...); err != nil {
		return User{}, family{}, err
	}
	return u.inUTC(), f, nil
}

const deleteFamily = `DELETE FROM refresh_families WHERE id = $1`

// punish ends the family of a token that was used up and tells why the token
// is refused. A thief who hangs up does not keep the family alive.
func (s *Service) punish(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeTimeout)
	defer cancel()
	tag, err := s.pool.Exec(ctx, deleteFamily, id)
	if err != nil {
		return fmt.Errorf("revoke family %s: %w", id, err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: family %s is over", ErrInvalidToken, id)
	}
	return fmt.Errorf("%w: %w: family %s revoked", ErrInvalidToken, ErrTokenReused, id)
}
