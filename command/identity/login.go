package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"
)

// LogIn proves an account by its password and opens a session: a new family
// of refresh tokens. Sessions opened before go on.
//
// It returns ErrInvalidCredentials, ErrBusy, or *AttemptsError once the account
// has failed ten times within a minute on this node: then the right password
// is refused as well, and attempts under way count as failed. Whoever can
// reach the log-in can so lock an account out, for a minute at a time.
func (s *Service) LogIn(ctx context.Context, email, password string) (User, Tokens, error) {
	account, began := keyOf(email), s.now()
	if err := s.attempts.begin(account, began); err != nil {
		return User{}, Tokens{}, err
	}
	u, err := s.check(ctx, email, password)
	if !errors.Is(err, ErrInvalidCredentials) {
		s.attempts.forgive(account, began)
	}
	if err != nil {
		return User{}, Tokens{}, fmt.Errorf("log in: %w", err)
	}
	f := newFamily(s.now())
	if err := f.open(ctx, s.pool, u.ID, s.now()); err != nil {
		return User{}, Tokens{}, fmt.Errorf("log in user %s: %w", u.ID, err)
	}
	tokens, err := s.issue(u, f)
	return u, tokens, err
}

// check returns the user that e-mail address and password name. It does the
// same work, one look-up and one comparison, whether or not the account exists.
// The look-up is inside the gate too: log-ins hold no more connections than the
// gate has slots.
func (s *Service) check(ctx context.Context, email, password string) (u User, err error) {
	err = s.hash(ctx, func() error {
		var hash []byte
		var found bool
		if u, hash, found, err = s.byEmail(ctx, strings.TrimSpace(email)); err != nil {
			return err
		}
		if !found || !hashable(password) {
			hash = s.decoy
		}
		err = s.compare(ctx, hash, []byte(password))
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return ErrInvalidCredentials
		}
		return err
	})
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// decoyHash is what a password is compared with when there is nothing to
// compare it with: a well-formed hash that is all zeros, of which no password
// is known.
func decoyHash(cost int) []byte {
	return fmt.Appendf(nil, "$2a$%02d$%s", cost, strings.Repeat(".", 53))
}

const userByEmail = `
SELECT id, email, name, role, created_at, password_hash
FROM users
WHERE lower(email) = lower($1)`

// byEmail finds the account with this address, in any case of its letters.
func (s *Service) byEmail(ctx context.Context, email string) (u User, hash []byte, found bool, err error) {
	if emailProblem(email) != "" {
		return User{}, nil, false, nil
	}
	err = s.pool.QueryRow(ctx, userByEmail, email).Scan(append(u.columns(), &hash)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, nil, false, nil
	}
	if err != nil {
		return User{}, nil, false, fmt.Errorf("read user by e-mail: %w", err)
	}
	return u.inUTC(), hash, true, nil
}
