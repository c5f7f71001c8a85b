package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Register makes an account with RoleUser and logs it in.
//
// It returns *FieldError (several through errors.Join), ErrEmailTaken or
// ErrBusy. After any other error the account may exist.
func (s *Service) Register(ctx context.Context, r Registration) (User, Tokens, error) {
	r, err := r.cleaned()
	if err != nil {
		return User{}, Tokens{}, err
	}
	u, hash, err := s.prepare(ctx, r, RoleUser)
	if err != nil {
		return User{}, Tokens{}, fmt.Errorf("register: %w", err)
	}
	f := newFamily(s.now())
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		added, err := addUser(ctx, tx, u, hash)
		if err != nil {
			return err
		}
		if !added {
			return ErrEmailTaken
		}
		return f.open(ctx, tx, u.ID, s.now())
	})
	if err != nil {
		return User{}, Tokens{}, fmt.Errorf("register user %s: %w", u.ID, err)
	}
	tokens, err := s.issue(u, f)
	return u, tokens, err
}

// Ensure makes the account when nobody has its e-mail address, and leaves an
// account that is there as it is: password, name and role too. created tells
// which. It is for seeding, and safe on many nodes at once.
func (s *Service) Ensure(ctx context.Context, r Registration, role Role) (u User, created bool, err error) {
	if r, err = r.cleaned(); err != nil {
		return User{}, false, err
	}
	if !role.known() {
		return User{}, false, &FieldError{"role", "must be user or admin"}
	}
	u, _, found, err := s.byEmail(ctx, r.Email)
	if err != nil || found {
		return u, false, err
	}
	u, hash, err := s.prepare(ctx, r, role)
	if err != nil {
		return User{}, false, fmt.Errorf("ensure user: %w", err)
	}
	if created, err = addUser(ctx, s.pool, u, hash); err != nil {
		return User{}, false, fmt.Errorf("ensure user %s: %w", u.ID, err)
	}
	if !created {
		u, _, _, err = s.byEmail(ctx, r.Email)
	}
	return u, created, err
}

// prepare makes a new user of r and hashes the password, inside the gate.
func (s *Service) prepare(ctx context.Context, r Registration, role Role) (u User, hash []byte, err error) {
	err = s.hash(ctx, func() error {
		hash, err = hashPassword(ctx, []byte(r.Password), s.cost)
		return err
	})
	if err != nil {
		return User{}, nil, fmt.Errorf("hash password: %w", err)
	}
	return User{
		ID:        uuid.Must(uuid.NewV7()),
		Email:     r.Email,
		Name:      r.Name,
		Role:      role,
		CreatedAt: s.now().UTC().Truncate(time.Microsecond),
	}, hash, nil
}

// A conflict is not left to become an error: the server would log the address.
const insertUser = `
INSERT INTO users (id, email, name, role, password_hash, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $6)
ON CONFLICT (lower(email)) DO NOTHING`

// addUser tells whether the user was added; if not, the address is taken.
func addUser(ctx context.Context, db execer, u User, hash []byte) (bool, error) {
	tag, err := db.Exec(ctx, insertUser, u.ID, u.Email, u.Name, u.Role, string(hash), u.CreatedAt)
	if err != nil {
		return false, fmt.Errorf("insert user: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}
